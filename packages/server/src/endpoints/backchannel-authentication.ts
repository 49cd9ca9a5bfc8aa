import { json, type HttpRequest, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { formatHandle, newRecordId, newSecret, secretHash } from '@holdfast/protocol/secret'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { REQUEST } from '../authorization/parse.ts'
import { type BackchannelRequest, parseBackchannelRequest } from '../authorization/backchannel-request.ts'
import type { AuthorizationServer } from '../authorization-server.ts'
import { event } from '../events.ts'
import type { Account } from '../interaction/accounts.ts'
import type { BackchannelRequestRecord } from '../records.ts'
import { readIdTokenHint } from '../tokens/id-token-hint.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import { tokenError } from './answer.ts'
import { sealedNotificationToken } from './backchannel-notice.ts'
import { type Attempt, type ClientRequest, receive, settle } from './client-request.ts'

/** CIBA Core §7.3: seconds between polls, unless the client was too fast. */
const INTERVAL = 5
/** What one client may have waiting for one person: a person who is asked again and again says yes at last. */
const MOST_WAITING = 10
/** So many of them are looked at: those that have expired stay listed for a while. */
const LOOKED_AT = 200

export function backchannelMetadata(): Readonly<Record<string, unknown>> {
  return { backchannel_token_delivery_modes_supported: ['poll', 'ping'], backchannel_user_code_parameter_supported: false }
}

/** POST /backchannel_authentication (CIBA Core §7). */
export async function backchannelAuthentication(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const received = await receive(as, request, 'backchannel_authentication')
  if ('status' in received) return received
  const headers = as.dpop.headers(request, received.now)
  const binding = as.dpop.check(request, '/backchannel_authentication', received.now)
  const asked = binding instanceof OAuthError ? binding : await addressed(as, received)
  return settle(as, received, binding instanceof OAuthError ? undefined : binding, () => {
    if (!(asked instanceof OAuthError)) return waiting(as, received, asked, binding instanceof OAuthError ? undefined : binding, headers)
    as.refusals.count(asked, 'backchannel_authentication', received.client.client.clientId, request.clientAddress)
    const reply = tokenError(request, asked, headers)
    // CIBA Core §13: at this endpoint, and no other, access_denied is 403.
    return { reply: asked.code === 'access_denied' ? { ...reply, status: 403 } : reply, changes: [] }
  })
}

interface Addressed {
  readonly request: BackchannelRequest
  readonly account: Account
}

async function addressed(
  as: AuthorizationServer,
  { request: { witness }, form, client, now }: ClientRequest,
): Promise<Addressed | OAuthError> {
  const { clientId } = client.client
  const tell = tellerOf(REQUEST, witness)
  const request = parseBackchannelRequest(form, client.client, as.requestRules, witness)
  if (request instanceof OAuthError) return request
  // The standard wants it told which hints lead nowhere; a client that tries names is stopped, right ones included.
  const guess = `backchannel hint\n${clientId}`
  const blocked = tell(
    'few wrong hints',
    'CIBA-04',
    as.guesses.blocked(guess, now) ? refused('too many hints led to nobody: wait a minute') : undefined,
  )
  if (blocked !== undefined) return blocked
  const found = await hinted(as, request.hint, clientId, witness)
  if (found instanceof OAuthError) return found
  const account = tell('hint leads to somebody', 'CIBA-04', present(found))
  if (account instanceof OAuthError) {
    await as.guesses.failed(guess, now)
    return account
  }
  return tell('few requests wait', 'CIBA-04', await checkWaiting(as, askerOf(clientId, account.sub), now)) ?? { request, account }
}

function present(account: Account | undefined): Account | OAuthError {
  if (account === undefined || account.disabled) return new OAuthError('unknown_user_id', 'the hint leads to nobody', { rule: 'CIBA-04' })
  return account
}

async function checkWaiting({ store }: AuthorizationServer, asker: string, now: EpochSeconds): Promise<OAuthError | undefined> {
  const { items } = await store.list('backchannel_request', 'pendingFrom', asker, { limit: LOOKED_AT })
  const alive = items.filter(({ value }) => value.endsAt > now)
  if (alive.length < MOST_WAITING && items.length !== LOOKED_AT) return undefined
  return refused('too many requests of this client wait for this person')
}

function refused(description: string): OAuthError {
  return new OAuthError('access_denied', description, { rule: 'CIBA-04' })
}

function askerOf(clientId: string, subject: string): string {
  return secretHash(`${clientId}\n${subject}`)
}

async function hinted(
  as: AuthorizationServer,
  { kind, value }: BackchannelRequest['hint'],
  clientId: string,
  witness: Witness | undefined,
): Promise<Account | OAuthError | undefined> {
  // No name and no `sub` is longer, and no store takes an id that is.
  if (kind === 'login_hint' && value.length > 256) return undefined
  if (kind === 'login_hint') return (await as.accounts.find(value)) ?? as.accounts.findByUsername?.(value)
  const hint = await readIdTokenHint(as, value)
  const told = tellerOf('id_token_hint', witness)('ID token of this client', 'CIBA-02', hint?.clientId === clientId ? hint : notOfClient())
  return told instanceof OAuthError ? told : as.accounts.find(told.subject)
}

function notOfClient(): OAuthError {
  return new OAuthError('invalid_request', 'id_token_hint is not an ID token that was issued here to this client', { rule: 'CIBA-02' })
}

function waiting(
  as: AuthorizationServer,
  { client, now }: ClientRequest,
  { request, account }: Addressed,
  binding: SenderConstraint | undefined,
  headers: Reply['headers'],
): Attempt {
  const id = newRecordId()
  const secret = newSecret()
  const authReqId = formatHandle({ id, secret })
  const { scopes, resources, authorizationDetails, bindingMessage, notificationToken } = request
  const lifetime = Math.min(as.lifetimes.backchannelRequest, request.requestedExpiry ?? Infinity)
  const { clientId } = client.client
  const value: BackchannelRequestRecord = {
    secretHash: secretHash(secret),
    clientId,
    scopes,
    resources,
    authorizationDetails,
    dpopJkt: binding?.jkt,
    instance: client.instance,
    requestedAt: now,
    endsAt: now + lifetime,
    interval: INTERVAL,
    polledAt: undefined,
    slowedAt: undefined,
    state: 'pending',
    grantId: undefined,
    subject: account.sub,
    pendingFor: account.sub,
    pendingFrom: askerOf(clientId, account.sub),
    bindingMessage,
    notificationToken: notificationToken === undefined ? undefined : sealedNotificationToken(as.derived, { authReqId, notificationToken }),
  }
  return {
    reply: json(200, { auth_req_id: authReqId, expires_in: lifetime, interval: INTERVAL }, headers),
    changes: [
      { op: 'insert', kind: 'backchannel_request', id, value, expiresAt: now + lifetime + as.lifetimes.backchannelRequest },
      event('backchannel.asked', now, { clientId, subject: account.sub }, { scopes, resources }),
    ],
  }
}
