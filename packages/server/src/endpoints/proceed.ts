import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { formatHandle, newRecordId, newSecret, secretHash } from '@holdfast/protocol/secret'
import type { Stored } from '@holdfast/store'
import { newCode } from '../authorization/code.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { FoundClient } from '../client-authentication/clients.ts'
import { event } from '../events.ts'
import { clientHash, consentId, lastingConsent } from '../interaction/consent-record.ts'
import { nextStep } from '../interaction/next-step.ts'
import type { InteractionState } from '../interaction/state.ts'
import type { ConsentRecord, InteractionRecord, ServerChange } from '../records.ts'
import { sessionState, stateCookie } from '../sessions/browser-state.ts'
import { sessionClient } from '../sessions/session-clients.ts'
import type { Session } from '../sessions/session.ts'
import { seeOther } from './answer.ts'
import { errorPage } from './page.ts'

/** An authorization request on its way through the browser. */
export interface Opened {
  readonly client: FoundClient
  readonly request: AuthorizationRequest
  readonly pushedRequestId: string | undefined
}

export interface Loaded {
  readonly state: InteractionState
  readonly consent: Stored<ConsentRecord> | undefined
}

/** Reads all that the steps look at, as it is now. */
export async function loadState(
  as: AuthorizationServer,
  opened: Opened,
  session: Session | undefined,
  interaction: InteractionRecord | undefined,
): Promise<Loaded> {
  const subject = session?.value.subject
  const [account, consent] =
    subject === undefined
      ? [undefined, undefined]
      : await Promise.all([as.accounts.find(subject), as.store.read('consent', consentId(subject, opened.client.client.clientId))])
  const now = as.clock.now()
  const state: InteractionState = {
    request: opened.request,
    client: opened.client.client,
    session,
    account,
    consent: consent === undefined ? undefined : lastingConsent(consent.value, as.requestRules.details),
    signedInAt: interaction?.signedInAt,
    consented: interaction?.consented ?? false,
    pending: interaction?.pending,
    now,
  }
  return { state, consent }
}

/** A fault of ours after the redirect URI was trusted: logged where every fault is, and told to the client by redirect (OA-35). */
export class ToldFault extends Error {
  override readonly name = 'ToldFault'
  readonly reply: (error: OAuthError) => Promise<Reply>

  constructor(cause: unknown, reply: (error: OAuthError) => Promise<Reply>) {
    super('a fault after the redirect URI was trusted', { cause })
    this.reply = reply
  }
}

/** Runs what may fail for reasons of ours, and says where the client is to be told. */
export async function telling(as: AuthorizationServer, { client, request }: Opened, work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work()
  } catch (fault) {
    throw new ToldFault(fault, (error) => as.responses.refuse(client.client, request, error))
  }
}

/** The start: answers at once when nothing is needed of the person, else opens an interaction and leads to its page. */
export async function proceed(as: AuthorizationServer, http: HttpRequest, opened: Opened): Promise<Reply> {
  const session = await as.sessions.of(http, as.clock.now())
  const { state } = await loadState(as, opened, session, undefined)
  const step = nextStep(state)
  if (step === undefined && session !== undefined) return issueCode(as, http, opened, session, [])
  const { request } = opened
  if (step !== undefined && request.prompt.includes('none')) {
    return as.responses.refuse(
      opened.client.client,
      request,
      new OAuthError(step.silent, 'the person would have to be asked, and prompt is none', { rule: 'OIDC-10' }),
    )
  }
  return openInteraction(as, opened, session)
}

async function openInteraction(as: AuthorizationServer, opened: Opened, session: Session | undefined): Promise<Reply> {
  const now = as.clock.now()
  const browser = session === undefined ? as.sessions.open(now) : undefined
  const id = newRecordId()
  const secret = newSecret()
  const value: InteractionRecord = {
    secretHash: secretHash(secret),
    sessionId: session?.id ?? (browser?.id as string),
    request: opened.request,
    pushedRequestId: opened.pushedRequestId,
    signedInAt: undefined,
    consented: false,
    clientHash: clientHash(opened.client.client),
  }
  await as.store.commit([
    ...(browser === undefined ? [] : [browser.insert]),
    { op: 'insert', kind: 'interaction', id, value, expiresAt: now + as.lifetimes.interaction },
  ])
  return seeOther(
    endpointUrl(as.issuer, `/interaction/${formatHandle({ id, secret })}`),
    browser === undefined ? {} : { 'set-cookie': browser.cookie },
  )
}

