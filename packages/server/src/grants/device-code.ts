import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import type { Stored } from '@holdfast/store'
import {
  type Account,
  answerPoll,
  type DecideInput,
  type Decision,
  defineGrant,
  type DeviceRequestRecord,
  type GrantRecord,
  parseDetails,
  polledRequest,
  type RegisteredGrant,
} from './open.ts'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

interface Params {
  readonly deviceCode: string
  readonly resources: readonly string[]
  readonly details: readonly AuthorizationDetail[] | undefined
}

interface Facts {
  readonly request: Stored<DeviceRequestRecord> | undefined
  readonly grant: Stored<GrantRecord> | undefined
  readonly account: Account | undefined
}

export const deviceCode: RegisteredGrant = defineGrant<Params, Facts>({
  type: DEVICE_CODE,
  spec: 'RFC 8628 §3.4',
  parse,
  async load({ store, accounts }, params) {
    const request = await polledRequest(params.deviceCode, (id) => store.read('device_request', id))
    const grantId = request?.value.grantId
    const grant = grantId === undefined ? undefined : await store.read('grant', grantId)
    const account = grant === undefined ? undefined : await accounts.find(grant.value.subject)
    return { request, grant, account }
  },
  decide,
})

/** `scope` is not looked at: what the person was shown is what the device gets, and nothing said later changes it (A38). */
function parse(form: Form): Params | OAuthError {
  const code = form.need('device_code')
  if (code instanceof OAuthError) return code
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  const details = parseDetails(form)
  return details instanceof OAuthError ? details : { deviceCode: code, resources, details }
}

function decide(input: DecideInput<Params, Facts>): Decision {
  return answerPoll(input, {
    name: 'device_code',
    grantType: DEVICE_CODE,
    ...input.facts,
    replace: ({ id, version, expiresAt }, value) => ({ op: 'replace', kind: 'device_request', id, expected: version, value, expiresAt }),
  })
}
