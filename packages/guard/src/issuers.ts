import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type Finding, type Witness, witnessed } from '@holdfast/protocol/witness'
import { parseJws } from '@holdfast/proof'
import { type AskingParts, Introspection, IntrospectionUnavailable, isJwt } from './introspection.ts'
import { IssuerKeys, KeysUnavailable } from './keys.ts'
import type { Access } from './need.ts'
import type { TrustedIssuer } from './options.ts'
import { AccessTokens, MAX_LENGTH } from './token.ts'
import { foreign, invalid, type TokenRules } from './token-checks.ts'

type Found = Access | OAuthError | Promise<Access | OAuthError>

/** Where several issuers are trusted, these choose among them. */
const TRUSTED_ISSUER = { about: 'access token', check: 'trusted iss', rule: 'TOK-12' }
const ISSUER_TO_ASK = { about: 'access token', check: 'issuer to ask', rule: 'TOK-12' }
const NOBODY_TO_ASK = 'the access token is not a compact JWS, and no issuer is asked about such as it'

interface Issuer {
  readonly name: string
  readonly tokens: AccessTokens
  readonly introspection: Introspection | undefined
  /** How its opaque tokens begin. */
  readonly prefix: string | undefined
}

/**
 * Finds the issuer of a token, and has it checked by that issuer's keys or answers alone. `iss` of a JWT is believed only so
 * far as to choose whose keys must verify it: what one issuer signs in the name of another fails there.
 */
export class Issuers {
  readonly names: readonly string[]
  readonly #all: readonly Issuer[]
  readonly #only: Issuer | undefined
  /** By prefix, the longest first. */
  readonly #asked: readonly (readonly [string, readonly Introspection[]])[]

  /** @throws TypeError several issuers are asked about opaque tokens, and it is not said whose are whose */
  constructor(trusted: readonly TrustedIssuer[], rules: Omit<TokenRules, 'issuer'>, parts: Omit<AskingParts, 'keys'>) {
    this.#all = trusted.map((one) => issuerOf(one, rules, parts))
    this.names = this.#all.map(({ name }) => name)
    this.#only = this.#all.length === 1 ? this.#all[0] : undefined
    this.#asked = byPrefix(this.#all)
  }

  check(token: string, witness?: Witness): Found {
    if (this.#only !== undefined) return checkBy(this.#only, token, witness)
    // A token seen before was verified by its issuer: nothing is parsed for it. A witness would not hear of what was checked then.
    const known = witness === undefined ? this.#all.find(({ tokens }) => tokens.knows(token)) : undefined
    if (known !== undefined) return known.tokens.check(token)
    if (!isJwt(token)) return this.#opaque(token, witness)
    const iss = parseJws(token, { maxLength: MAX_LENGTH })?.payload['iss']
    const issuer = this.#all.find(({ name }) => name === iss)
    const stranger = witnessed(witness, TRUSTED_ISSUER, issuer === undefined ? foreign(iss, this.names) : undefined)
    return issuer === undefined ? (stranger as OAuthError) : checkBy(issuer, token, witness)
  }

  #opaque(token: string, witness: Witness | undefined): Found {
    const [, asked = []] = this.#asked.find(([prefix]) => token.startsWith(prefix)) ?? []
    const [first, ...others] = asked
    const unknown = witnessed(witness, ISSUER_TO_ASK, first === undefined ? invalid(NOBODY_TO_ASK) : undefined)
    if (first === undefined) return unknown as OAuthError
    return others.length === 0 ? first.check(token, witness) : inOrder(asked, token, witness)
  }
}

function issuerOf(trusted: TrustedIssuer, common: Omit<TokenRules, 'issuer'>, parts: Omit<AskingParts, 'keys'>): Issuer {
  const { issuer: name, jwksUri, introspection } = trusted
  const rules = { ...common, issuer: name }
  const keys = new IssuerKeys(name, jwksUri, parts.fetcher, parts.clock)
  return {
    name,
    tokens: new AccessTokens(rules, keys, parts.verify, parts.clock),
    introspection: introspection && new Introspection(introspection, rules, { ...parts, keys }),
    prefix: introspection?.tokenPrefix,
  }
}

/** A token is shown to one issuer, and another's must not be: who sees a bearer token can use it. */
function byPrefix(all: readonly Issuer[]): readonly (readonly [string, readonly Introspection[]])[] {
  const asked = all.flatMap(({ introspection, prefix }) => (introspection === undefined ? [] : [{ introspection, prefix }]))
  if (asked.length > 1 && asked.some(({ prefix }) => prefix === undefined))
    throw new TypeError('several issuers are asked about opaque tokens: introspection.tokenPrefix says which are whose')
  const groups = Map.groupBy(asked, ({ prefix = '' }) => prefix)
  return [...groups]
    .map(([prefix, group]) => [prefix, group.map(({ introspection }) => introspection)] as const)
    .sort(([one], [other]) => other.length - one.length)
}

function checkBy({ introspection, tokens }: Issuer, token: string, witness: Witness | undefined): Found {
  return introspection?.takes(token) === true ? introspection.check(token, witness) : tokens.check(token, witness)
}

/** The first that knows the token. One that cannot be asked might have known it: then a no of the others is not the last word. */
async function inOrder(asked: readonly Introspection[], token: string, witness: Witness | undefined): Promise<Access | OAuthError> {
  let answer: OAuthError | undefined
  let fault: Error | undefined
  // That an issuer does not know another's token is no refusal of it: a witness hears of the answer that counts.
  let heard: Finding[] = []
  for (const introspection of asked) {
    try {
      const now: Finding[] = []
      const found = await introspection.check(token, witness && ((finding) => now.push(finding)))
      heard = now
      if (!(found instanceof OAuthError)) return told(found, heard, witness)
      answer = found
    } catch (cause) {
      if (!(cause instanceof IntrospectionUnavailable || cause instanceof KeysUnavailable)) throw cause
      fault = cause
    }
  }
  if (fault !== undefined || answer === undefined) throw fault ?? new Error('nobody was asked')
  return told(answer, heard, witness)
}

function told<Answer>(answer: Answer, heard: readonly Finding[], witness: Witness | undefined): Answer {
  if (witness !== undefined) for (const finding of heard) witness(finding)
  return answer
}
