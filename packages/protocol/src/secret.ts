import crypto, { createHash, randomFillSync, timingSafeEqual } from 'node:crypto'

/** Random bytes are drawn from a pool: one call to the system's generator serves some 128 secrets. */
const pool = Buffer.alloc(4096)
let used = pool.length

function randomBytes(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = pool.subarray(used, used + count)
  const taken = Buffer.from(bytes)
  bytes.fill(0)
  used += count
  return taken
}

/** 256 random bits as 43 base64url characters (OAuth 2.1 §7.7 asks for 160). */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const VALUES: ReadonlyMap<string, number> = new Map([...DIGITS].map((digit, value) => [digit, value]))

/**
 * A record id: 48 bits of milliseconds and 80 random bits as 26 characters that sort by time. It is a key
 * for the store, not a secret: random keys would cost the durable path more than twice as much.
 */
export function newRecordId(nowMilliseconds: number = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(nowMilliseconds, 0, 6)
  return recordIdOf(bytes)
}

/** 16 bytes as a record id: 26 digits of 5 bits, of which the last two bits are zero. */
export function recordIdOf(bytes: Uint8Array): string {
  let id = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      id += DIGITS[(held >> bits) & 31]
    }
  }
  return id + DIGITS[(held << (5 - bits)) & 31]
}

/** The 16 bytes of a record id. */
export function recordIdBytes(id: string): Uint8Array {
  const bytes = Buffer.alloc(16)
  let bits = 0
  let held = 0
  let at = 0
  for (const digit of id) {
    held = ((held << 5) | (VALUES.get(digit) ?? 0)) & 0xfff
    bits += 5
    if (bits >= 8 && at < 16) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
    }
  }
  return bytes
}

/** The last digit carries three bits of the id: with others in it, several texts would name one record. */
const RECORD_ID = /^[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$/
const SECRET = /^[A-Za-z0-9_-]{43}$/

/** What a client holds: a record's id and the record's secret, 69 characters. Codes, request URIs and session cookies are handles. */
export interface Handle {
  readonly id: string
  readonly secret: string
}

export function formatHandle(handle: Handle): string {
  return handle.id + handle.secret
}

/** @returns undefined when the text is no handle; the caller answers as for an unknown one */
export function parseHandle(text: string): Handle | undefined {
  if (text.length !== 69) return undefined
  const id = text.slice(0, 26)
  const secret = text.slice(26)
  return RECORD_ID.test(id) && SECRET.test(secret) ? { id, secret } : undefined
}

/** What a record keeps of a secret: SHA-256, 43 base64url characters. A 256-bit secret needs no salt. */
export function secretHash(secret: string): string {
  // One call instead of an object for each hash, where Node has it.
  return typeof crypto.hash === 'function'
    ? crypto.hash('sha256', secret, 'base64url')
    : createHash('sha256').update(secret).digest('base64url')
}

/** Compares without telling by time where two texts differ. */
export function equalSecrets(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

const NO_HASH = secretHash('no secret has this hash')

/** An absent record is compared like a present one, so that time does not tell which ids exist. */
export function secretMatches(secret: string, hash: string | undefined): boolean {
  const equal = equalSecrets(secretHash(secret), hash ?? NO_HASH)
  return equal && hash !== undefined
}
