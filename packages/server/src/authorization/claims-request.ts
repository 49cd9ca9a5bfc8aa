import type { Json } from '@holdfast/protocol/authorization-details'
import { OAuthError } from '@holdfast/protocol/oauth-error'

/** OpenID Connect Core §5.5: what a client asks for by name, beyond its scopes. */
export interface ClaimsRequest {
  readonly userinfo: Readonly<Record<string, ClaimRequest>>
  readonly idToken: Readonly<Record<string, ClaimRequest>>
}

/** Core §5.5.1: `value` is read as `values` of one. */
export interface ClaimRequest {
  readonly essential: boolean
  readonly values: readonly Json[] | undefined
}

/** Claims of one member, values of one claim. */
const MOST = 50
/** Characters of a name. */
const LONGEST = 128
/** Objects and arrays inside each other: a value is a text, or an address at most. */
const DEEPEST = 8

/**
 * Reads the `claims` parameter (Core §5.5). Members that are not known are ignored; what is malformed is refused, since a
 * request that means less than its client wrote is another one.
 *
 * @param text at most 4096 characters, by the limit of the form
 */
export function parseClaims(text: string): ClaimsRequest | OAuthError {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return malformed('claims is not JSON')
  }
  if (!isObject(parsed)) return malformed('claims must be a JSON object')
  if (isDeeperThan(parsed, DEEPEST)) return malformed(`claims has more than ${DEEPEST} levels`)
  const userinfo = memberOf(parsed, 'userinfo')
  if (userinfo instanceof OAuthError) return userinfo
  const idToken = memberOf(parsed, 'id_token')
  return idToken instanceof OAuthError ? idToken : { userinfo, idToken }
}

function memberOf(claims: Readonly<Record<string, unknown>>, member: string): Readonly<Record<string, ClaimRequest>> | OAuthError {
  const asked = Object.hasOwn(claims, member) ? claims[member] : undefined
  if (asked === undefined || asked === null) return {}
  if (!isObject(asked)) return malformed(`${member} of claims must be an object`)
  const entries = Object.entries(asked)
  if (entries.length > MOST) return malformed(`${member} of claims asks for more than ${MOST} claims`)
  const read: [string, ClaimRequest][] = []
  for (const [name, about] of entries) {
    if (name.length > LONGEST) return malformed(`a name in ${member} of claims is longer than ${LONGEST} characters`)
    const one = claimOf(about)
    if (one === undefined) return malformed(`a claim in ${member} of claims must be null or an object of essential, value and values`)
    read.push([name, one])
  }
  // Own members whatever their name: `__proto__` is a claim that nobody has.
  return Object.fromEntries(read)
}

/** @returns undefined when it is malformed */
function claimOf(about: unknown): ClaimRequest | undefined {
  if (about === null) return { essential: false, values: undefined }
  if (!isObject(about)) return undefined
  const { essential = false, value, values } = about as { readonly [name in 'essential' | 'value' | 'values']?: unknown }
  if (typeof essential !== 'boolean' || (value !== undefined && values !== undefined)) return undefined
  if (value !== undefined) return { essential, values: [value as Json] }
  if (values === undefined) return { essential, values: undefined }
  return Array.isArray(values) && values.length > 0 && values.length <= MOST ? { essential, values: values as Json[] } : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1))
}

function malformed(description: string): OAuthError {
  return new OAuthError('invalid_request', `${description} (OpenID Connect Core §5.5)`, { rule: 'OIDC-46' })
}