/**
 * The answer to the client: a code, a grant under it, and the end of the request it came from, in one commit.
 * The pushed request is required and deleted, so of two tabs that finish the same one only the first succeeds (PAR-17).
 */
export async function issueCode(
  as: AuthorizationServer,
  http: HttpRequest,
  opened: Opened,
  session: Session,
  also: readonly ServerChange[],
  headers: Reply['headers'] = {},
): Promise<Reply> {
  const { request } = opened
  let current: Session | undefined = session
  for (let tries = 0; tries < 3 && current !== undefined; tries++) {
    const { code, changes } = codeFor(as, opened, current)
    // Made before the commit: an answer that cannot be signed or encrypted costs nothing.
    const answer = await as.responses.answer(
      opened.client.client,
      request,
      { code, ...sessionState(as, request, current.value) },
      withCookies(headers, stateCookie(as, current.value, as.clock.now())),
    )
    const outcome = await as.store.commit([
      ...changes,
      ...spent(opened),
      ...opened.client.require,
      ...as.sessions.used(current, as.clock.now()),
      ...(await sessionClient(as, opened.client.client, current, as.clock.now())),
      ...also,
    ])
    if (outcome === 'committed') return answer
    // Another tab noted this client in the same session first.
    if (outcome.conflict.kind === 'session_client') continue
    // Another tab moved the session's idle end; or it was signed out, and then there is none to go on with.
    if (outcome.conflict.kind !== 'session') break
    current = await as.sessions.again(current)
  }
  return overtaken(as, http)
}

function withCookies(headers: Reply['headers'], cookies: readonly string[]): Reply['headers'] {
  return cookies.length === 0 ? headers : { ...headers, 'set-cookie': [headers['set-cookie'] ?? [], cookies].flat() }
}

/** A code for whoever is signed in. */
function codeFor(as: AuthorizationServer, { request }: Opened, session: Session): ReturnType<typeof newCode> {
  const { subject, authTime, sid, acr, amr } = session.value
  if (subject === undefined || authTime === undefined) throw new Error('a code is issued for a signed-in session only')
  const lifetime = as.lifetimes.authorizationCode
  const authorizationDetails = as.requestRules.details.granted(request.authorizationDetails, { subject, clientId: request.clientId })
  const asked = { ...request, authorizationDetails }
  return newCode(asked, request.redirectUri, { subject, sid, authTime, acr, amr }, { now: as.clock.now(), lifetime })
}

/** The person said no: the client is told, and the request is over. */
export async function refuseAccess(
  as: AuthorizationServer,
  http: HttpRequest,
  opened: Opened,
  subject: string,
  also: readonly ServerChange[],
): Promise<Reply> {
  const { request, client } = opened
  const outcome = await as.store.commit([
    ...spent(opened),
    ...also,
    event('consent.refused', as.clock.now(), { clientId: client.client.clientId, subject }),
  ])
  if (outcome !== 'committed') return overtaken(as, http)
  return as.responses.refuse(client.client, request, new OAuthError('access_denied', 'the person did not allow it'))
}

function spent({ pushedRequestId }: Opened): readonly ServerChange[] {
  if (pushedRequestId === undefined) return []
  return [
    { op: 'require', kind: 'pushed_request', id: pushedRequestId, expected: 1 },
    { op: 'delete', kind: 'pushed_request', id: pushedRequestId },
  ]
}

/** Another tab finished the same request meanwhile. */
export function overtaken(as: AuthorizationServer, http: HttpRequest): Reply {
  return errorPage(
    as,
    http,
    new OAuthError('invalid_request', 'the request was answered already', { rule: 'PAR-17' }),
    'This request is already answered',
    'It was finished in another tab or window. Go back to the application: you may be signed in already.',
  )
}
