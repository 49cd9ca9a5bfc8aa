import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Kinds, Page, RecordMap } from './index.ts'

/**
 * What every engine does with a change before it reaches its tables: the checks that the types cannot make
 * for a caller in plain JavaScript, and the one serialisation of the value. Faults here are bugs of the
 * caller, so they are thrown, as TypeErrors, before anything is written.
 */
export interface Row {
  readonly json: string
  readonly expiresAt: EpochSeconds | null
  /** One per declared index, in the descriptor's order; null is "not in this index". */
  readonly indexed: readonly (string | null)[]
}

/** A descriptor as an engine sees it: the names of its indexes, without the type that they are members of. */
export interface Descriptor {
  readonly indexes: readonly string[]
  readonly expires: boolean
}

/** Becomes the name of a table or column: no quoting rule of any engine is put to the test. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,47}$/

export const MAX_ID_LENGTH = 512
/** Characters of an indexed member: what the index pages of every SQL engine hold. */
export const MAX_INDEXED_LENGTH = 512
export const MAX_PAGE_LIMIT = 1000

/** Names of SQL engines are case-insensitive: `Grant` and `grant` would be one table. */
export function checkKinds<R extends RecordMap>(kinds: Kinds<R>): void {
  checkNames('kind', Object.keys(kinds))
  for (const kind of Object.keys(kinds)) checkNames(`index of ${kind}`, descriptorOf(kinds, kind).indexes)
}

function checkNames(what: string, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (!NAME.test(name)) throw new TypeError(`the ${what} ${shown(name)} must be a letter and then at most 47 letters, digits, "_" or "-"`)
    if (seen.has(name.toLowerCase())) throw new TypeError(`the ${what} ${shown(name)} is declared twice (case does not tell names apart)`)
    seen.add(name.toLowerCase())
  }
}

/** @throws {TypeError} when the store was opened without this kind */
export function descriptorOf<R extends RecordMap>(kinds: Kinds<R>, kind: string): Descriptor {
  if (!Object.hasOwn(kinds, kind)) throw new TypeError(`the store was opened without the kind ${shown(kind)}`)
  return kinds[kind] as unknown as Descriptor
}

/** The place of an index among the descriptor's. @throws {TypeError} when the kind does not declare it */
export function indexOf(descriptor: Descriptor, kind: string, index: string): number {
  const place = descriptor.indexes.indexOf(index)
  if (place === -1) throw new TypeError(`the kind ${kind} declares no index ${shown(index)}`)
  return place
}

export function checkId(kind: string, id: string): void {
  if (typeof id !== 'string' || id.length === 0 || id.length > MAX_ID_LENGTH)
    throw new TypeError(`an id of ${kind} must be 1 to ${MAX_ID_LENGTH} characters`)
  checkText(`an id of ${kind}`, id)
}

export function checkIndexed(kind: string, index: string, value: string): void {
  if (typeof value !== 'string' || value.length > MAX_INDEXED_LENGTH)
    throw new TypeError(`${index} of ${kind} is indexed and must be text of at most ${MAX_INDEXED_LENGTH} characters`)
  checkText(`${index} of ${kind}`, value)
}

/**
 * Half a surrogate pair becomes U+FFFD in UTF-8, so that two ids would be one; PostgreSQL's text has no
 * U+0000. No standard's identifier contains either.
 */
function checkText(what: string, text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) throw new TypeError(`${what} must be well-formed text without U+0000`)
}

export function checkVersion(kind: string, expected: number): void {
  if (!Number.isSafeInteger(expected) || expected < 1)
    throw new TypeError(`the expected version of a ${kind} must be a whole number from 1 on`)
}

export function checkPage(page: Page): void {
  if (!Number.isInteger(page.limit) || page.limit < 1 || page.limit > MAX_PAGE_LIMIT)
    throw new TypeError(`the limit of a page must be 1 to ${MAX_PAGE_LIMIT}`)
  if (page.after !== undefined) checkText('after', page.after)
}

/** Serialises a value once. @throws {TypeError} for what no engine could keep */
export function rowOf(descriptor: Descriptor, kind: string, value: object, expiresAt: EpochSeconds | undefined): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`the value of a ${kind} must be an object`)
  if (expiresAt !== undefined) {
    if (!descriptor.expires) throw new TypeError(`the kind ${kind} does not expire: its records take no expiresAt`)
    if (!Number.isSafeInteger(expiresAt)) throw new TypeError(`expiresAt of a ${kind} must be whole seconds`)
  }
  const indexed: (string | null)[] = []
  for (const index of descriptor.indexes) {
    const member = (value as Readonly<Record<string, unknown>>)[index]
    if (member === undefined) indexed.push(null)
    else {
      checkIndexed(kind, index, member as string)
      indexed.push(member as string)
    }
  }
  return { json: JSON.stringify(value), expiresAt: expiresAt ?? null, indexed }
}

function shown(name: string): string {
  return JSON.stringify(String(name).slice(0, 80))
}
