import type { OAuthErrorCode } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AuthenticationPolicy } from '../config/authentication-policy.ts'
import type { AskedAuthorization } from '../authorization/request.ts'
import type { PendingSignIn } from '../records.ts'
import { allowedBefore } from '../tokens/authorization-details.ts'
import type { SecondFactor } from './accounts.ts'
import { claimsBeyondScopes } from './claim-words.ts'
import { clientHash } from './consent-record.ts'
import type { AskedSignIn, InteractionState, Person, Requested, SignInState } from './state.ts'

/** Steps at which a person does something, and ends that no step leads out of. */
export type StepName = 'select-account' | 'sign-up' | 'login' | 'second-factor' | 'consent' | 'other-person' | 'unmet'

/** How long a right password waits for its second factor, in seconds. */
const FACTOR_WINDOW = 300

interface StepRule {
  readonly name: StepName
  /** The error under `prompt=none` (OpenID Connect Core §3.1.2.6), and of an end. */
  readonly silent: OAuthErrorCode
  needed(state: InteractionState): boolean
}

/** In this order: nobody consents who is not signed in, and nobody is asked for a factor that would lead nowhere. */
const STEPS: readonly StepRule[] = [
  { name: 'select-account', silent: 'account_selection_required', needed: needsChoice },
  { name: 'sign-up', silent: 'login_required', needed: needsSignUp },
  { name: 'login', silent: 'login_required', needed: (state) => needsLogin(state) && pendingOf(state) === undefined },
  { name: 'second-factor', silent: 'login_required', needed: (state) => owedFactor(state) !== undefined },
  { name: 'other-person', silent: 'login_required', needed: isOther },
  { name: 'unmet', silent: 'unmet_authentication_requirements', needed: isUnmet },
  { name: 'consent', silent: 'consent_required', needed: (state) => state.requested !== undefined && needsConsent(state.requested) },
]

/** The first step that is still needed; undefined when the request can be answered. */
export function nextStep(state: InteractionState): StepRule | undefined {
  return STEPS.find((step) => step.needed(state))
}

function needsChoice({ asked, people, progress, now }: SignInState): boolean {
  if (progress.selected || progress.signInAgain || progress.signedInAt !== undefined || owesFactor(progress.pending, now)) return false
  return progress.choosing || (asked.prompt.includes('select_account') && people.length > 0)
}

/** Who asked for a new account, and has not said since that there is one. */
function needsSignUp({ asked, progress }: SignInState): boolean {
  if (progress.signedInAt !== undefined || progress.signInAgain || progress.pending !== undefined) return false
  return progress.creating || asked.prompt.includes('create')
}

function needsLogin({ asked, person, policy, progress, now }: SignInState): boolean {
  const authTime = person?.session.value.authTime
  if (person === undefined || authTime === undefined || person.account.disabled) return true
  // Signing in within this interaction answers prompt=login, max_age=0 and who it has to be.
  if (progress.signedInAt !== undefined) return false
  if (progress.signInAgain || asked.prompt.includes('login') || !asked.isWanted(person.account.sub)) return true
  return tooOld(asked, authTime, now) || onlyAnew(policy, person, asked)
}

/** Nothing added to this session reaches what is asked for, and a sign-in by other methods does: whoever came by passkey has shown no password. */
function onlyAnew(policy: AuthenticationPolicy, { account, session }: Person, { acrs }: AskedSignIn): boolean {
  const { amr } = session.value
  if (policy.satisfied(amr, acrs) || policy.helpful(account, amr, acrs).length > 0) return false
  return policy.satisfied(['pwd'], acrs) || policy.helpful(account, ['pwd'], acrs).length > 0
}

/** OpenID Connect Core §3.1.2.1: `max_age` is over; with 0 always (STEP-16). */
export function tooOld({ maxAge }: Pick<AskedAuthorization, 'maxAge'>, authTime: EpochSeconds, now: EpochSeconds): boolean {
  return maxAge !== undefined && now - authTime > maxAge - (maxAge === 0 ? 1 : 0)
}

/** A factor that the person owes, and what was proven before it. */
export interface OwedFactor {
  readonly pending: PendingSignIn
  /** Any one of these. */
  readonly factors: readonly SecondFactor[]
}

/**
 * The second factor that comes next: after a password that was just right, or for somebody who is signed in with less than
 * is asked for now (RFC 9470 §5). Who is signed in needs only what is missing.
 */
export function owedFactor(state: SignInState): OwedFactor | undefined {
  const pending = pendingOf(state)
  const { person, asked, policy, now } = state
  if (pending !== undefined) return { pending, factors: pending.factors ?? ['otp'] }
  if (person === undefined || needsLogin(state) || needsChoice(state) || needsSignUp(state)) return undefined
  const { account, session } = person
  const { amr } = session.value
  const enough = policy.enough(account, amr) && (!asked.allFactors || policy.complete(account, amr))
  if (enough && policy.satisfied(amr, asked.acrs)) return undefined
  const factors = policy.helpful(account, amr, asked.acrs)
  if (factors.length === 0) return undefined
  return { pending: { subject: account.sub, username: account.username, provenAt: now, attempts: 0, amr, factors }, factors }
}

/** What was proven in a session counts as long as the session does: not once it is too old, or somebody was signed out. */
function pendingOf(state: SignInState): PendingSignIn | undefined {
  const { progress, person, now } = state
  const { pending } = progress
  if (!owesFactor(pending, now)) return undefined
  if (pending.amr === undefined) return pending
  if (needsLogin(state)) return undefined
  return person?.account.sub === pending.subject ? { ...pending, amr: person.session.value.amr } : undefined
}

export function owesFactor(pending: PendingSignIn | undefined, now: EpochSeconds): pending is PendingSignIn {
  return pending !== undefined && now < pending.provenAt + FACTOR_WINDOW
}

/** Somebody else than the one the client named signed in: it is told, and gets nothing of theirs (OIDC-18). */
function isOther({ asked, person }: SignInState): boolean {
  return person !== undefined && !asked.isWanted(person.account.sub)
}

/** What is asked for is beyond what the person can show: told to the client, which would else ask for ever (STEP-12). */
function isUnmet({ asked, person, policy }: SignInState): boolean {
  return person !== undefined && !policy.satisfied(person.session.value.amr, asked.acrs)
}

function needsConsent({ request, client, consent }: Requested): boolean {
  if (request.prompt.includes('consent') || consent === undefined) return true
  if (consent.clientHash !== clientHash(client)) return true
  // A public client could be anyone on this device: only an https redirect vouches for it (OA-28).
  const assured = client.tokenEndpointAuthMethod !== 'none' || request.redirectUri.startsWith('https:')
  return (
    !assured ||
    request.scopes.some((scope) => !consent.scopes.includes(scope)) ||
    request.resources.some((resource) => !consent.resources.includes(resource)) ||
    claimsBeyondScopes(request).some((claim) => !(consent.claims ?? []).includes(claim)) ||
    !allowedBefore(request.authorizationDetails, consent.authorizationDetails)
  )
}
