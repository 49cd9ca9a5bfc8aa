import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import { nextStep, owedFactor } from '../interaction/next-step.ts'
import type { InteractionState } from '../interaction/state.ts'
import { type CompleteSignIn, type RefusedSignIn, signIn, type SignInFor } from '../interaction/steps/login.ts'
import { askPasskey, passkeysAt } from '../interaction/steps/passkey.ts'
import { claimed, type RefusedAnswer, secondFactor } from '../interaction/steps/second-factor.ts'
import { assetHref, passkeyScriptPath } from '../pages/assets.ts'
import type { PasskeyModel } from '../pages/models.ts'
import { renderPage } from '../pages/render.ts'
import type { SessionRecord } from '../records.ts'
import { stateCookie } from '../sessions/browser-state.ts'
import { endingOf, finishedOrLater } from '../sessions/end-session.ts'
import { SecondFactor } from '../pages/second-factor.tsx'
import { SignIn } from '../pages/sign-in.tsx'
import { seeOther } from './answer.ts'
import { csrfOf, type Found, findInteraction, frameOf, keep } from './found-interaction.ts'
import { goOn } from './go-on.ts'
import { formActionOf } from './interaction-consent.ts'
import { onlyRefusals } from './last-attempt.ts'
import { telling } from './telling.ts'
import { clientIdOf, isVisit, loadState, nameOf } from './purpose.ts'

/** The sign-in page; with a fault after a failed attempt. */
export async function showLogin(
  as: AuthorizationServer,
  found: Found,
  state: InteractionState,
  failed: RefusedSignIn | undefined,
): Promise<Reply> {
  const passkey = await passkeyModel(as, found, state, undefined)
  const page = SignIn({
    ...frameOf(as, found, state),
    username: failed?.username ?? state.asked.loginHint ?? '',
    clientName: nameOf(found.purpose),
    passkey,
    signUp: as.accounts.signUp !== undefined,
    fault: failed?.fault,
  })
  return renderPage(page, { status: failed?.status ?? 200, formAction: formActionOf(found.purpose), script: passkey !== undefined })
}

export async function answerLogin(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  state: InteractionState,
  form: Form,
): Promise<Reply> {
  if (form.one('answer') === 'create' && as.accounts.signUp !== undefined) {
    await keep(as, found, { creating: true, signInAgain: false })
    return seeOther(found.url)
  }
  const signedIn = await signIn(as, http, form, { ...aboutOf(as, found, state), witness: http.witness })
  if ('fault' in signedIn) return showLogin(as, found, state, signedIn)
  // No session yet: until the second factor is there, nobody is signed in (A54).
  if ('pending' in signedIn) {
    await keep(as, found, { pending: signedIn.pending }, [signedIn.event])
    return seeOther(found.url)
  }
  return enter(as, http, found, signedIn)
}

/** The page that asks for the second factor; with a fault after a wrong answer. */
export async function showSecondFactor(
  as: AuthorizationServer,
  found: Found,
  state: InteractionState,
  failed: RefusedAnswer | undefined,
): Promise<Reply> {
  const owed = owedFactor(state)
  if (owed === undefined) return seeOther(found.url)
  const { pending, factors } = owed
  const passkey = factors.includes('passkey') ? await passkeyModel(as, found, state, pending.subject) : undefined
  const page = SecondFactor({
    ...frameOf(as, found, state),
    username: pending.username,
    clientName: nameOf(found.purpose),
    stepUp: state.progress.pending === undefined,
    byCode: factors.includes('otp'),
    passkey,
    fault: failed?.fault,
  })
  return renderPage(page, { status: failed?.status ?? 200, formAction: formActionOf(found.purpose), script: passkey !== undefined })
}

export async function answerSecondFactor(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  state: InteractionState,
  form: Form,
): Promise<Reply> {
  const owed = owedFactor(state)
  if (owed === undefined || form.one('answer') === 'restart') {
    await keep(as, found, { pending: undefined, signedInAt: undefined, signInAgain: true })
    return seeOther(found.url)
  }
  const claim = claimed(form, owed.pending, http.witness)
  if ('fault' in claim) return showSecondFactor(as, found, state, claim)
  // Counted before it is checked: of any number of answers at once a single one is looked at, and the rest see what came of it.
  const left = claim.pending === undefined ? { pending: undefined, signedInAt: undefined, signInAgain: true } : { pending: claim.pending }
  const held = await keep(as, found, left)
  if (held === undefined) return seeOther(found.url)
  const answered = await secondFactor(as, form, claim, { ...aboutOf(as, found, state), witness: http.witness })
  if (!('fault' in answered)) return enter(as, http, held, answered, owed.pending.amr !== undefined)
  await as.store.commit(answered.changes)
  const next = await loadState(as, held.purpose, held.here, held.interaction.value)
  return claim.pending === undefined
    ? showLogin(as, held, next.state, { ...answered, username: claim.username })
    : showSecondFactor(as, held, next.state, answered)
}

