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
  /** The thumbprint that stands there: another than the thread's, and the binding is broken here. */
  readonly value: string
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
  const tie = (jkt: string, knot: Knot): void => void threads.set(jkt, [...(threads.get(jkt) ?? []), knot])
  for (const exchange of exchanges) {
    const knots = await knotsOf(exchange)
    const shown = knots.find(({ of, kind }) => of === 'request' && kind === 'cnf.jkt')
    for (const knot of knots) {
      tie(knot.value, knot)
      // A proof beside a token that is bound to another key: the token's thread is cut here.
      if (shown !== undefined && knot.kind === 'jwk' && knot.value !== shown.value)
        tie(shown.value, { ...knot, say: 'The proof is signed with another key than the token’s.' })
    }
  }
  return [...threads].map(([jkt, knots]) => ({
    jkt,
    knots,
    whole: knots.some(({ kind, value }) => kind === 'jwk' && value === jkt) && knots.some(({ kind }) => kind === 'cnf.jkt'),
  }))
}

/** Every place of an exchange that has a key or names one. */
async function knotsOf(exchange: Exchange): Promise<readonly Knot[]> {
  const knots: Knot[] = []
  const note = (where: Pick<Knot, 'of' | 'name'>, kind: Knot['kind'], say: string, value: string | undefined): void => {
    if (value !== undefined) knots.push({ exchange: exchange.id, of: where.of, name: where.name, kind, say, value })
  }
  for (const parameter of parametersIn(exchange))
    if (parameter.name === 'dpop_jkt') note(parameter, 'dpop_jkt', 'The code is promised to this key.', parameter.value)
  for (const found of jwtsIn(exchange)) {
    note(found, 'jwk', 'The proof is signed with this key.', await keyOfProof(found))
    note(found, 'cnf.jkt', 'The token is worth nothing without this key.', boundTo(found))
  }
  return knots
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
