import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { canBePostedTo, type ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { RESPONSE_MODES, type ResponseMode } from '@holdfast/protocol/response-mode'
import type { Client } from '../config/client.ts'
import { underMessageSigning } from '../config/profile.ts'

/** How the client wants its answer; `query` when it does not say. A refusal goes to a page: nobody knows how else to answer (OIDC-05). */
export function responseModeOf(form: Form, client: Client, redirectUri: ValidRedirectUri): ResponseMode | OAuthError {
  const sent = form.one('response_mode')
  if (sent instanceof OAuthError) return sent
  const mode = sent === undefined ? 'query' : RESPONSE_MODES.find((known) => known === sent)
  if (mode === undefined) return refused(`response_mode must be one of ${RESPONSE_MODES.join(', ')}`, 'OIDC-05')
  return responseModeFault(mode, client, redirectUri) ?? mode
}

/** Why this client may not have its answer so. */
export function responseModeFault(mode: ResponseMode, client: Client, redirectUri: ValidRedirectUri): OAuthError | undefined {
  if (underMessageSigning(client) && !mode.endsWith('jwt'))
    return refused('response_mode must be jwt or end in .jwt under the profile fapi2-message-signing', 'FMS-06')
  if (client.responseModes !== undefined && !client.responseModes.includes(mode))
    return refused(`response_mode ${mode} is not among the response_modes of this client`, 'FMS-09')
  if (mode.startsWith('form_post') && !canBePostedTo(redirectUri))
    return refused(`response_mode ${mode} needs a redirect_uri of the scheme https, or http on loopback`, 'OIDC-05')
  return undefined
}

/** The mode for a request that could not name one: `query`, or the first that the client may have. Undefined: there is none. */
export function unnamedResponseMode({ responseModes = ['query'] }: Client, redirectUri: ValidRedirectUri): ResponseMode | undefined {
  if (responseModes.includes('query')) return 'query'
  return responseModes.find((mode) => !mode.startsWith('form_post') || canBePostedTo(redirectUri))
}

function refused(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_request', description, { rule })
}
