/** `npm run code`: what the demo person's authenticator app would show now (RFC 6238). */
import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

export function codeAt(seconds: number, secret: string): string {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)))
  const hash = createHmac('sha1', key).update(step).digest()
  const number = hash.readUInt32BE((hash.at(-1) ?? 0) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

if (import.meta.main) {
  const file = '.holdfast/demo.totp'
  if (existsSync(file)) console.log(codeAt(Date.now() / 1000, readFileSync(file, 'utf8')))
  else console.error('Start the application first: the demo person is made then.')
}
