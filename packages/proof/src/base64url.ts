const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const INVALID = 255
const VALUES: Uint8Array = new Uint8Array(128).fill(INVALID)
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i

/**
 * Base64url without padding (RFC 7515 §2), strictly: no padding, no white space, no other alphabet, and no
 * bits left over. One sequence of bytes has exactly one text, so a proof or a token cannot be respelled.
 *
 * @returns undefined when the text is not base64url
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const rest = text.length & 3
  if (rest === 1) return undefined
  const bytes = new Uint8Array((text.length * 3) >> 2)
  let held = 0
  let bits = 0
  let written = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const value = code < 128 ? (VALUES[code] as number) : INVALID
    if (value === INVALID) return undefined
    held = ((held << 6) | value) & 0xfff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[written++] = held >> bits
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined
}

export function encodeBase64url(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0x3fff
    bits += 8
    while (bits >= 6) {
      bits -= 6
      text += ALPHABET[(held >> bits) & 63]
    }
  }
  return bits === 0 ? text : text + ALPHABET[(held << (6 - bits)) & 63]
}
