import { OAuthError } from '@holdfast/protocol/oauth-error'
import { polledGrant, type RegisteredGrant } from './open.ts'

/** The request was begun by POST /backchannel_authentication and answered on the page of /approve. */
export const ciba: RegisteredGrant = polledGrant({
  type: 'urn:openid:params:grant-type:ciba',
  spec: 'CIBA Core §10.1',
  parameter: 'auth_req_id',
  kind: 'backchannel_request',
  checkClient: ({ backchannel }) =>
    backchannel === undefined
      ? new OAuthError('unauthorized_client', 'this client is not registered for poll or ping', { rule: 'CIBA-06' })
      : undefined,
})
