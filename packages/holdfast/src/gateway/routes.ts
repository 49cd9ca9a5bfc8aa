import { looseReadings, pathFault } from '@holdfast/protocol/forwarding'
import type { Need } from '@holdfast/guard'
import type { Entry, Route } from './configuration.ts'

/** What a path and a method lead to. */
export type Found =
  | { readonly kind: 'entry'; readonly entry: Entry }
  /** The upstream might take it for another path than the one that was looked up. */
  | { readonly kind: 'ambiguous'; readonly reason: string }
  /** Rows of this path name methods, and not this one. */
  | { readonly kind: 'method'; readonly allow: string }

/** Finds the row of a request, and refuses what the API behind might look up under another one. */
export class Routes {
  readonly #rows: ReadonlyMap<string, readonly Route[]>
  readonly #lower: ReadonlySet<string>
  readonly #standard: Need
  /** The length of the longest row. */
  readonly #most: number

  constructor(routes: readonly Route[], standard: Need) {
    this.#rows = Map.groupBy(routes, (route) => route.path)
    this.#lower = new Set(routes.map((route) => route.path.toLowerCase()))
    this.#standard = standard
    this.#most = Math.max(0, ...routes.map((route) => route.path.length))
  }

  /** @param path as received */
  find(path: string, method: string): Found {
    const reason = pathFault(path)
    if (reason !== undefined) return { kind: 'ambiguous', reason }
    const row = longest(path, this.#rows, this.#most)
    // Servers differ in what they make of letter case, parameters and endings. Where such a reading leads to a row of its own,
    // the one that the path leads to must not speak for it.
    const strict = row.toLowerCase()
    for (const reading of looseReadings(path)) {
      const other = longest(reading, this.#lower, this.#most)
      if (other !== '' && !isAtOrBelow(strict, other))
        return { kind: 'ambiguous', reason: 'the path can be read as one that has a rule of its own' }
    }
    const rows = this.#rows.get(row) ?? []
    if (rows.length === 0) return { kind: 'entry', entry: this.#standard }
    const rowOf = (one: string): Route | undefined => rows.find(({ methods }) => methods === undefined || methods.includes(one))
    const found = rowOf(method) ?? (method === 'HEAD' ? rowOf('GET') : undefined)
    return found === undefined ? { kind: 'method', allow: allowOf(rows) } : { kind: 'entry', entry: found.access }
  }
}

/** The longest row that a path is at or below; empty when there is none. What is longer than any row is not looked up: a stranger may send thousands of segments. */
function longest(path: string, rows: { has(path: string): boolean }, most: number): string {
  let at = path.length > most ? path.slice(0, Math.max(0, path.lastIndexOf('/', most))) : path.endsWith('/') ? path.slice(0, -1) : path
  for (; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (rows.has(at)) return at
  return rows.has('/') ? '/' : ''
}

function isAtOrBelow(path: string, above: string): boolean {
  return above === '/' ? path !== '' : path === above || path.startsWith(`${above}/`)
}

function allowOf(rows: readonly Route[]): string {
  const methods = new Set(rows.flatMap((row) => row.methods ?? []))
  if (methods.has('GET')) methods.add('HEAD')
  return [...methods].join(', ')
}
