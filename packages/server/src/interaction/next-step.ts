import type { OAuthErrorCode } from '@holdfast/protocol/oauth-error'
import { allowedBefore } from '../tokens/authorization-details.ts'
import { claimsBeyondScopes } from './claim-words.ts'
import { clientHash } from './consent-record.ts'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AskedAuthorization } from '../authorization/request.ts'
import type { PendingSignIn } from '../records.ts'
import type { Account } from './accounts.ts'
import type { InteractionState } from './state.ts'

export type StepName = 'login' | 'second-factor' | 'consent'

/** How long a right password waits for its second factor, in seconds. */
const FACTOR_WINDOW = 300

interface StepRule {
  readonly name: StepName
  /** The error under `prompt=none` (OpenID Connect Core §3.1.2.6). */
  readonly silent: OAuthErrorCode
  needed(state: InteractionState): boolean
}

/** In this order: nobody consents who is not signed in. */
const STEPS: readonly StepRule[] = [
  { name: 'login', silent: 'login_required', needed: (state) => needsLogin(state) && !owesFactor(state.pending, state.now) },
  { name: 'second-factor', silent: 'login_required', needed: (state) => needsLogin(state) && owesFactor(state.pending, state.now) },
  { name: 'consent', silent: 'consent_required', needed: needsConsent },
]

/** The first step that is still needed; undefined when the request can be answered. */
export function nextStep(state: InteractionState): StepRule | undefined {
  return STEPS.find((step) => step.needed(state))
}

function needsLogin({ session, account, request, signedInAt, now }: InteractionState): boolean {
  const { subject, authTime } = session?.value ?? {}
  if (subject === undefined || authTime === undefined || account === undefined || account.disabled) return true
  // Whoever has a second factor is signed in with it or not at all, however the session came about (A54).
  if (!provenEnough(account, session?.value.amr ?? [])) return true
  // Signing in within this interaction answers prompt=login, max_age=0 and the choice of another account.
  if (signedInAt !== undefined) return false
  if (request.prompt.includes('login') || request.prompt.includes('select_account')) return true
  return tooOld(request, authTime, now)
}

/** OpenID Connect Core §3.1.2.1: `max_age` is over; with 0 always (STEP-16). */
export function tooOld({ maxAge }: Pick<AskedAuthorization, 'maxAge'>, authTime: EpochSeconds, now: EpochSeconds): boolean {
  return maxAge !== undefined && now - authTime > maxAge - (maxAge === 0 ? 1 : 0)
}

/** Whether a sign-in by these methods (RFC 8176) has all that the account asks for. */
export function provenEnough({ secondFactors = [] }: Account, amr: readonly string[]): boolean {
  return secondFactors.length === 0 || secondFactors.some((factor) => amr.includes(factor))
}

export function owesFactor(pending: PendingSignIn | undefined, now: EpochSeconds): pending is PendingSignIn {
  return pending !== undefined && now < pending.provenAt + FACTOR_WINDOW
}

function needsConsent({ request, client, consent, consented }: InteractionState): boolean {
  if (consented) return false
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
