import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { json } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { newRecordId, newSecret } from '@holdfast/protocol/secret'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import type { Ambient, RegisteredGrant } from '../grants/grant.ts'
import { checkBound, senderConstraint } from '../tokens/bind.ts'
import type { CountedTokens } from '../tokens/issued-counts.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import { tokenError } from './answer.ts'
import { type ClientRequest, receive, settle } from './client-request.ts'

/** POST /token (OAuth 2.1 §3.2). */
export async function token(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const received = await receive(as, request, 'token')
  if ('status' in received) return received
  const { form, client, now } = received

  const headers = as.dpop.headers(request, now)
  const refuse = (error: OAuthError, binding?: SenderConstraint): Promise<Reply> =>
    settle(as, received, binding, () => {
      as.refusals.count(error, 'token', client.client.clientId, request.clientAddress)
      return { reply: tokenError(request, error, headers), changes: [] }
    })

  const binding = senderConstraint(as.dpop, request, '/token', client.client, now)
  if (binding instanceof OAuthError) return refuse(binding)
  const { witness } = request
  const tell = tellerOf('request', witness)
  const grant = tell('grant_type', 'OA-63', grantOf(as, form))
  if (grant instanceof OAuthError) return refuse(grant, binding)
  const forbidden = grantFault(client.client, grant.type, binding, witness)
  if (forbidden !== undefined) return refuse(forbidden, binding)
  const begun = tell('parameters', 'OA-41', grant.begin(form))
  if (begun instanceof OAuthError) return refuse(begun, binding)

  await as.keys.refresh()
  let counted: CountedTokens | undefined
  const reply = await settle(as, received, binding, async (heard) => {
    const input = { client, binding, policy: as.policy, ambient: ambient(received), witness: heard }
    const { answer, changes, ...told } = await begun.attempt(as.sources, input)
    if (!(answer instanceof OAuthError)) {
      const made = as.signer.sign(answer)
      const signed = made instanceof Promise ? await made : made
      counted = told.counted
      return { reply: json(200, signed.response, headers), changes: [...changes, ...signed.changes] }
    }
    as.refusals.count(answer, 'token', client.client.clientId, request.clientAddress)
    return { reply: tokenError(request, answer, headers), changes }
  })
  if (counted !== undefined && reply.status === 200) as.issued.count(counted)
  return reply
}

function ambient({ now }: ClientRequest): Ambient {
  return { now, secret: newSecret, recordId: newRecordId }
}

function grantOf({ grants }: AuthorizationServer, form: Form): RegisteredGrant | OAuthError {
  const type = form.need('grant_type')
  if (type instanceof OAuthError) return type
  const grant = grants.get(type)
  if (grant !== undefined) return grant
  return new OAuthError('unsupported_grant_type', `grant_type must be one of ${[...grants.keys()].join(', ')}`, { rule: 'OA-63' })
}

function grantFault(client: Client, type: string, binding: SenderConstraint | undefined, witness?: Witness): OAuthError | undefined {
  const unregistered = tellerOf('client', witness)('registered grant_type', 'OA-56', checkGrantType(client, type))
  return unregistered ?? checkBound(client, binding, witness)
}

function checkGrantType(client: Client, type: string): OAuthError | undefined {
  if (!client.grantTypes.includes(type))
    return new OAuthError('unauthorized_client', `this client may not use grant_type ${type}`, { rule: 'OA-56' })
  return undefined
}
