import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf } from '@holdfast/protocol/witness'
import { isWanted } from '../authorization/wanted-person.ts'
import type { Account } from '../interaction/accounts.ts'
import { owesFactor, tooOld } from '../interaction/next-step.ts'
import { type Asked, readAsked, sameRequest } from './asked.ts'
import { answerStep, type StepContext } from './answer-step.ts'
import { type AuthSession, findAuthSession, NOBODY, openAuthSession, rotate, type SessionContent } from './auth-session.ts'
import type { ChallengeRequest } from './challenge-request.ts'
import { ANSWERED, codeOutcome } from './code.ts'
import { type Factor, type Outcome, refused } from './outcome.ts'

/** One request to the challenge endpoint (§5): the start of a sign-in, an answer to its next step, or a new request on its device. */
export async function challenge(context: StepContext, request: ChallengeRequest): Promise<Outcome> {
  const { form, witness } = request
  const tell = tellerOf('auth_session', witness)
  const presented = form.one('auth_session')
  if (presented instanceof OAuthError) return refused(presented)
  const session = presented === undefined ? undefined : await findAuthSession(context.store, presented, request)
  if (session instanceof OAuthError) return refused(session)
  const asked = await askedOf(context, request, session)
  if (asked instanceof OAuthError) return refused(asked)
  // Every guess belongs to a session, whose guesses are counted (FIPA-25).
  const stray = tell('sent with what it answers', 'FIPA-12', checkNoGuess(request, session))
  if (stray !== undefined) return refused(stray)

  const content = session === undefined ? begun(asked, request) : continued(session, asked, request)
  const account = content.subject === undefined ? undefined : await context.accounts.find(content.subject)
  const enough = stillSignedIn(context, content, account, asked, request)
  const { prompt } = asked.request
  const silent = prompt.includes('none')
  const asking = tell('nobody asked with prompt none', 'OIDC-10', silent && !enough ? wouldAsk() : undefined)
  if (asking !== undefined) return refused(asking)
  const shown = mustBeShown(context, asked)
  const showing = tell('nothing shown with prompt none', 'OIDC-10', silent && shown !== undefined ? wouldShow(shown) : undefined)
  if (showing !== undefined) return refused(showing)
  const page = tell('no page of ours needed', 'FIPA-18', shown === undefined ? undefined : needsPage(shown))
  if (page !== undefined) return toWeb(session, asked, page.description)
  if (session === undefined) {
    const { handle, insert } = openAuthSession(content, context.lifetimes, request.now)
    return { kind: 'insufficient', handle, next: 'password', wrong: false, changes: [insert, ...request.client.require] }
  }
  if (enough) {
    const { handle, replace } = rotate(session, { ...content, ...ANSWERED }, context.lifetimes, request.now)
    return codeOutcome(context, request, content, { handle, write: replace }, 'auth_session.reused')
  }
  const factor: Factor = owesFactor(content.pending, request.now) ? 'otp' : 'password'
  if (form.has('response_type') && !form.has(factor) && !sameRequest(session.value.request, asked.request)) {
    const { handle, replace } = rotate(session, content, context.lifetimes, request.now)
    return { kind: 'insufficient', handle, next: factor, wrong: false, changes: [replace, ...request.client.require] }
  }
  return answerStep(context, request, session, content, factor)
}

function checkNoGuess({ form }: ChallengeRequest, session: AuthSession | undefined): OAuthError | undefined {
  if (session !== undefined || (!form.has('password') && !form.has('otp'))) return undefined
  return new OAuthError('invalid_request', 'password and otp are sent with the auth_session of the answer before', { rule: 'FIPA-12' })
}

function wouldAsk(): OAuthError {
  return new OAuthError('login_required', 'the person would have to be asked, and prompt is none', { rule: 'OIDC-10' })
}

function needsPage(shown: string): OAuthError {
  return new OAuthError('redirect_to_web', shown, { rule: 'FIPA-18' })
}

function wouldShow(shown: string): OAuthError {
  return new OAuthError('consent_required', `${shown}, and prompt is none`, { rule: 'OIDC-10' })
}

/** A request of its own, or the one that the session is about. */
async function askedOf(
  context: StepContext,
  { form, client, binding, witness }: ChallengeRequest,
  session: AuthSession | undefined,
): Promise<Asked | OAuthError> {
  if (session === undefined || form.has('response_type')) return readAsked(form, client, context.requestRules, binding, witness)
  const { request, redirectUri } = session.value
  const asked = request === undefined ? answeredBefore() : { request, redirectUri }
  return tellerOf('auth_session', witness)('not answered before', 'FIPA-07', asked)
}

function answeredBefore(): OAuthError {
  return new OAuthError(
    'invalid_request',
    'response_type is missing: what this auth_session was for is answered, so say what is asked for',
    { rule: 'FIPA-07' },
  )
}

function begun(asked: Asked, { client, binding, now }: ChallengeRequest): SessionContent {
  return {
    ...asked,
    clientId: client.client.clientId,
    jkt: binding?.jkt,
    instance: client.instance,
    pending: undefined,
    attempts: 0,
    subject: undefined,
    username: undefined,
    authTime: undefined,
    amr: [],
    startedAt: now,
  }
}

/** Another request than before starts the sign-in over: a password that was typed for one says nothing about the other. */
function continued({ value }: AuthSession, asked: Asked, { client, binding, now }: ChallengeRequest): SessionContent {
  const { secretHash: _old, ...content } = value
  const kept = sameRequest(value.request, asked.request) ? {} : { pending: undefined, startedAt: now }
  // A key that comes later is whoever's: it was not there at the sign-in, so it does not prove the device of that sign-in.
  const late = binding?.jkt !== undefined && value.jkt === undefined && value.instance === undefined && client.method === 'none'
  return { ...content, ...asked, ...kept, ...(late ? NOBODY : {}), jkt: value.jkt ?? binding?.jkt }
}

/**
 * Whether who signed in on this device before need not be asked again. Only where the device proves itself: without a key
 * and without a client's credentials the handle alone would be as good as a password.
 */
function stillSignedIn(
  { requestRules }: StepContext,
  { subject, authTime, amr, jkt, instance }: SessionContent,
  account: Account | undefined,
  { request }: Asked,
  { client, now }: ChallengeRequest,
): boolean {
  if (subject === undefined || authTime === undefined || account === undefined || account.disabled) return false
  if (jkt === undefined && instance === undefined && client.method === 'none') return false
  if (request.prompt.includes('login') || request.prompt.includes('select_account')) return false
  const { authentication, subjects } = requestRules
  if (!isWanted(request, client.client, subjects, subject)) return false
  return authentication.enough(account, amr) && authentication.satisfied(amr, request.acrValues ?? []) && !tooOld(request, authTime, now)
}

/** What the person must read and allow is on our pages only: a sign-in, and much less a session that is reused, is no yes to a payment. */
function mustBeShown({ requestRules: { details } }: StepContext, { request }: Asked): string | undefined {
  if (request.prompt.includes('consent')) return 'the person must be asked on a page of the server: prompt is consent'
  return details.lasting(request.authorizationDetails).length === request.authorizationDetails.length
    ? undefined
    : 'the person must be asked on a page of the server: authorization_details has a type that is asked for every time'
}

function toWeb(session: AuthSession | undefined, from: Asked, why: string): Outcome {
  const ended = session === undefined ? [] : [{ op: 'delete', kind: 'auth_session', id: session.id } as const]
  return { kind: 'web', why, from, changes: ended }
}
