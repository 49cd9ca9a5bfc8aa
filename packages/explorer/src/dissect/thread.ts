import { hashText, isMembers, type Members, textOf } from '../encoding.ts'
import type { Exchange } from '../model.ts'
import { type FoundJwt, jwtsIn, parametersIn } from './parameters.ts'
import { canonicalJwk } from './thumbprint.ts'

/** One place where the thread passes: a key, or the name of a key. */
export interface Knot {
  readonly exchange: string
  readonly of: 'request' | 'response'
  /** Where in the exchange. */
  readonly name: string
  readonly kind: 'jwk' | 'dpop_jkt' | 'cnf.jkt'
  readonly say: string
}

/** One key and everything that is tied to it, in the order in which it happened. */
export interface Thread {
  /** RFC 7638. */
  readonly jkt: string
  readonly knots: readonly Knot[]
  /** It leads from a proof to a token: proof and token belong together. */
  readonly whole: boolean
}

/** The binding as a thread from the key in the proofs over `jkt` to `cnf.jkt` of the tokens. A thief's key makes a thread of its own. */
export async function threadsOf(exchanges: readonly Exchange[]): Promise<readonly Thread[]> {
  const threads = new Map<string, Knot[]>()
  const tie = (jkt: string | undefined, knot: Knot): void => {
    if (jkt !== undefined) threads.set(jkt, [...(threads.get(jkt) ?? []), knot])
  }
  for (const exchange of exchanges) {
    for (const { of, name, value } of parametersIn(exchange))
      if (name === 'dpop_jkt') tie(value, { exchange: exchange.id, of, name, kind: 'dpop_jkt', say: 'The code is promised to this key.' })
    for (const found of jwtsIn(exchange)) {
      const { of, name } = found
      tie(await keyOfProof(found), { exchange: exchange.id, of, name, kind: 'jwk', say: 'The proof is signed with this key.' })
      tie(boundTo(found), { exchange: exchange.id, of, name, kind: 'cnf.jkt', say: 'The token is worth nothing without this key.' })
    }
  }
  return [...threads].map(([jkt, knots]) => ({
    jkt,
    knots,
    whole: knots.some(({ kind }) => kind === 'jwk') && knots.some(({ kind }) => kind === 'cnf.jkt'),
  }))
}

/** Of a proof alone: a `jwk` in another header says nothing about who holds a token. */
async function keyOfProof({ name, jwt }: FoundJwt): Promise<string | undefined> {
  const jwk = jwt.header.members?.['jwk']
  if (name.toLowerCase() !== 'dpop' || !isMembers(jwk)) return undefined
  const canonical = canonicalJwk(jwk)
  return canonical === undefined ? undefined : hashText(canonical)
}

function boundTo({ jwt }: FoundJwt): string | undefined {
  const cnf = jwt.payload?.members?.['cnf']
  return isMembers(cnf) ? textOf(cnf as Members, 'jkt') : undefined
}
