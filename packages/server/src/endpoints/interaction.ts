import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import type { Stored } from '@holdfast/store'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { consentGiven } from '../interaction/consent-record.ts'
import { checkCsrf, csrfToken } from '../interaction/csrf.ts'
import { nextStep } from '../interaction/next-step.ts'
import { consentPage } from '../interaction/steps/consent-page.ts'
import { type CompleteSignIn, signIn } from '../interaction/steps/login.ts'
import { signInPage } from '../interaction/steps/login-page.ts'
import { oneTimeCodePage } from '../interaction/steps/one-time-code-page.ts'
import { claimed, secondFactor } from '../interaction/steps/second-factor.ts'
import type { InteractionState } from '../interaction/state.ts'
import type { InteractionRecord, PendingSignIn, ServerChange } from '../records.ts'
import { stateCookie } from '../sessions/browser-state.ts'
import type { Session } from '../sessions/session.ts'
import { seeOther } from './answer.ts'
import { outdated } from './outdated.ts'
import { errorPage, stylesheetHref } from './page.ts'
import { issueCode, type Loaded, loadState, type Opened, overtaken, refuseAccess, telling } from './proceed.ts'

interface Found {
  readonly interaction: Stored<InteractionRecord>
  readonly session: Session
  readonly opened: Opened
  readonly url: string
}

/** GET /interaction/{handle}: the page of the step that is needed now, whatever the browser asked for before. */
export async function showInteraction(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const found = await find(as, http)
  if ('status' in found) return found
  const { state } = await loadState(as, found.opened, found.session, found.interaction.value)
  return page(as, http, found, state)
}

/** POST /interaction/{handle}: the answer to the step that is needed now; an answer to another one is not taken (A56). */
export async function answerInteraction(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const found = await find(as, http)
  return 'status' in found ? found : telling(as, found.opened, () => answerStep(as, http, found))
}

async function answerStep(as: AuthorizationServer, http: HttpRequest, found: Found): Promise<Reply> {
  const form = await Form.read(http)
  if (form instanceof OAuthError) return errorPage(as, http, form, 'This form could not be read', 'Go back and send it again.')
  const csrf = form.one('csrf')
  const foreign = checkCsrf(
    http,
    typeof csrf === 'string' ? csrf : undefined,
    csrfToken(as.derived, found.session.id, found.interaction.id),
    as.origin,
  )
  if (foreign !== undefined)
    return errorPage(
      as,
      http,
      foreign,
      'This form is not from here',
      'It was sent from another page or an older session. Go back to the application and start again.',
      403,
    )
  const loaded = await loadState(as, found.opened, found.session, found.interaction.value)
  const step = nextStep(loaded.state)
  if (step?.name === 'login') return answerLogin(as, http, found, loaded.state, form)
  if (step?.name === 'second-factor' && loaded.state.pending !== undefined)
    return answerSecondFactor(as, http, found, loaded.state, loaded.state.pending, form)
  if (step?.name === 'consent') return answerConsent(as, http, found, loaded, form)
  return issueCode(as, http, found.opened, found.session, finished(found))
}

async function answerLogin(as: AuthorizationServer, http: HttpRequest, found: Found, state: InteractionState, form: Form): Promise<Reply> {
  const signedIn = await signIn(as, http, form, state)
  if ('fault' in signedIn) return signInPage(state, model(as, found), signedIn)
  // No session yet: until the second factor is there, nobody is signed in (A54).
  if ('pending' in signedIn) {
    await keep(as, found, signedIn.pending, [signedIn.event])
    return seeOther(found.url)
  }
  return enter(as, found, state, signedIn, http)
}

async function answerSecondFactor(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  state: InteractionState,
  pending: PendingSignIn,
  form: Form,
): Promise<Reply> {
  if (form.one('answer') === 'restart') {
    await keep(as, found, undefined, [])
    return seeOther(found.url)
  }
  const claim = claimed(form, pending)
  if ('fault' in claim) return oneTimeCodePage(state, model(as, found), claim)
  // Counted before it is checked: of any number of codes at once a single one is looked at, and the rest see what came of it.
  const held = await keep(as, found, claim.pending, [])
  if (held === undefined) return seeOther(found.url)
  const answered = await secondFactor(as, claim, state)
  if (!('fault' in answered)) return enter(as, held, state, answered, http)
  await as.store.commit(answered.changes)
  return claim.pending === undefined
    ? signInPage(state, model(as, found), { ...answered, username: pending.username })
    : oneTimeCodePage(state, model(as, found), answered)
}

/** Writes how far the sign-in is. @returns undefined when another tab was first: then its page shows where things stand */
async function keep(
  as: AuthorizationServer,
  found: Found,
  pending: PendingSignIn | undefined,
  also: readonly ServerChange[],
): Promise<Found | undefined> {
  const { id, version, expiresAt } = found.interaction
  const value: InteractionRecord = { ...found.interaction.value, pending }
  const outcome = await as.store.commit([{ op: 'replace', kind: 'interaction', id, expected: version, value, expiresAt }, ...also])
  return outcome === 'committed' ? { ...found, interaction: { id, version: version + 1, value, expiresAt } } : undefined
}

