import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf } from '@holdfast/protocol/witness'
import { isWanted } from '../authorization/wanted-person.ts'
import type { RequestRules } from '../authorization/rules.ts'
import type { Lifetimes } from '../config/options.ts'
import { event } from '../events.ts'
import type { Account } from '../interaction/accounts.ts'
import { methodsOf } from '../config/authentication-policy.ts'
import { checkPassword, passwordVerified, type SignInContext } from '../interaction/steps/login.ts'
import { checkOneTimeCode } from '../interaction/steps/second-factor.ts'
import type { PendingSignIn, ServerOutcome } from '../records.ts'
import { amend, type AuthSession, end, NOBODY, overtakenSession, type Rotated, rotate, type SessionContent } from './auth-session.ts'
import type { ChallengeRequest } from './challenge-request.ts'
import type { FirstPartyLimit } from './client-limit.ts'
import { ANSWERED, codeOutcome } from './code.ts'
import { type Factor, type Outcome, refused } from './outcome.ts'

export interface StepContext extends Pick<SignInContext, 'accounts' | 'store' | 'signInLimit' | 'codeLimit'> {
  readonly firstPartyLimit: FirstPartyLimit
  readonly lifetimes: Lifetimes
  readonly requestRules: RequestRules
}

/** Answers to the steps of one sign-in, right and wrong ones; then the person goes on in a browser (FIPA-26). */
const ANSWERS = 5

/**
 * An answer to the step that is due, or none: that counts like a wrong one (A56). The step is claimed before anything is
 * checked: the handle is replaced and the answer counted in one commit, so that of any number of guesses at once with one
 * handle a single one is looked at.
 */
export async function answerStep(
  context: StepContext,
  request: ChallengeRequest,
  session: AuthSession,
  content: SessionContent,
  factor: Factor,
): Promise<Outcome> {
  const tell = tellerOf('auth_session', request.witness)
  const username = tell('username', 'FIPA-09', usernameOf(request, content))
  if (username instanceof OAuthError) return refused(username)
  const attempts = content.attempts + 1
  const claimed = rotate(session, { ...content, attempts }, context.lifetimes, request.now)
  const outcome = await context.store.commit([claimed.replace, ...request.client.require])
  const overtaken = tell('not used before', 'FIPA-23', checkClaimed(outcome))
  if (overtaken !== undefined) return refused(overtaken)
  const answer = await (factor === 'otp' ? oneTimeCode(context, request, content.pending) : password(context, request, content, username))
  const looked = tell('attempts left', 'FIPA-25', answer === 'locked' ? incorrect('there were too many attempts') : answer)
  if (looked instanceof OAuthError) return toWeb(claimed, looked.description)
  const account = tell(factor, 'FIPA-26', looked === 'wrong' ? incorrect('what was sent is not right') : looked)
  if (account instanceof OAuthError) return wrong(request, claimed, content, factor)
  return right(context, request, claimed, { account, username: username ?? account.username }, factor)
}

function checkClaimed(outcome: ServerOutcome): OAuthError | undefined {
  if (outcome === 'committed') return undefined
  return outcome.conflict.kind === 'client'
    ? new OAuthError('invalid_client', 'the client is unknown or its credentials are wrong', { rule: 'PAR-21' })
    : overtakenSession('another request answered its step first')
}

function incorrect(description: string): OAuthError {
  return new OAuthError('insufficient_authorization', description, { rule: 'FIPA-26' })
}

/** Whose password it is: `username`, else the `login_hint` of the request, else who signed in on this device before. */
function usernameOf({ form }: ChallengeRequest, { request, username, pending }: SessionContent): string | OAuthError | undefined {
  const sent = form.one('username')
  if (sent instanceof OAuthError) return sent
  if (pending !== undefined) return pending.username
  const name = sent ?? request?.loginHint ?? username
  return name === undefined && form.has('password')
    ? new OAuthError('invalid_request', 'username is missing: send it with password, or login_hint with the first request', {
        rule: 'FIPA-09',
      })
    : name
}

