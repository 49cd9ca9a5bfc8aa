import { OAuthError } from '@holdfast/protocol/oauth-error'
import { firstBeyond } from '@holdfast/protocol/scope'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { type NamedCheck, type Witness, witnessed } from '@holdfast/protocol/witness'
import type { Demand } from './challenge.ts'
import type { Access, Need } from './need.ts'
import { checkScopes } from './scopes.ts'
import { MismatchError } from './refusal.ts'
import { LEEWAY } from './token-checks.ts'

/** VSCHAR without what separates values or ends a quoted string (STEP-35). */
const ACR = /^[\x21\x23-\x5b\x5d-\x7e]+$/

const NOT_ALLOWED = 'the authorization_details of the access token do not allow this request (RFC 9396 §9)'

/** Why a good token is not enough for a route, and what would be. */
interface Shortfall {
  readonly error: OAuthError
  readonly demand: Demand
}

/**
 * Each time anew: that costs less than to remember which needs were seen, above all where a route writes its need in the call.
 *
 * @throws TypeError a need that nobody could meet, that cannot be told in a header, or that would be met by chance
 */
export function checkNeed({ scopes, anyScope, acr, maxAge }: Need): void {
  if (scopes !== undefined) checkScopes(scopes, 'need.scopes')
  if (anyScope !== undefined) {
    checkScopes(anyScope, 'need.anyScope')
    if (anyScope.length === 0) throw new TypeError('need.anyScope must be a list of at least one scope: nobody has one of none')
  }
  if (acr !== undefined) checkAcr(acr)
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 0))
    throw new TypeError('need.maxAge must be a whole number of seconds, 0 or more (RFC 9470 §3)')
}

/** A text would pass for a list: `includes` then finds parts of it, and a token with a part of the name would come in. */
function checkAcr(acr: unknown): void {
  if (!Array.isArray(acr) || acr.length === 0) throw new TypeError('need.acr must be a list of at least one value (RFC 9470 §3)')
  const index = acr.findIndex((value: unknown) => typeof value !== 'string' || !ACR.test(value))
  if (index !== -1)
    throw new TypeError(
      `need.acr[${index}] must be printable ASCII without space, quote and backslash: it stands in acr_values of the challenge, where spaces separate values (RFC 9470 §3)`,
    )
}

interface Asked {
  readonly need: Need
  readonly access: Access
  readonly now: EpochSeconds
}

/** A check that is made where a route asks for it, and nowhere told of where it does not. */
interface RouteCheck extends NamedCheck<Asked, OAuthError> {
  readonly for: keyof Need
}

/** The authentication first, then scopes, then details (STEP-10). */
export const routeChecks: readonly RouteCheck[] = [
  { for: 'acr', name: 'acr', rule: 'STEP-06', check: checkClass },
  { for: 'maxAge', name: 'max_age', rule: 'STEP-05', check: checkAge },
  { for: 'scopes', name: 'scope', rule: 'OA-69', check: checkAllScopes },
  { for: 'anyScope', name: 'any scope', rule: 'OA-69', check: checkAnyScope },
  { for: 'details', name: 'authorization_details', rule: 'RAR-14', check: checkDetails },
]

/**
 * Whether a token that is valid, and shown by its holder, is enough. A client that must send its person back asks for all in one
 * go, so a challenge for the authentication names the scopes too when they are lacking (STEP-37), and both `acr_values` and
 * `max_age` although one is met: a new authentication for one of them alone could miss the other.
 */
export function shortfallOf(need: Need, access: Access, now: EpochSeconds, witness?: Witness): Shortfall | undefined {
  const asked: Asked = { need, access, now }
  for (const row of routeChecks) {
    if (need[row.for] === undefined) continue
    const error = row.check(asked)
    if (witness !== undefined) witnessed(witness, { about: 'route', check: row.name, rule: row.rule }, error)
    if (error !== undefined) return { error, demand: demandOf(error, asked) }
  }
  return undefined
}

function demandOf({ code }: OAuthError, { need, access }: Asked): Demand {
  if (code !== 'insufficient_user_authentication') return { scopes: scopesToName(need, access) }
  const lacking = (missingOfAll(need, access) ?? missingOfAny(need, access)) !== undefined
  return { scopes: lacking ? scopesToName(need, access) : undefined, acr: need.acr, maxAge: need.maxAge }
}

/** What the token does not say is not met (STEP-04). The refusal tells what is needed, not what the token has. */
function checkClass({ need: { acr = [] }, access }: Asked): OAuthError | undefined {
  return access.acr === undefined || !acr.includes(access.acr)
    ? insufficient('the person must authenticate in another way, see acr_values (RFC 9470 §3)', 'STEP-06')
    : undefined
}

function checkAge({ need: { maxAge = 0 }, access, now }: Asked): OAuthError | undefined {
  return isRecent(access.authTime, maxAge, now)
    ? undefined
    : insufficient('the person must authenticate again, see max_age (RFC 9470 §3)', 'STEP-05')
}

function checkAllScopes({ need, access }: Asked): OAuthError | undefined {
  return lacks(missingOfAll(need, access), need, access)
}

function checkAnyScope({ need, access }: Asked): OAuthError | undefined {
  return lacks(missingOfAny(need, access), need, access)
}

function lacks(missing: string | undefined, need: Need, access: Access): OAuthError | undefined {
  if (missing === undefined) return undefined
  const compared = { rule: 'OA-69', received: access.scopes.join(' '), expected: scopesToName(need, access) }
  return new MismatchError('insufficient_scope', `the access token lacks the scope ${missing}`, compared)
}

/** Anything but true is a no: a predicate that forgot to answer, or answers later, must not open the door. */
function checkDetails({ need, access }: Asked): OAuthError | undefined {
  const allowed: unknown = need.details?.(access.authorizationDetails)
  return allowed === true ? undefined : new OAuthError('insufficient_scope', NOT_ALLOWED, { rule: 'RAR-14' })
}

function missingOfAll({ scopes = [] }: Need, access: Access): string | undefined {
  return firstBeyond(scopes, access.scopes)
}

function missingOfAny({ anyScope }: Need, access: Access): string | undefined {
  return anyScope === undefined || anyScope.some((scope) => access.scopes.includes(scope)) ? undefined : anyScope.join(' or ')
}

/** All that the operation needs, in one challenge (MCP-34): of those that will do the one that the token has, else the first. */
export function scopesToName({ scopes = [], anyScope = [] }: Need, access?: Access): readonly string[] {
  const one = anyScope.find((scope) => access?.scopes.includes(scope)) ?? anyScope[0]
  return one === undefined || scopes.includes(one) ? scopes : [...scopes, one]
}

/** Milliseconds, or another time to come, would stay recent for ever: beyond what clocks differ it is no time at all. */
function isRecent(authTime: EpochSeconds | undefined, maxAge: number, now: EpochSeconds): boolean {
  return authTime !== undefined && authTime <= now + LEEWAY && now - authTime <= maxAge
}

function insufficient(description: string, rule: string): OAuthError {
  return new OAuthError('insufficient_user_authentication', description, { rule })
}