/** Opens the session of somebody who proved every factor. */
async function enter(
  as: AuthorizationServer,
  found: Found,
  { now }: InteractionState,
  signedIn: CompleteSignIn,
  http: HttpRequest,
): Promise<Reply> {
  const { interaction, session } = found
  // A new id at the change of privilege: a session fixed by somebody else stays what it was, anonymous.
  const opened = as.sessions.open(now, { subject: signedIn.account.sub, acr: undefined, amr: signedIn.amr })
  const value: InteractionRecord = {
    ...interaction.value,
    sessionId: opened.id,
    signedInAt: now,
    consented: false,
    pending: undefined,
  }
  const outcome = await as.store.commit([
    opened.insert,
    { op: 'delete', kind: 'session', id: session.id },
    { op: 'replace', kind: 'interaction', id: interaction.id, expected: interaction.version, value, expiresAt: interaction.expiresAt },
    signedIn.event,
  ])
  if (outcome !== 'committed') return overtaken(as, http)
  const headers = { 'set-cookie': [opened.cookie, signedIn.deviceCookie] }
  const next: Found = {
    ...found,
    session: { id: opened.id, version: 1, value: opened.value, expiresAt: undefined },
    interaction: { ...interaction, version: interaction.version + 1, value },
  }
  const loaded = await loadState(as, found.opened, next.session, value)
  return nextStep(loaded.state) === undefined
    ? issueCode(as, http, next.opened, next.session, finished(next), headers)
    : seeOther(found.url, { 'set-cookie': [...headers['set-cookie'], ...stateCookie(as, opened.value, now)] })
}

async function answerConsent(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  { state, consent }: Loaded,
  form: Form,
): Promise<Reply> {
  const answer = form.one('answer')
  const subject = found.session.value.subject as string
  if (answer === 'deny') return refuseAccess(as, http, found.opened, subject, finished(found))
  if (answer !== 'allow') return page(as, http, found, state)
  return issueCode(as, http, found.opened, found.session, [
    ...finished(found),
    ...consentGiven(consent, subject, state.request, state.now, as.requestRules.details, state.client),
  ])
}

/** The interaction is over with the answer to the client: it is required and deleted in that commit. */
function finished({ interaction }: Found): readonly ServerChange[] {
  return [
    { op: 'require', kind: 'interaction', id: interaction.id, expected: interaction.version },
    { op: 'delete', kind: 'interaction', id: interaction.id },
  ]
}

/** The interaction, in the browser that began it. One of another browser looks like one that never was. */
async function find(as: AuthorizationServer, http: HttpRequest): Promise<Found | Reply> {
  const now = as.clock.now()
  const handle = parseHandle(http.path.slice(http.path.lastIndexOf('/') + 1))
  const interaction = handle === undefined ? undefined : await as.store.read('interaction', handle.id)
  const known = secretMatches(handle?.secret ?? '', interaction?.value.secretHash)
  const session = await as.sessions.of(http, now)
  const current = known && interaction !== undefined && (interaction.expiresAt ?? 0) > now
  if (!current || session === undefined || session.id !== interaction.value.sessionId) {
    const why = !current ? 'the interaction is unknown, finished or expired' : 'the interaction belongs to another browser session'
    return errorPage(
      as,
      http,
      new OAuthError('invalid_request', why, { rule: 'BCP-06' }),
      'This page is no longer valid',
      'The sign-in was finished, took too long, or was started in another browser. Go back to the application and start again.',
    )
  }
  const client = await as.clients.find(interaction.value.request.clientId)
  if (client === undefined)
    return errorPage(
      as,
      http,
      new OAuthError('invalid_request', 'the client was removed or disabled', { rule: 'PAR-21' }),
      'This application is not available',
      'It was removed or switched off here. Nothing was shared with it.',
    )
  const { request, pushedRequestId, clientHash } = interaction.value
  const over = await outdated(as, http, client.client, request, clientHash)
  if (over !== undefined) return over
  return {
    interaction,
    session,
    opened: { client, request, pushedRequestId },
    url: endpointUrl(as.issuer, `/interaction/${http.path.slice(http.path.lastIndexOf('/') + 1)}`),
  }
}

function model(as: AuthorizationServer, found: Found): { readonly action: string; readonly csrf: string; readonly stylesheetHref: string } {
  return { action: found.url, csrf: csrfToken(as.derived, found.session.id, found.interaction.id), stylesheetHref: stylesheetHref(as) }
}

function page(as: AuthorizationServer, http: HttpRequest, found: Found, state: InteractionState): Reply | Promise<Reply> {
  const step = nextStep(state)
  if (step === undefined) return issueCode(as, http, found.opened, found.session, finished(found))
  if (step.name === 'login') return signInPage(state, model(as, found), undefined)
  return step.name === 'second-factor'
    ? oneTimeCodePage(state, model(as, found), undefined)
    : consentPage(state, model(as, found), as.requestRules)
}
