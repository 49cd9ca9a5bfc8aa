/** Bytes as the standards write them. By WebCrypto and `btoa`, so that a page and Node run the same lines. */
export type Bytes = Uint8Array<ArrayBuffer>

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

/** @returns undefined when the bytes are not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** RFC 7515 §2: base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Strict: another sign, padding, or bits that say nothing make it undefined, so that one value has one text. */
export function fromBase64url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (sign) => sign.charCodeAt(0))
  return toBase64url(bytes) === text ? bytes : undefined
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512'

export async function hashed(text: string, name: HashName = 'SHA-256'): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(name, utf8(text)))
}

/** `base64url(SHA-256(text))`: `ath`, `code_challenge` and the thumbprint are all this. */
export async function hashText(text: string): Promise<string> {
  return toBase64url(await hashed(text))
}

/** 256 random bits as 43 signs. */
export function newSecret(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(32)))
}

export type Members = Readonly<Record<string, unknown>>

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns undefined when the text is no JSON object */
export function jsonObject(text: string | undefined): Members | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isMembers(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The member, where it is a text. */
export function textOf(members: Members | undefined, name: string): string | undefined {
  const value = members?.[name]
  return typeof value === 'string' ? value : undefined
}
