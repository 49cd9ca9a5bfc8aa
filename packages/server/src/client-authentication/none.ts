import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { ClientAuthenticationMethod } from './method.ts'

/** OAuth 2.1 §2.2: a public client says who it is. It proves nothing, which PKCE and bound tokens make up for. */
export const none: ClientAuthenticationMethod = {
  name: 'none',
  spec: 'OAuth 2.1 §2.2',
  implied: true,
  present(_request, form) {
    const clientId = form.one('client_id')
    if (clientId === undefined || clientId instanceof OAuthError) return clientId
    return { clientId, verify: () => ({ burn: [] }) }
  },
}
