import type { OAuthErrorCode } from '@holdfast/protocol/oauth-error'
import { allowedBefore } from '../tokens/authorization-details.ts'
import type { InteractionState } from './state.ts'

export type StepName = 'login' | 'consent'

interface StepRule {
  readonly name: StepName
  /** The error under `prompt=none` (OpenID Connect Core §3.1.2.6). */
  readonly silent: OAuthErrorCode
  needed(state: InteractionState): boolean
}

/** In this order: nobody consents who is not signed in. */
const STEPS: readonly StepRule[] = [
  { name: 'login', silent: 'login_required', needed: needsLogin },
  { name: 'consent', silent: 'consent_required', needed: needsConsent },
]

/** The first step that is still needed; undefined when the request can be answered. */
export function nextStep(state: InteractionState): StepRule | undefined {
  return STEPS.find((step) => step.needed(state))
}

function needsLogin({ session, account, request, signedInAt, now }: InteractionState): boolean {
  const { subject, authTime } = session?.value ?? {}
  if (subject === undefined || authTime === undefined || account === undefined || account.disabled) return true
  // Signing in within this interaction answers prompt=login, max_age=0 and the choice of another account.
  if (signedInAt !== undefined) return false
  if (request.prompt.includes('login') || request.prompt.includes('select_account')) return true
  return request.maxAge !== undefined && now - authTime > request.maxAge - (request.maxAge === 0 ? 1 : 0)
}

function needsConsent({ request, client, consent, consented }: InteractionState): boolean {
  if (consented) return false
  if (request.prompt.includes('consent') || consent === undefined) return true
  // A public client could be anyone on this device: only an https redirect vouches for it (OA-28).
  const assured = client.tokenEndpointAuthMethod !== 'none' || request.redirectUri.startsWith('https:')
  return (
    !assured ||
    request.scopes.some((scope) => !consent.scopes.includes(scope)) ||
    request.resources.some((resource) => !consent.resources.includes(resource)) ||
    !allowedBefore(request.authorizationDetails, consent.authorizationDetails)
  )
}
