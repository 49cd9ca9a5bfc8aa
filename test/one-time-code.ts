import { createHmac } from 'node:crypto'

/** The secret of RFC 4226 App. D and RFC 6238 App. B, as an authenticator app is given it. */
export const TOTP_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

/** RFC 4226 §5.3, by hand: the secret above is this text. */
export function codeAt(now: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30)))
  const mac = createHmac('sha1', '12345678901234567890').update(counter).digest()
  const offset = (mac[19] as number) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
