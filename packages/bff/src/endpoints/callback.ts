import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { redirectUriOf } from '../authorization-server/authorization-request.ts'
import { Failure } from '../authorization-server/failure.ts'
import { redeem, type SignedIn, stateOf } from '../authorization-server/sign-in.ts'
import { revoke } from '../authorization-server/tokens.ts'
import type { Backend } from '../backend.ts'
import { told } from '../checks.ts'
import { bouncePage, errorPage } from '../pages.ts'
import { withParameter } from '../return-path.ts'
import { find, over, type Transaction } from '../transaction.ts'

/** What the page may be told of a refusal: nothing else that a server says reaches it. */
const TOLD: ReadonlySet<string> = new Set([
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'unmet_authentication_requirements',
  'temporarily_unavailable',
])

const ONE_STATE = { about: 'authorization response', check: 'one state', rule: 'BFF-07' }

/** GET /bff/callback: the authorization response (OAuth 2.1 §4.1.2). A sign-in that worked begins a new session, always (BFF-07). */
export async function callback(backend: Backend, request: HttpRequest): Promise<Reply> {
  const { settings, link } = backend
  const parameters = new URLSearchParams(request.query)
  const state = Form.parse(request.query) instanceof Form ? stateOf(parameters) : undefined
  told(request.witness, ONE_STATE, state === undefined ? 'state is missing, or sent more than once' : undefined)
  const transaction = state === undefined ? undefined : await find(settings, request, state)
  if (state === undefined || transaction === undefined) {
    settings.tell({
      type: 'login.failed',
      kind: 'unsound',
      code: 'unknown_state',
      detail: 'this browser has begun no such sign-in, or too long ago',
    })
    return errorPage(400, 'This sign-in was not begun in this browser, or it is over. Please sign in again.', settings.home)
  }
  const signedIn = await redeem(link, parameters, redirectUriOf(settings), transaction, request.witness)
  return signedIn instanceof Failure ? failed(backend, transaction, signedIn) : begun(backend, request, transaction, signedIn)
}

async function begun(
  { settings, link, sessions }: Backend,
  request: HttpRequest,
  transaction: Transaction,
  { contents, refreshEndsAt }: SignedIn,
): Promise<Reply> {
  const { clock, absolute, tell } = settings
  // BFF-06: a session that outlives its refresh token looks signed in and is not.
  const endsAt = Math.min(clock.now() + absolute, refreshEndsAt ?? Infinity)
  const setCookie = await sessions.start(request, contents, endsAt).catch(async (error: unknown) => {
    // Nobody else knows these tokens.
    await revoke(link, contents)
    throw error
  })
  if (setCookie === undefined) {
    await revoke(link, contents)
    return failed(
      { settings, link, sessions },
      transaction,
      new Failure('refused', 'session_not_begun', 'it was ended meanwhile, or is too large'),
    )
  }
  tell({ type: 'session.started', sub: contents.sub })
  // The cookie is not here when the server is another site: then what the browser had at the start counts. Another tab may have put one in its place since.
  const formers = new Set([transaction.former, (await sessions.find(request))?.id])
  for (const former of formers) {
    const ended = former === undefined ? undefined : await sessions.end(former)
    if (ended === undefined) continue
    tell({ type: 'session.ended', reason: 'replaced', sub: ended.sub })
    const failure = await revoke(link, ended)
    if (failure !== undefined) tell({ type: 'revocation.failed', code: failure.code, detail: failure.detail })
  }
  return bouncePage(transaction.returnTo, [...setCookie, over(settings, transaction.state)])
}

/** The former session stays: a step-up that did not work takes nothing away. */
function failed({ settings }: Backend, { returnTo, state }: Transaction, { kind, code, detail }: Failure): Reply {
  settings.tell({ type: 'login.failed', kind, code, detail })
  const setCookie = [over(settings, state)]
  // MCP-51: of an answer that may be another server's, nothing is shown.
  if (kind === 'unsound')
    return errorPage(400, 'The answer of the sign-in server could not be checked. Please sign in again.', settings.home, setCookie)
  const told = kind === 'away' ? 'temporarily_unavailable' : TOLD.has(code) ? code : 'failed'
  return bouncePage(withParameter(returnTo, 'login_error', told), setCookie)
}
