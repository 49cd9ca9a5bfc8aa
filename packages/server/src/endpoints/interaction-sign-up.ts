import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { neighbourhood } from '@holdfast/protocol/neighbourhood'
import type { AuthorizationServer } from '../authorization-server.ts'
import { event } from '../events.ts'
import type { InteractionState } from '../interaction/state.ts'
import type { SignUpFault } from '../interaction/accounts.ts'
import { completeSignIn } from '../interaction/steps/login.ts'
import { renderPage } from '../pages/render.ts'
import { SignUp } from '../pages/sign-up.tsx'
import { seeOther } from './answer.ts'
import { type Found, frameOf, keep } from './found-interaction.ts'
import { formActionOf } from './interaction-consent.ts'
import { aboutOf, enter } from './interaction-sign-in.ts'
import { clientIdOf, nameOf } from './purpose.ts'

/** An hour, in seconds. */
const WINDOW = 3600
/** New accounts, and tries at one, from one address in a window: a classroom does with less. */
const PER_ADDRESS = 60
/** And from everywhere: what ends a flood that comes from many addresses, or from none that is known. */
const PER_SERVER = 5000

interface Failed {
  readonly fault: SignUpFault | undefined
  /** A sentence for everything that is no fault of a field. */
  readonly notice?: string
  readonly username: string
  readonly name: string
  readonly status: number
}

/** Initiating User Registration 1.0 §4 (OIDC-15): the page on which a person makes an account. */
export function showSignUp(as: AuthorizationServer, found: Found, state: InteractionState, failed: Failed | undefined): Reply {
  const page = SignUp({
    ...frameOf(as, found, state),
    clientName: nameOf(found.purpose),
    username: failed?.username ?? state.asked.loginHint ?? '',
    name: failed?.name ?? '',
    fault: failed?.fault,
    notice: failed?.notice,
  })
  return renderPage(page, { status: failed?.status ?? 200, formAction: formActionOf(found.purpose) })
}

export async function answerSignUp(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  state: InteractionState,
  form: Form,
): Promise<Reply> {
  const signUp = as.accounts.signUp?.bind(as.accounts)
  if (signUp === undefined || form.one('answer') === 'login') {
    await keep(as, found, { creating: false, signInAgain: true })
    return seeOther(found.url)
  }
  const [username, password, name] = [form.one('username'), form.one('password'), form.one('name')]
  const typed = { username: typeof username === 'string' ? username : '', name: typeof name === 'string' ? name : '' }
  if (typeof username !== 'string' || typeof password !== 'string')
    return showSignUp(as, found, state, { ...typed, fault: undefined, notice: 'Enter a user name and a password.', status: 400 })
  if (await tooMany(as, http, state.now))
    return showSignUp(as, found, state, { ...typed, fault: undefined, notice: 'Too many new accounts. Try again in an hour.', status: 429 })
  const made = await signUp({ username, password, name: typed.name === '' ? undefined : typed.name })
  if ('field' in made) return showSignUp(as, found, state, { ...typed, fault: made, status: 400 })
  const clientId = clientIdOf(found.purpose)
  await as.store.commit([event('person.signed_up', state.now, { clientId, subject: made.sub })])
  return enter(as, http, found, completeSignIn(as, made, username, ['pwd'], aboutOf(as, found, state)))
}

/** Counted before the account is made: hashing a password is what a flood would cost. */
async function tooMany({ memory }: AuthorizationServer, { clientAddress }: HttpRequest, now: number): Promise<boolean> {
  const until = now - (now % WINDOW) + WINDOW
  const from = neighbourhood(clientAddress)
  if (from !== '' && (await memory.increment(`sign-up ${until} at ${from}`, until)) > PER_ADDRESS) return true
  return (await memory.increment(`sign-up ${until}`, until)) > PER_SERVER
}
