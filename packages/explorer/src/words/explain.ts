import type { Place } from '../dissect/parameters.ts'
import { ANSWERS, KEY_MEMBERS } from './answers.ts'
import type { TokenKind } from '../paste/kind.ts'
import { CLAIMS_BY_KIND } from './claims-by-kind.ts'
import { CLAIMS, HEADERS, JOSE } from './claims.ts'
import { ENDINGS, METADATA } from './metadata.ts'
import { PARAMETERS, type Words } from './parameters.ts'

/** Where a name stands: in a message, in a JWT's header or payload, or in a key. */
export type WordPlace = Place | 'jose' | 'claim' | 'key'

export interface Explanation {
  readonly text: string
  /** Such as `RFC 9449 §4.2`. */
  readonly section: string
}

/** Where to look, in order. A request object has parameters as its claims, and JSON may be metadata or an error. */
const TABLES: Readonly<Record<WordPlace, readonly Words[]>> = {
  header: [HEADERS],
  query: [PARAMETERS],
  fragment: [PARAMETERS],
  form: [PARAMETERS],
  json: [ANSWERS, METADATA, PARAMETERS],
  jose: [JOSE],
  claim: [CLAIMS, PARAMETERS],
  key: [KEY_MEMBERS],
}

/**
 * One line about a name, for somebody who never read an RFC; undefined for a name that no standard here has.
 *
 * @param kind of the JWT in which a claim stands: `iat` of a proof is another promise than `iat` of a token
 */
export function explain(place: WordPlace, name: string, kind?: TokenKind): Explanation | undefined {
  const known = place === 'header' ? name.toLowerCase() : name
  const own = place === 'claim' && kind !== undefined ? CLAIMS_BY_KIND[kind] : undefined
  for (const table of own === undefined ? TABLES[place] : [own, ...TABLES[place]]) {
    const words = Object.hasOwn(table, known) ? table[known] : undefined
    if (words !== undefined) return { text: words[0], section: words[1] }
  }
  const ending = place === 'json' ? ENDINGS.find(([end]) => name.endsWith(end)) : undefined
  return ending === undefined ? undefined : { text: ending[1], section: ending[2] }
}
