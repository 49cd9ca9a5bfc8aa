import { OAuthError } from '@holdfast/protocol/oauth-error'
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
): OAuthError | undefined {
  if (!client.firstParty)
    return new OAuthError('unauthorized_client', 'this client is no first-party application of this server', { rule: 'FIPA-05' })
  if (!client.grantTypes.includes('authorization_code'))
    return new OAuthError('unauthorized_client', 'this client may not use response_type code', { rule: 'OA-18' })
  // Its page is reached by other people's scripts, and has a browser that can be redirected (§9.8).
  if (client.applicationType === 'web' && client.tokenEndpointAuthMethod === 'none')
    return new OAuthError('unauthorized_client', 'applications in a browser redirect to the authorization endpoint', { rule: 'FIPA-06' })
  // FAPI 2.0 §5.3.2.2 has authorization requests pushed and answered by redirect, and nothing else.
  if (underFapi(client))
    return new OAuthError('unauthorized_client', `a client of the profile ${client.profile} pushes its requests to /par`, {
      rule: 'FAPI-31',
    })
  if (client.requireSignedRequestObject || requireSigned)
    return new OAuthError('unauthorized_client', 'requests of this client are signed, and those are not taken here', { rule: 'JAR-14' })
  if (client.dpopBoundAccessTokens && binding?.jkt === undefined)
    return new OAuthError('invalid_request', 'this client must send a DPoP proof (RFC 9449 §5.2)', { rule: 'FIPA-31' })
  return undefined
}
