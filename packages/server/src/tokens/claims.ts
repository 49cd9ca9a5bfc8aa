import { type Json, sameJson } from '@holdfast/protocol/authorization-details'
import type { Client } from '../config/client.ts'

/** OpenID Connect Core §5.4: which claims a scope opens. */
const CLAIMS_OF: Readonly<Record<string, readonly string[]>> = {
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
}
const SCOPE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(CLAIMS_OF).flatMap(([scope, names]) => names.map((name): [string, string] => [name, scope])),
)

/** What the server itself says in ID tokens, and in answers of userinfo: no account and no request has a say in it. */
const PROTOCOL_CLAIMS: readonly string[] = ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'at_hash', 'sid']
/** Of other tokens and of extensions: a claim of that name would be taken for one of ours. */
const RESERVED: ReadonlySet<string> = new Set([
  ...PROTOCOL_CLAIMS,
  'nbf',
  'jti',
  'azp',
  'c_hash',
  's_hash',
  'cnf',
  'act',
  'may_act',
  'client_id',
  'scope',
  'events',
  'authorization_details',
  '_claim_names',
  '_claim_sources',
])

/** A name that no standard has comes from whoever made the link, and is shown to a person: a word or a URL, and no sentence. */
const WORD = /^[A-Za-z0-9_.:/-]+(?:#[A-Za-z0-9-]+)?$/

/** Core §5.5.1, as it was asked: see `ClaimRequest` of the authorization request. */
interface Wanted {
  readonly values: readonly Json[] | undefined
}
type Asked = Readonly<Record<string, Wanted>>
type Claims = Readonly<Record<string, unknown>>

const NOTHING: Asked = {}

/** OpenID Connect Discovery §3. */
export const CLAIMS_SUPPORTED: readonly string[] = [...PROTOCOL_CLAIMS, ...SCOPE_OF.keys()]

export function isProtocolClaim(name: string): boolean {
  return RESERVED.has(name) || name.startsWith('holdfast_')
}

/** The scope that opens a claim; undefined for one that no standard names. A language of it (`name#ja`) is the same claim. */
export function scopeOfClaim(name: string): string | undefined {
  return SCOPE_OF.get(name.replace(/#.*$/, ''))
}

/**
 * Whether a client may ask for a claim by its name: one of a scope that it is registered for, and any other one only when an
 * operator created it (docs/decisions/0012).
 */
export function mayHaveClaim({ origin, scopes }: Pick<Client, 'origin' | 'scopes'>, name: string): boolean {
  if (isProtocolClaim(name) || !WORD.test(name)) return false
  const scope = scopeOfClaim(name)
  return scope === undefined ? origin === 'operator' : scopes.includes(scope)
}

/** What scopes open (Core §5.4), and what was asked by name; a claim that is another than the one asked for is left out (OIDC-49). */
export function claimsFor(client: Client, account: Claims, scopes: readonly string[], asked: Asked = NOTHING): Claims {
  const found: Record<string, unknown> = {}
  for (const scope of scopes) {
    for (const name of CLAIMS_OF[scope] ?? []) {
      const value = account[name]
      if (value !== undefined && value !== null && (!Object.hasOwn(asked, name) || fits(value, asked[name]))) found[name] = value
    }
  }
  return asked === NOTHING ? found : { ...found, ...askedClaims(client, account, asked) }
}

/** Of the claims that were asked for by name, those that the account has and the client may (still) have. */
export function askedClaims(client: Client, account: Claims, asked: Asked): Claims {
  return Object.fromEntries(
    Object.entries(asked).flatMap(([name, wanted]) => {
      const value = Object.hasOwn(account, name) ? account[name] : undefined
      if (value === undefined || value === null || !mayHaveClaim(client, name) || !fits(value, wanted)) return []
      return [[name, value]]
    }),
  )
}

/** Core §5.5.1. */
function fits(value: unknown, wanted: Wanted | undefined): boolean {
  return wanted?.values === undefined || wanted.values.some((one) => sameJson(one, value as Json))
}
