import { repeatedMember } from './repeated.ts'
import { type Bytes, fromBase64url, fromUtf8, jsonObject, type Members } from '../encoding.ts'

/** A part that should be a JSON object. */
export interface JsonPart {
  /** As it stands in the text. */
  readonly encoded: string
  /** What the base64url says, whether JSON or not. */
  readonly json: string | undefined
  readonly members: Members | undefined
}

export interface TakenApart {
  readonly text: string
  /** JWS (RFC 7515), JWE (RFC 7516), or something else. */
  readonly kind: 'JWS' | 'JWE' | 'neither'
  readonly parts: readonly string[]
  readonly header: JsonPart
  /** Undefined where it is encrypted, or not there. */
  readonly payload: JsonPart | undefined
  /** What the signature is over: ASCII of header, dot, payload (RFC 7515 §5.1). */
  readonly signingInput: string | undefined
  readonly signature: Bytes | undefined
  /** What keeps it from being a right JWT, in sentences. */
  readonly wrong: readonly string[]
}

/** Takes a compact JWS or JWE apart. Never throws: what is not right is said in `wrong`. */
export function takeApart(text: string): TakenApart {
  const parts = text.split('.')
  const wrong: string[] = []
  const kind = parts.length === 3 ? 'JWS' : parts.length === 5 ? 'JWE' : 'neither'
  if (kind === 'neither') wrong.push(`It has ${counted(parts.length)}: a signed JWT has three parts between dots, an encrypted one five.`)
  const header = jsonPart(parts[0] ?? '', 'header', wrong)
  wrong.push(...notUnderstood(header.members))
  const payload = kind === 'JWS' ? jsonPart(parts[1] ?? '', 'payload', wrong) : undefined
  const signature = kind === 'JWS' ? fromBase64url(parts[2] ?? '') : undefined
  if (kind === 'JWS' && signature === undefined) wrong.push('The signature is not base64url.')
  if (kind === 'JWS' && signature?.length === 0) wrong.push('The signature is empty.')
  const signingInput = kind === 'JWS' ? `${parts[0]}.${parts[1]}` : undefined
  return { text, kind, parts, header, payload, signingInput, signature, wrong }
}

/** Whether a text is worth taking apart: a header that is an object with `alg`, and the right number of parts. */
export function looksLikeJwt(text: string): boolean {
  const parts = text.split('.')
  if (parts.length !== 3 && parts.length !== 5) return false
  const bytes = fromBase64url(parts[0] ?? '')
  return bytes !== undefined && jsonObject(fromUtf8(bytes))?.['alg'] !== undefined
}

function jsonPart(encoded: string, name: string, wrong: string[]): JsonPart {
  const bytes = fromBase64url(encoded)
  const json = bytes === undefined ? undefined : fromUtf8(bytes)
  const members = jsonObject(json)
  if (bytes === undefined) wrong.push(`The ${name} is not base64url: only letters, digits, - and _ may stand in it.`)
  else if (json === undefined) wrong.push(`The ${name} is not UTF-8.`)
  else if (members === undefined) wrong.push(`The ${name} is not a JSON object.`)
  const twice = members === undefined || json === undefined ? undefined : repeatedMember(json)
  if (twice !== undefined) wrong.push(`The ${name} has ${twice} twice: readers differ in which of the two counts (RFC 7515 §4).`)
  return { encoded, json, members }
}

/** RFC 7515 §4.1.11 and RFC 7797 §6: whoever does not know an extension that must be understood has to refuse. Nothing here knows one. */
function notUnderstood(header: Members | undefined): readonly string[] {
  if (header === undefined || (header['crit'] === undefined && header['b64'] === undefined)) return []
  return header['crit'] === undefined
    ? ['b64 stands in the header, and crit does not name it (RFC 7797 §6).']
    : [`crit asks for extensions that must be understood: ${JSON.stringify(header['crit'])}. Few receivers know any (RFC 7515 §4.1.11).`]
}

function counted(parts: number): string {
  return parts === 1 ? 'one part' : `${parts} parts`
}
