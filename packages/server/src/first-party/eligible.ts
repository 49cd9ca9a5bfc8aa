import { OAuthError } from '@holdfast/protocol/oauth-error'
import { firstRefusal, type NamedCheck, type Witness } from '@holdfast/protocol/witness'
import type { RequestRules } from '../authorization/rules.ts'
import type { Client } from '../config/client.ts'
import { underFapi } from '../config/profile.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'

/**
 * OAuth for First-Party Applications §5: whether this client may collect a person's credentials. The rules of its metadata
 * say the same; asked again here, since this is what keeps everybody else's application away from passwords (FIPA-05).
 */
export function ineligible(
  client: Client,
  binding: SenderConstraint | undefined,
  { requireSigned }: Pick<RequestRules, 'requireSigned'>,
  witness?: Witness,
): OAuthError | undefined {
  return firstRefusal('client', eligibleChecks, { client, binding, requireSigned }, witness)
}

interface Asking {
  readonly client: Client
  readonly binding: SenderConstraint | undefined
  readonly requireSigned: boolean
}

const eligibleChecks: readonly NamedCheck<Asking, OAuthError>[] = [
  { name: 'first-party', rule: 'FIPA-05', check: checkFirstParty },
  { name: 'registered grant_type', rule: 'OA-18', check: checkGrantType },
  { name: 'not in a browser', rule: 'FIPA-06', check: checkNotBrowser },
  { name: 'profile', rule: 'FAPI-31', check: checkProfile },
  { name: 'no signed requests', rule: 'JAR-14', check: checkUnsigned },
  { name: 'DPoP key', rule: 'FIPA-31', check: checkKey },
]

function checkFirstParty({ client }: Asking): OAuthError | undefined {
  return client.firstParty ? undefined : forbidden('this client is no first-party application of this server', 'FIPA-05')
}

function checkGrantType({ client }: Asking): OAuthError | undefined {
  return client.grantTypes.includes('authorization_code') ? undefined : forbidden('this client may not use response_type code', 'OA-18')
}

/** Its page is reached by other people's scripts, and has a browser that can be redirected (§9.8). */
function checkNotBrowser({ client }: Asking): OAuthError | undefined {
  if (client.applicationType !== 'web' || client.tokenEndpointAuthMethod !== 'none') return undefined
  return forbidden('applications in a browser redirect to the authorization endpoint', 'FIPA-06')
}

/** FAPI 2.0 §5.3.2.2 has authorization requests pushed and answered by redirect, and nothing else. */
function checkProfile({ client }: Asking): OAuthError | undefined {
  return underFapi(client) ? forbidden(`a client of the profile ${client.profile} pushes its requests to /par`, 'FAPI-31') : undefined
}

function checkUnsigned({ client, requireSigned }: Asking): OAuthError | undefined {
  if (!client.requireSignedRequestObject && !requireSigned) return undefined
  return forbidden('requests of this client are signed, and those are not taken here', 'JAR-14')
}

function checkKey({ client, binding }: Asking): OAuthError | undefined {
  if (!client.dpopBoundAccessTokens || binding?.jkt !== undefined) return undefined
  return new OAuthError('invalid_request', 'this client must send a DPoP proof (RFC 9449 §5.2)', { rule: 'FIPA-31' })
}

function forbidden(description: string, rule: string): OAuthError {
  return new OAuthError('unauthorized_client', description, { rule })
}