async function password(
  context: StepContext,
  { form, address, client, now }: ChallengeRequest,
  content: SessionContent,
  username: string | undefined,
): Promise<Account | 'wrong' | 'locked'> {
  const sent = form.one('password')
  if (typeof sent !== 'string' || username === undefined) return 'wrong'
  const { clientId } = client.client
  const attempt = await context.firstPartyLimit.attempt(clientId, now)
  if (!attempt.allowed) {
    if (attempt.first) await context.store.commit([event('person.sign_in_locked', now, { clientId }, { scope: attempt.scope })])
    return 'locked'
  }
  // Somebody signed in on this device under this name before: strangers who use up its attempts do not lock them out here.
  const knownDevice = content.subject !== undefined && content.username === username
  const account = await checkPassword(context, username, sent, { address, knownDevice, clientId, now })
  if (typeof account !== 'string') await attempt.forgive()
  return account
}

function oneTimeCode(
  context: StepContext,
  { form, client, now }: ChallengeRequest,
  pending: PendingSignIn | undefined,
): Promise<Account | 'wrong' | 'locked'> | 'wrong' {
  const sent = form.one('otp')
  if (typeof sent !== 'string' || pending === undefined) return 'wrong'
  return checkOneTimeCode(context, pending.subject, sent, client.client.clientId, now)
}

function wrong({ form, client, now }: ChallengeRequest, claimed: Rotated, { pending }: SessionContent, factor: Factor): Outcome {
  const who = { clientId: client.client.clientId, subject: pending?.subject }
  const told = factor === 'otp' && form.has('otp') ? [event('person.second_factor_refused', now, who, { factor })] : []
  if (claimed.next.value.attempts < ANSWERS)
    return { kind: 'insufficient', handle: claimed.handle, next: factor, wrong: true, changes: told }
  const web = toWeb(claimed, 'there were too many attempts')
  return { ...web, changes: [...web.changes, ...told] }
}

function right(
  context: StepContext,
  request: ChallengeRequest,
  { handle, next }: Rotated,
  { account, username }: { readonly account: Account; readonly username: string },
  factor: Factor,
): Outcome {
  const { client, now, witness } = request
  const tell = tellerOf('auth_session', witness)
  const { clientId } = client.client
  const { secretHash: _known, ...content } = next.value
  const amr = methodsOf('pwd', ...(factor === 'otp' ? ['otp'] : []))
  const { acrValues = [] } = content.request ?? {}
  const { request: asked } = content
  const wanted = asked === undefined || isWanted(asked, client.client, context.requestRules.subjects, account.sub)
  const stranger = tell('the person asked for', 'OIDC-18', wanted ? undefined : otherPerson())
  if (stranger !== undefined) return { kind: 'refused', error: stranger, changes: end(next) }
  const { authentication } = context.requestRules
  const satisfied = authentication.satisfied(amr, acrValues)
  const helpful = authentication.helpful(account, amr, acrValues)
  const unmet = tell('acr can be reached', 'STEP-19', !satisfied && helpful.length === 0 ? unreachable() : undefined)
  if (unmet !== undefined) return { kind: 'refused', error: unmet, changes: end(next) }
  // Codes of an app are asked for by this one; passkeys on our pages.
  const byPasskey = (!satisfied || !authentication.enough(account, amr)) && !helpful.includes('otp')
  const page = tell('no page of ours needed', 'FIPA-18', byPasskey ? needsPage('a passkey is asked for') : undefined)
  if (page !== undefined) return toWeb({ next }, page.description)
  if (!satisfied || !authentication.enough(account, amr)) {
    const pending = { subject: account.sub, username, provenAt: now, attempts: 0 }
    // Whoever signed in before on this device is signed out by a password of somebody else, or of their own.
    const write = amend(next, { pending, ...NOBODY }, context.lifetimes, now)
    return {
      kind: 'insufficient',
      handle,
      next: 'otp',
      wrong: false,
      changes: [write, passwordVerified(account, clientId, now), ...client.require],
    }
  }
  const person = { subject: account.sub, username, authTime: now, amr }
  const write = amend(next, { ...ANSWERED, ...person }, context.lifetimes, now)
  return codeOutcome(context, request, { ...content, ...person }, { handle, write }, 'person.signed_in')
}

function toWeb({ next }: Pick<Rotated, 'next'>, why: string): Outcome {
  return { kind: 'web', why, from: next.value, changes: end(next) }
}

function otherPerson(): OAuthError {
  return new OAuthError('login_required', 'another person signed in than the one that the request names', { rule: 'OIDC-18' })
}

function needsPage(why: string): OAuthError {
  return new OAuthError('redirect_to_web', why, { rule: 'FIPA-18' })
}

function unreachable(): OAuthError {
  return new OAuthError('unmet_authentication_requirements', 'the person has no way to sign in that reaches the acr asked for', {
    rule: 'STEP-19',
  })
}
