import type { HttpRequest } from '@holdfast/protocol/http'
import { clearCookie, type CookieSettings, cookiesOf, setCookie } from '../cookies.ts'

/** RFC 6265 §6.1: browsers take 4096 bytes of a cookie, name and attributes included. */
const CHUNK = 3800
/** Servers take some 16 kB of headers in all. */
const MOST = 3

/**
 * A text that is longer than one cookie. The first holds it, or `~` and the number of cookies that do: `name-1`, `name-2` …
 * Pieces of different times do not fit together: the text as a whole is authenticated.
 */
export function readChunks(request: HttpRequest, { name }: CookieSettings): string | undefined {
  const cookies = cookiesOf(request)
  const first = cookies.get(name)
  if (first === undefined || !first.startsWith('~')) return first
  const count = Number(first.slice(1))
  if (!Number.isInteger(count) || count < 1 || count > MOST) return undefined
  return numbers(count)
    .map((i) => cookies.get(`${name}-${i}`) ?? '')
    .join('')
}

/** @returns the cookies to set, those of an earlier and longer text cleared; undefined when it is too long */
export function writeChunks(settings: CookieSettings, text: string, present: readonly string[]): readonly string[] | undefined {
  const { name, sameSite } = settings
  const pieces = text.length <= CHUNK ? [] : (text.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? [])
  if (pieces.length > MOST) return undefined
  const first = pieces.length === 0 ? text : `~${pieces.length}`
  return [
    setCookie(settings, name, first, sameSite),
    ...pieces.map((piece, i) => setCookie(settings, `${name}-${i + 1}`, piece, sameSite)),
    ...present.filter((one) => one !== name && !pieces.some((_, i) => one === `${name}-${i + 1}`)).map((one) => clearCookie(settings, one)),
  ]
}

/** The names of a session's cookies that a browser sent. */
export function chunkNames(request: HttpRequest, { name }: CookieSettings): readonly string[] {
  const cookies = cookiesOf(request)
  return [name, ...numbers(MOST).map((i) => `${name}-${i}`)].filter((one) => cookies.has(one))
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}