const TRIES = 3

/**
 * Opens the session of somebody who proved every factor, and goes on.
 *
 * @param stepUp what was proven before stands in a session: without that session it counts no more
 */
export async function enter(
  as: AuthorizationServer,
  http: HttpRequest,
  from: Found,
  signedIn: CompleteSignIn,
  stepUp = false,
): Promise<Reply> {
  let found: Found | Reply = from
  for (let tries = 0; tries < TRIES; tries++) {
    if ('status' in found) return found
    const { account, amr, deviceCookie } = signedIn
    const now = as.clock.now()
    if (stepUp && !found.here.some(({ value }) => value.subject === account.sub)) return seeOther(found.url)
    // A new id at the change of privilege: a session fixed by somebody else stays what it was, anonymous (BCP-06).
    const opened = as.sessions.open(http, now, found.here, { subject: account.sub, amr, stepUp })
    const entered = { sessionId: opened.id, subject: account.sub, signedInAt: now, pending: undefined }
    const progress = { ...entered, selected: true, choosing: false, creating: false, signInAgain: false }
    const ending = await endingOf(as, opened.displaced, 'displaced', now)
    const kept = await keep(as, found, progress, [...opened.changes, ...ending.changes, signedIn.event])
    if (kept === undefined) {
      // Its session moved in another tab, or the interaction did: then the other tab's answer counts.
      const again: Found | Reply = await findInteraction(as, http, onlyRefusals(http.witness))
      if (!('status' in again) && again.interaction.version !== found.interaction.version) return seeOther(found.url)
      found = again
      continue
    }
    await finishedOrLater(as, ending)
    const cookies = [opened.cookie, deviceCookie]
    const session = { id: opened.id, version: 1, value: opened.value, expiresAt: undefined }
    const others = kept.here.filter(({ value }) => value.subject !== undefined && value.subject !== account.sub)
    const here = [session, ...others.filter((one) => !opened.displaced.includes(one))]
    const work = (): Promise<Reply> => afterEntry(as, http, { ...kept, here }, opened.value, cookies)
    return isVisit(kept.purpose) ? work() : telling(as, kept.purpose, work, cookies)
  }
  return seeOther(from.url)
}

/** The browser is told of its new session, whatever comes next. */
async function afterEntry(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  session: SessionRecord,
  cookies: readonly string[],
): Promise<Reply> {
  const { state } = await loadState(as, found.purpose, found.here, found.interaction.value)
  const step = nextStep(state)
  // An answer to a client brings the cookie of the state by itself.
  if (step === undefined && !isVisit(found.purpose)) return goOn(as, http, found, state, { 'set-cookie': cookies })
  const headers = { 'set-cookie': [...cookies, ...stateCookie(as, session, state.now)] }
  return step === undefined ? goOn(as, http, found, state, headers) : seeOther(found.url, headers)
}

export function aboutOf(as: AuthorizationServer, found: Found, state: InteractionState): SignInFor {
  return { now: state.now, clientId: clientIdOf(found.purpose), acrs: state.asked.acrs, bound: boundOf(as, found, state) }
}

/** What a passkey's challenge is good for: this interaction, with this person or nobody. */
function boundOf(as: AuthorizationServer, found: Found, state: InteractionState): string {
  return `interaction ${csrfOf(as, found, state)}`
}

async function passkeyModel(
  as: AuthorizationServer,
  found: Found,
  state: InteractionState,
  subject: string | undefined,
): Promise<PasskeyModel | undefined> {
  const here = passkeysAt(as)
  if (here === undefined) return undefined
  const asked = askPasskey(as, await here.passkeys.requestOptions(here.place, subject), boundOf(as, found, state), state.now)
  return { ...asked, creates: false, scriptHref: assetHref(as.issuer, passkeyScriptPath) }
}
