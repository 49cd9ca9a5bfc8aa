import { OAuthError } from '@holdfast/protocol/oauth-error'
import { newRecordId } from '@holdfast/protocol/secret'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import { stillAllowed } from '../authorization/asked.ts'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { event, type EventType } from '../events.ts'
import { tooOld } from '../interaction/next-step.ts'
import { seal, unseal } from '../keys/derived.ts'
import type { GrantRecord, PolledRequest, ServerChange } from '../records.ts'
import type { Session } from '../sessions/session.ts'
import { LastAttempt } from './last-attempt.ts'
import type { SignedInPerson } from './person.ts'

/** The device polls the record that the person answers, so a try may be lost to a poll: at most two in a second. */
const TRIES = 6

/** A kind of request that waits for a person. */
export interface Waiting<Request extends PolledRequest> {
  readonly grantType: string
  readonly approved: EventType
  readonly refused: EventType
  read(): Promise<Stored<Request> | undefined>
  /** Writes the answer, and ends what led to the request. */
  answer(request: Stored<Request>, value: Request): readonly ServerChange[]
}

export type Answered<Request> =
  | { readonly outcome: 'approved' | 'denied'; readonly request: Stored<Request> }
  /** Answered before, too late, or the person was signed out meanwhile. */
  | { readonly outcome: 'over' }
  /** The person signed in longer ago than the client takes: they sign in anew. Their session is other applications' too, and stays. */
  | { readonly outcome: 'stale' }
  /** The client is gone, or may not have this any more. */
  | { readonly outcome: 'forbidden'; readonly why: OAuthError | undefined }

/**
 * A person's yes or no to a request of another place: one answer for each request, in one commit with the grant.
 * The grant has no `sid`: that this browser signs out later does not end it.
 */
export async function answerWaiting<Request extends PolledRequest>(
  as: AuthorizationServer,
  { session, account }: SignedInPerson,
  yes: boolean,
  waiting: Waiting<Request>,
  listener: Witness | undefined,
): Promise<Answered<Request>> {
  const last = new LastAttempt(listener)
  try {
    return await answered(as, { session, account }, yes, waiting, last)
  } finally {
    last.end()
  }
}

async function answered<Request extends PolledRequest>(
  as: AuthorizationServer,
  { session, account }: SignedInPerson,
  yes: boolean,
  waiting: Waiting<Request>,
  last: LastAttempt,
): Promise<Answered<Request>> {
  let current: Session | undefined = session
  for (let tries = 0; tries < TRIES && current !== undefined; tries++) {
    const now = as.clock.now()
    const witness = last.begin()
    const tell = tellerOf('interaction', witness)
    const stored = await waiting.read()
    const request = tell('request waits', 'DEV-18', isWaiting(stored, now) ? stored : over())
    if (request instanceof OAuthError) return { outcome: 'over' }
    const { value } = request
    const { clientId, scopes, resources } = value
    const found = tell('client is there', 'DEV-30', (await as.clients.find(clientId)) ?? removed())
    if (found instanceof OAuthError) return { outcome: 'forbidden', why: undefined }
    const why = yes ? stillAllowed(value, waiting.grantType, found.client, as.requestRules, witness) : undefined
    if (why !== undefined) return { outcome: 'forbidden', why }
    const old = tell('signed in lately enough', 'OIDC-16', yes && isStale(found.client, value, current, now) ? stale() : undefined)
    if (old !== undefined) return { outcome: 'stale' }
    const grantId = yes ? newRecordId() : undefined
    const who = { clientId, subject: account.sub }
    const outcome = await as.store.commit([
      ...waiting.answer(request, { ...value, state: yes ? 'approved' : 'denied', grantId }),
      ...(grantId === undefined ? [] : [granted(as, grantId, value, current, now)]),
      ...found.require,
      ...as.sessions.used(current, now),
      event(yes ? waiting.approved : waiting.refused, now, who, { scopes, resources }),
    ])
    if (outcome === 'committed') return { outcome: yes ? 'approved' : 'denied', request }
    if (outcome.conflict.kind === 'session') current = await as.sessions.again(current)
  }
  return { outcome: 'over' }
}

function isWaiting<Request extends PolledRequest>(stored: Stored<Request> | undefined, now: number): stored is Stored<Request> {
  return stored !== undefined && stored.value.state === 'pending' && stored.value.endsAt > now
}

function over(): OAuthError {
  return new OAuthError('invalid_request', 'the request was answered already or has expired', { rule: 'DEV-18' })
}

function removed(): OAuthError {
  return new OAuthError('invalid_request', 'the client was removed or disabled', { rule: 'DEV-30' })
}

function stale(): OAuthError {
  return new OAuthError('login_required', 'the person signed in longer ago than the client takes', { rule: 'OIDC-16' })
}

/** `default_max_age` (OpenID Connect Registration §2), by the rule of the authorization endpoint; who signed in for this request did so just now. */
function isStale({ defaultMaxAge }: Client, { requestedAt }: PolledRequest, { value: { authTime = 0 } }: Session, now: number): boolean {
  return authTime < requestedAt && tooOld({ maxAge: defaultMaxAge }, authTime, now)
}

/** As long as the request waits; the tokens that come of it make it live as long as they do. */
function granted(as: AuthorizationServer, id: string, request: PolledRequest, session: Session, now: number): ServerChange {
  const { clientId, scopes, resources } = request
  const { subject, authTime, amr } = session.value
  if (subject === undefined || authTime === undefined) throw new Error('only a person who is signed in can give a grant')
  const authorizationDetails = as.requestRules.details.granted(request.authorizationDetails, { subject, clientId })
  const value: GrantRecord = {
    clientId,
    subject,
    sid: undefined,
    scopes,
    resources,
    authorizationDetails,
    authTime,
    acr: as.authentication.achieved(amr),
    amr,
    createdAt: now,
  }
  return { op: 'insert', kind: 'grant', id, value, expiresAt: request.endsAt }
}

/** What a form says which request it answers by: readable in the browser session alone that was shown the request. */
export function sealedReference(as: AuthorizationServer, kind: string, requestId: string, sessionId: string): string {
  return seal(as.derived.current('waiting-request'), requestId, `${kind} ${sessionId}`)
}

export function openReference(as: AuthorizationServer, kind: string, sealed: unknown, sessionId: string): string | undefined {
  if (typeof sealed !== 'string') return undefined
  return unseal(as.derived.current('waiting-request'), sealed, `${kind} ${sessionId}`)
}
