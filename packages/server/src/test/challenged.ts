import type { OpenStore } from '@holdfast/store'
import type { Client, Records, ServerOptions } from '../index.ts'
import { type Answer, Application, KEY, type Parameters, type Sent } from './application.ts'
import { CodePeople } from './one-time-codes.ts'
import { CHALLENGE, VERIFIER } from './person.ts'
import { client, PASSWORD, publicClient, startServer } from './server.ts'

export const PATH = '/authorize-challenge'

/** An app of the operator's own on somebody's phone. */
export function phoneApp(over: Partial<Client> = {}): Client {
  return publicClient({ clientId: 'phone', firstParty: true, redirectUris: ['com.example.phone:/callback'], ...over })
}

/** What an app asks for at the start; `undefined` leaves one out. */
export function asking(over: Parameters = {}): Parameters {
  return { response_type: 'code', scope: 'openid profile', code_challenge: CHALLENGE, code_challenge_method: 'S256', ...over }
}

/** The app's side of the challenge endpoint: keeps the newest `auth_session`, as apps must (FIPA-23). */
export class Phone {
  readonly app: Application
  readonly people: CodePeople
  session: string | undefined

  constructor(app: Application, people: CodePeople) {
    this.app = app
    this.people = people
  }

  async send(parameters: Parameters, sent: Sent = {}): Promise<Answer> {
    const answer = await this.app.post(PATH, { auth_session: this.session, ...parameters }, sent)
    const { auth_session: session } = answer.body
    if (typeof session === 'string') this.session = session
    return answer
  }

  start(over: Parameters = {}, sent: Sent = {}): Promise<Answer> {
    return this.send(asking({ auth_session: undefined, login_hint: 'ada', ...over }), sent)
  }

  password(password: string = PASSWORD, over: Parameters = {}): Promise<Answer> {
    return this.send({ password, ...over })
  }

  otp(otp: string = this.people.deal(), over: Parameters = {}): Promise<Answer> {
    return this.send({ otp, ...over })
  }

  /** Signs in from the start and returns the code. */
  async code(over: Parameters = {}): Promise<string> {
    await this.start(over)
    let answer = await this.password()
    if (answer.body['error'] === 'insufficient_authorization') answer = await this.otp()
    return String(answer.body['authorization_code'])
  }

  redeem(code: string, over: Parameters = {}, sent: Sent = {}): Promise<Answer> {
    return this.app.post('/token', { grant_type: 'authorization_code', code, code_verifier: VERIFIER, ...over }, sent)
  }

  /** The same app on another device, or without its key. */
  elsewhere(key?: typeof KEY): Phone {
    const other = new Phone(this.app.holding(key), this.people)
    other.session = this.session
    return other
  }
}

/** A server with one first-party app whose requests carry DPoP proofs, and an app of somebody else. */
export async function phone(
  over: Partial<Client> = {},
  {
    store,
    unbound = false,
    ...options
  }: Partial<Omit<ServerOptions, 'store' | 'clock'>> & {
    readonly store?: OpenStore<Records>
    /** Without a DPoP key. */
    readonly unbound?: boolean
  } = {},
): Promise<Phone> {
  const people = new CodePeople()
  const registered = phoneApp(over)
  const as = await startServer([registered, client(), publicClient()], {
    accounts: people,
    ...(store === undefined ? {} : { store }),
    ...options,
  })
  return new Phone(new Application(as, registered, { dpop: unbound ? undefined : KEY }), people)
}
