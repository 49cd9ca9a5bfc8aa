import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import type { Stored } from '@holdfast/store'
import {
  type Account,
  answerPoll,
  type BackchannelRequestRecord,
  type DecideInput,
  type Decision,
  defineGrant,
  type GrantRecord,
  parseDetails,
  polledRequest,
  refuse,
  type RegisteredGrant,
} from './open.ts'

const CIBA = 'urn:openid:params:grant-type:ciba'

interface Params {
  readonly authReqId: string
  readonly resources: readonly string[]
  readonly details: readonly AuthorizationDetail[] | undefined
}

interface Facts {
  readonly request: Stored<BackchannelRequestRecord> | undefined
  readonly grant: Stored<GrantRecord> | undefined
  readonly account: Account | undefined
}

export const ciba: RegisteredGrant = defineGrant<Params, Facts>({
  type: CIBA,
  spec: 'CIBA Core §10.1',
  parse,
  async load({ store, accounts }, params) {
    const request = await polledRequest(params.authReqId, (id) => store.read('backchannel_request', id))
    const grantId = request?.value.grantId
    const grant = grantId === undefined ? undefined : await store.read('grant', grantId)
    const account = grant === undefined ? undefined : await accounts.find(grant.value.subject)
    return { request, grant, account }
  },
  decide,
})

/** As with device codes, `scope` is not looked at (A38). */
function parse(form: Form): Params | OAuthError {
  const id = form.need('auth_req_id')
  if (id instanceof OAuthError) return id
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  const details = parseDetails(form)
  return details instanceof OAuthError ? details : { authReqId: id, resources, details }
}

function decide(input: DecideInput<Params, Facts>): Decision {
  if (input.client.client.backchannel === undefined)
    return refuse(new OAuthError('unauthorized_client', 'this client is not registered for poll or ping', { rule: 'CIBA-06' }))
  return answerPoll(input, {
    name: 'auth_req_id',
    grantType: CIBA,
    ...input.facts,
    replace: ({ id, version, expiresAt }, value) => ({
      op: 'replace',
      kind: 'backchannel_request',
      id,
      expected: version,
      value,
      expiresAt,
    }),
  })
}
