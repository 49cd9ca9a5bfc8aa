import type { Members } from './encoding.ts'
import { textOf } from './encoding.ts'

/** Why a run cannot go on, in words for the person who runs it. */
export class Fault extends Error {
  readonly say: string
  /** How to go on. */
  readonly remedy: string
  /** Nobody came back. */
  readonly cancelled: boolean

  constructor(say: string, remedy: string, { cancelled: isCancelled = false }: { readonly cancelled?: boolean } = {}) {
    super(say)
    this.cancelled = isCancelled
    this.name = 'Fault'
    this.say = say
    this.remedy = remedy
  }
}

export function cancelled(): Fault {
  const say = 'Nobody came back: the window was closed, or the sign-in was given up.'
  return new Fault(say, 'Begin a new run and go through to the end.', { cancelled: true })
}

/** For the page's `navigate`. */
export function popupBlocked(): Fault {
  return new Fault('The browser did not let this page open a window.', 'Allow windows for this page, then begin a new run.')
}

/** For a run in a back end that was restarted, or has forgotten it. */
export function sessionGone(): Fault {
  return new Fault('This run is gone: its keys and tokens are forgotten.', 'Begin a new run.')
}

export function unreachable(url: string): Fault {
  const { origin } = new URL(url)
  return new Fault(
    `No answer came from ${origin}.`,
    'See that it is running, and that it lets this page ask it (CORS). Then begin a new run.',
  )
}

/** A server that answered something else than the flow needs. */
export function unexpected(what: string, status: number, body: Members | undefined): Fault {
  const error = textOf(body, 'error')
  const description = textOf(body, 'error_description')
  const told = error === undefined ? `with status ${status}` : `${error}${description === undefined ? '' : `: ${description}`}`
  return new Fault(`${what} was refused, ${told}.`, remedyFor(error))
}

function remedyFor(error: string | undefined): string {
  const known = error !== undefined && Object.hasOwn(REMEDIES, error) ? REMEDIES[error] : undefined
  return known ?? 'Look at the last answer and at what the server says it checked, then begin a new run.'
}

const REMEDIES: Readonly<Record<string, string>> = {
  invalid_grant: 'The code or token is used up, expired or taken back. Begin a new run.',
  invalid_client:
    'The server does not know this client, or not like this. Compare the registration of the client with the world of this page.',
  invalid_dpop_proof: 'Look at the proof in the last request. If the clocks differ, set this one right.',
  access_denied: 'The person said no. Begin a new run and allow it.',
  expired_token: 'Nobody answered in time. Begin a new run.',
  login_required: 'Sign in, then begin a new run.',
  temporarily_unavailable: 'The server is busy or its store is away. Wait a moment, then begin a new run.',
  unauthorized_client: 'This client may not use this flow: give it the grant type in its registration.',
  invalid_scope: 'This client may not have this scope: give it to the client in its registration.',
  invalid_target: 'The server knows no such resource: register the API as a resource.',
}

/** How far two clocks may be apart before a proof is refused: the server takes `iat` up to 60 s back and 10 s ahead. */
const CLOCKS_APART = 8

export function clockOff(seconds: number): Fault | undefined {
  if (Math.abs(seconds) < CLOCKS_APART) return undefined
  const way = seconds > 0 ? 'behind' : 'ahead of'
  return new Fault(
    `This clock is ${Math.abs(Math.round(seconds))} s ${way} the server’s, and proofs are good for seconds only.`,
    'Set this clock right, then begin a new run.',
  )
}
