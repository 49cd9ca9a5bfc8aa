/** What may stay beside `private`; what speaks to caches that people share does not. */
const KEPT: ReadonlySet<string> = new Set([
  'immutable',
  'max-age',
  'must-revalidate',
  'must-understand',
  'no-cache',
  'no-store',
  'no-transform',
  'stale-if-error',
  'stale-while-revalidate',
])
const DIRECTIVE = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:=("(?:[^"\\]|\\[^])*"|[^",\s]*))?/g

/**
 * An answer to one session is never one for others (BFF-47): what the API says of shared caches is dropped, and where it says
 * nothing nobody keeps the answer. A `private` with names of fields would hold for those fields alone (RFC 9111 §5.2.2.7).
 */
export function privately(cacheControl: string | null): string {
  const said = [...(cacheControl ?? '').matchAll(DIRECTIVE)].map(([text, name = '']) => ({ text, name: name.toLowerCase() }))
  const kept = said.filter(({ name }) => KEPT.has(name)).map(({ text }) => text)
  if (said.length === 0 || said.some(({ name }) => name === 'no-store')) return 'no-store'
  return ['private', ...kept].join(', ')
}

/** Another session in the same browser, after signing out, is another key of its cache (RFC 9111 §4.1). */
export function varyByCookie(vary: string | null): string {
  const names = (vary ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.includes('*')) return '*'
  return names.some((name) => name.toLowerCase() === 'cookie') ? names.join(', ') : [...names, 'cookie'].join(', ')
}
