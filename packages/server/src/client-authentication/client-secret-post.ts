import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf } from '@holdfast/protocol/witness'
import type { ClientAuthenticationMethod } from './method.ts'
import { checkSecret } from './client-secret.ts'

/** OAuth 2.1 §2.4.1: `client_id` and `client_secret` in the body; never in the URL. */
export const clientSecretPost: ClientAuthenticationMethod = {
  name: 'client_secret_post',
  spec: 'OAuth 2.1 §2.4.1',
  present({ witness }, form) {
    const secret = form.one('client_secret')
    if (secret === undefined || secret instanceof OAuthError) return secret
    const clientId = tellerOf('client', witness)('client_id beside client_secret', 'CAUTH-12', form.need('client_id'))
    if (clientId instanceof OAuthError) return clientId
    return { clientId, verify: (client, context) => checkSecret([secret], client, context) }
  },
}
