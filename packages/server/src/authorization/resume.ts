import { OAuthError } from '@holdfast/protocol/oauth-error'
import { matchRedirectUri } from '@holdfast/protocol/redirect-uri'
import type { Client } from '../config/client.ts'
import { stillAllowed } from './asked.ts'
import type { AuthorizationRequest } from './request.ts'
import { responseModeFault } from './response-mode.ts'
import type { RequestRules } from './rules.ts'

/**
 * Why a request that was taken a while ago, pushed or on its pages, is no longer one of this client: its redirect URIs,
 * response modes, grants, scopes and resources may be others by now (A40, A44). Nobody is redirected then: the address
 * may be what was taken back.
 */
export function resumeFault(request: AuthorizationRequest, client: Client, rules: RequestRules): OAuthError | undefined {
  const { redirectUri, responseMode } = request
  if (matchRedirectUri(redirectUri, client.redirectUris, client.applicationType === 'native') === undefined)
    return new OAuthError('invalid_request', 'redirect_uri is not registered for this client any more', {
      rule: 'OA-11',
      detail: redirectUri,
    })
  return responseModeFault(responseMode, client, redirectUri) ?? stillAllowed(request, 'authorization_code', client, rules)
}
