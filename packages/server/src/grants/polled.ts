import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import { tellerOf } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import type { Client } from '../config/client.ts'
import type { Account } from '../interaction/accounts.ts'
import type { BackchannelRequestRecord, DeviceRequestRecord, GrantRecord } from '../records.ts'
import { parseDetails } from '../tokens/authorization-details.ts'
import { defineGrant, refuse, type RegisteredGrant } from './grant.ts'
import { answerPoll, polledRequest } from './poll.ts'

interface Params {
  readonly handle: string
  readonly resources: readonly string[]
  readonly details: readonly AuthorizationDetail[] | undefined
}

interface Facts {
  readonly request: Stored<DeviceRequestRecord | BackchannelRequestRecord> | undefined
  readonly grant: Stored<GrantRecord> | undefined
  readonly account: Account | undefined
}

/** A grant whose client asks again and again until a person has answered somewhere else. */
export function polledGrant(about: {
  readonly type: string
  readonly spec: string
  /** The parameter that carries the handle. */
  readonly parameter: 'device_code' | 'auth_req_id'
  readonly kind: 'device_request' | 'backchannel_request'
  readonly checkClient?: (client: Client) => OAuthError | undefined
}): RegisteredGrant {
  const { type, spec, parameter, kind } = about
  return defineGrant<Params, Facts>({
    type,
    spec,
    parse: (form) => parse(form, parameter),
    async load({ store, accounts }, { handle }) {
      const request = await polledRequest<DeviceRequestRecord | BackchannelRequestRecord>(handle, (id) => store.read(kind, id))
      const grantId = request?.value.grantId
      const grant = grantId === undefined ? undefined : await store.read('grant', grantId)
      const account = grant === undefined ? undefined : await accounts.find(grant.value.subject)
      return { request, grant, account }
    },
    decide(input) {
      const tell = tellerOf(parameter, input.witness)
      const forbidden =
        about.checkClient === undefined ? undefined : tell('registered for poll or ping', 'CIBA-06', about.checkClient(input.client.client))
      if (forbidden !== undefined) return refuse(forbidden)
      return answerPoll(input, {
        name: parameter,
        grantType: type,
        ...input.facts,
        replace: ({ id, version, expiresAt }, value) =>
          kind === 'device_request'
            ? { op: 'replace', kind, id, expected: version, value: value as DeviceRequestRecord, expiresAt }
            : { op: 'replace', kind, id, expected: version, value: value as BackchannelRequestRecord, expiresAt },
      })
    },
  })
}

/** `scope` is not looked at: what the person was shown is what the client gets, and nothing said later changes it (A38). */
function parse(form: Form, parameter: string): Params | OAuthError {
  const handle = form.need(parameter)
  if (handle instanceof OAuthError) return handle
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  const details = parseDetails(form)
  return details instanceof OAuthError ? details : { handle, resources, details }
}
