import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { TotpRecord } from './records.ts'

/** One of the server's master secrets; the first seals what is new. */
export interface SealingSecret {
  readonly id: string
  /** At least 32 bytes. */
  readonly value: Uint8Array
}

/** RFC 6238 §4, as every authenticator app has it. */
const PERIOD = 30
const DIGITS = 6
/** Steps to either side of now: clocks differ, and people type slowly (RFC 6238 §5.2). */
const WINDOW = 1

/** Shared secrets of one-time codes: whoever reads them makes codes, so the store has them sealed. */
export class TotpSecrets {
  readonly #secrets: readonly SealingSecret[]

  constructor(secrets: readonly SealingSecret[]) {
    this.#secrets = secrets
  }

  /** @throws {TypeError} there is nothing to seal with */
  seal(sub: string, secret: string): Pick<TotpRecord, 'sealed' | 'secretId'> {
    const master = this.#secrets[0]
    if (master === undefined) throw new TypeError('accounts with one-time codes need the option secrets, to keep theirs sealed')
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', keyOf(master), nonce)
    cipher.setAAD(Buffer.from(sub))
    const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
    return { sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url'), secretId: master.id }
  }

  /** @returns undefined when the master secret was retired, or the record is another person's */
  open(sub: string, { sealed, secretId }: Pick<TotpRecord, 'sealed' | 'secretId'>): string | undefined {
    const master = this.#secrets.find(({ id }) => id === secretId)
    const bytes = Buffer.from(sealed, 'base64url')
    if (master === undefined || bytes.length < 28) return undefined
    const decipher = createDecipheriv('aes-256-gcm', keyOf(master), bytes.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(sub))
    decipher.setAuthTag(bytes.subarray(12, 28))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  }
}

function keyOf({ value }: SealingSecret): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', value, 'holdfast', 'accounts-totp', 32))
}

/** 160 bits, as RFC 4226 §4 R6 recommends, in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32
}

/** What authenticator apps read from a QR code. SHA-1, six digits and 30 s: several apps ignore it when it says otherwise. */
export function totpUri(secret: string, issuer: string, label: string): string {
  // A colon parts the two: with one inside, an app would show a name that is neither.
  const [before, after] = [issuer, label].map((text) => text.replaceAll(/\s*:\s*/g, ' ').trim())
  return new TOTP({ issuer: before, label: after, secret, algorithm: 'SHA1', digits: DIGITS, period: PERIOD }).toString()
}

/** @returns the time step that the code belongs to; undefined when it is none of now, a step ago or a step ahead */
export function stepOf(secret: string, code: string, now: EpochSeconds): number | undefined {
  const token = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const totp = new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: DIGITS, period: PERIOD })
  const delta = totp.validate({ token, timestamp: now * 1000, window: WINDOW })
  return delta === null ? undefined : Math.floor(now / PERIOD) + delta
}
