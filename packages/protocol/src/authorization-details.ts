import { OAuthError } from './oauth-error.ts'

/** Plain JSON, as it came over the wire. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json }

/** One object of `authorization_details` (RFC 9396 §2): what its members mean is told by its type. */
export interface AuthorizationDetail {
  readonly type: string
  readonly [member: string]: Json
}

/** Objects of one request. */
const MAX_DETAILS = 20
/** Objects and arrays inside each other, the outer array included. */
const MAX_DEPTH = 8
/** Characters of one text and of one name. */
const MAX_TEXT = 1024
/** Bytes of all of them together, written compactly: they travel in access tokens, which must fit into a header. */
const MAX_BYTES = 4096

const utf8 = new TextEncoder()

/**
 * Reads `authorization_details` (RFC 9396 §2): a JSON array of objects, each with a text `type`. What readers of
 * JSON could understand in two ways is refused, since what a person is shown must be what an API acts on: a member
 * that is there twice, a number that cannot be held exactly, text that is not Unicode.
 *
 * @returns `invalid_authorization_details` for anything else, over 20 objects, over 8 levels, over 4096 bytes
 */
export function parseAuthorizationDetails(text: string): readonly AuthorizationDetail[] | OAuthError {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return invalid('authorization_details must be JSON (RFC 9396 §2)')
  }
  if (!Array.isArray(parsed)) return invalid('authorization_details must be a JSON array of objects (RFC 9396 §2)')
  if (parsed.length > MAX_DETAILS) return invalid(`authorization_details has more than ${MAX_DETAILS} objects`)
  const twice = repeatedMember(text)
  if (twice !== undefined) return invalid(`authorization_details has the member ${twice.slice(0, 64)} twice in one object`)
  for (const [index, detail] of (parsed as unknown[]).entries()) {
    const at = `authorization_details[${index}]`
    if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return invalid(`${at} must be an object (RFC 9396 §2)`)
    const { type } = detail as { readonly type?: unknown }
    if (typeof type !== 'string' || type === '') return invalid(`${at} must have a type, which is text (RFC 9396 §2)`)
    const fault = valueFault(detail, 2)
    if (fault !== undefined) return invalid(`${at} ${fault}`)
  }
  if (utf8.encode(JSON.stringify(parsed)).length > MAX_BYTES) return invalid(`authorization_details is larger than ${MAX_BYTES} bytes`)
  return parsed as AuthorizationDetail[]
}

/** By value; text by code points and never normalised (RFC 9396 §12). The order of members says nothing, that of elements does. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (isList(one) || isList(other)) {
    return isList(one) && isList(other) && one.length === other.length && one.every((item, index) => sameJson(item, other[index]))
  }
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && sameJson(one[name], other[name]))
}

/** `Array.isArray` does not know lists that cannot be written to. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function valueFault(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return textFault(value)
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
      ? undefined
      : 'has a number that cannot be held exactly: write it as text'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`
  for (const [name, member] of Object.entries(value)) {
    // Harmless here, but a copy made member by member would change what the object is.
    if (name === '__proto__') return 'has the member __proto__'
    const fault = textFault(name) ?? valueFault(member, depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

function textFault(text: string): string | undefined {
  if (text.length > MAX_TEXT) return `has a text of more than ${MAX_TEXT} characters`
  return text.isWellFormed() ? undefined : 'has text that is not Unicode'
}

/** A string of JSON, or one of its brackets: in valid JSON nothing else matters to the names of members. */
const LEXEMES = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g

/** The first name that one object has twice. `JSON.parse` keeps the last and says nothing; other readers keep the first. */
function repeatedMember(json: string): string | undefined {
  const open: Set<string>[] = []
  for (const [lexeme, colon] of json.matchAll(LEXEMES)) {
    if (lexeme === '{' || lexeme === '[') open.push(new Set())
    else if (lexeme === '}' || lexeme === ']') open.pop()
    else if (colon !== undefined) {
      const name = JSON.parse(lexeme.slice(0, lexeme.length - colon.length)) as string
      const names = open.at(-1)
      if (names?.has(name) === true) return name
      names?.add(name)
    }
  }
  return undefined
}

function invalid(description: string): OAuthError {
  return new OAuthError('invalid_authorization_details', description, { rule: 'RAR-01' })
}
