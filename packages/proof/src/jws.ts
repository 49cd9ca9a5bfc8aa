import { decodeBase64url } from './base64url.ts'

/** A JSON object as parsed: its members are not yet checked. Of a repeated name the last is taken (RFC 7515 §4). */
export type JsonObject = Readonly<Record<string, unknown>>

/** A compact JWS taken apart (RFC 7515 §7.1). Nothing is verified. */
export interface ParsedJws {
  readonly header: JsonObject
  readonly payload: JsonObject
  /** The first part as received: the same header of the same client is the same text. */
  readonly headerSegment: string
  /** The first two parts and the dot between them: ASCII, what the signature is over. */
  readonly signingInput: string
  readonly signature: Uint8Array<ArrayBuffer>
}

/** Why a text is not a JWS that we read. */
export type JwsFault = 'too_long' | 'malformed' | 'crit'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a compact JWS whose payload is a JSON object, as a JWT's is. A header with `crit` is refused: we know no
 * extension, and one that must be understood must not be ignored (RFC 7515 §4.1.11).
 *
 * @param limits.maxLength the most characters; time is linear in them
 * @returns undefined for anything else, whatever is wrong with it; never throws
 */
export function parseJws(text: string, limits: { readonly maxLength: number }): ParsedJws | undefined {
  const read = readJws(text, limits.maxLength)
  return typeof read === 'string' ? undefined : read
}

/** As `parseJws`, telling what is wrong. */
export function readJws(text: string, maxLength: number): ParsedJws | JwsFault {
  if (typeof text !== 'string') return 'malformed'
  if (text.length > maxLength) return 'too_long'
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  // A third dot ends up in the signature, and is not base64url.
  if (second === -1) return 'malformed'
  const headerSegment = text.slice(0, first)
  const header = parseObject(headerSegment)
  const payload = parseObject(text.slice(first + 1, second))
  const signature = decodeBase64url(text.slice(second + 1))
  if (header === undefined || payload === undefined || signature === undefined) return 'malformed'
  if (Object.hasOwn(header, 'crit')) return 'crit'
  return { header, payload, headerSegment, signingInput: text.slice(0, second), signature }
}

function parseObject(segment: string): JsonObject | undefined {
  const bytes = decodeBase64url(segment)
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
