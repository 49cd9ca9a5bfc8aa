import { json, type HttpRequest, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { formatHandle, newRecordId, newSecret, secretHash } from '@holdfast/protocol/secret'
import { tellerOf } from '@holdfast/protocol/witness'
import { type Asked, parseAsked } from '../authorization/asked.ts'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { newUserCode, shownUserCode, userCodeIds } from '../interaction/user-code.ts'
import type { DeviceRequestRecord } from '../records.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import { tokenError } from './answer.ts'
import { type Attempt, type ClientRequest, receive, settle } from './client-request.ts'
import { tooManyBegun } from './stranger-limit.ts'

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** RFC 8628 §3.2: seconds between polls, unless the device was too fast. */
const INTERVAL = 5

/** POST /device_authorization (RFC 8628 §3.1). */
export async function deviceAuthorization(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const received = await receive(as, request, 'device_authorization')
  if ('status' in received) return received
  const tooMany = await tooManyBegun(as, received)
  if (tooMany !== undefined) return tooMany
  const headers = as.dpop.headers(request, received.now)
  const binding = as.dpop.check(request, '/device_authorization', received.now)
  const asked = binding instanceof OAuthError ? binding : requested(as, received)
  return settle(as, received, binding instanceof OAuthError ? undefined : binding, () => {
    if (!(asked instanceof OAuthError)) return waiting(as, received, asked, binding instanceof OAuthError ? undefined : binding, headers)
    as.refusals.count(asked, 'device_authorization', received.client.client.clientId, request.clientAddress)
    return { reply: tokenError(request, asked, headers), changes: [] }
  })
}

function requested(as: AuthorizationServer, { request: { witness }, form, client }: ClientRequest): Asked | OAuthError {
  const unregistered = tellerOf('client', witness)('registered grant_type', 'DEV-02', checkGrantType(client.client))
  return unregistered ?? parseAsked(form, client.client, as.requestRules, witness)
}

function checkGrantType({ grantTypes }: Client): OAuthError | undefined {
  if (grantTypes.includes(DEVICE_CODE_GRANT)) return undefined
  return new OAuthError('unauthorized_client', `this client may not use grant_type ${DEVICE_CODE_GRANT}`, { rule: 'DEV-02' })
}

/** Codes are drawn anew at every try: a user code that is taken conflicts, and the next one is another. */
function waiting(
  as: AuthorizationServer,
  { request, client, now }: ClientRequest,
  asked: Asked,
  binding: SenderConstraint | undefined,
  headers: Reply['headers'],
): Attempt {
  const id = newRecordId()
  const secret = newSecret()
  const userCode = newUserCode()
  const [userCodeId = ''] = userCodeIds(as.derived, userCode)
  const lifetime = as.lifetimes.deviceCode
  const value: DeviceRequestRecord = {
    ...asked,
    secretHash: secretHash(secret),
    clientId: client.client.clientId,
    dpopJkt: binding?.jkt,
    instance: client.instance,
    requestedAt: now,
    endsAt: now + lifetime,
    interval: INTERVAL,
    polledAt: undefined,
    slowedAt: undefined,
    state: 'pending',
    grantId: undefined,
    userCodeId,
    address: request.clientAddress,
  }
  const page = endpointUrl(as.issuer, '/device')
  const body = {
    device_code: formatHandle({ id, secret }),
    user_code: shownUserCode(userCode),
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${shownUserCode(userCode)}`,
    expires_in: lifetime,
    interval: INTERVAL,
  }
  return {
    reply: json(200, body, headers),
    changes: [
      // Twice as long as it waits: whoever polls too late hears that the code has expired, not that there never was one.
      { op: 'insert', kind: 'device_request', id, value, expiresAt: now + 2 * lifetime },
      { op: 'insert', kind: 'user_code', id: userCodeId, value: { requestId: id }, expiresAt: now + lifetime },
    ],
  }
}
