import type { Client } from '../index.ts'
import type { Answer, Application, Parameters, Sent } from './application.ts'
import type { Person, Seen } from './person.ts'
import { client, ISSUER, PASSWORD } from './server.ts'

export const CIBA = 'urn:openid:params:grant-type:ciba'
export const NOTIFIED = 'https://bank.example/notified'
export const NOTIFICATION_TOKEN = 'a-token-of-the-client.0123456789_~+/='

/** A confidential client that asks people over the backchannel. */
export function bank(over: Partial<Client> = {}): Client {
  return client({
    clientId: 'bank',
    clientName: 'Bank counter',
    redirectUris: [],
    grantTypes: [CIBA, 'refresh_token'],
    backchannel: { mode: 'poll', notificationEndpoint: undefined },
    ...over,
  })
}

export function pingedBank(over: Partial<Client> = {}): Client {
  return bank({ backchannel: { mode: 'ping', notificationEndpoint: NOTIFIED }, ...over })
}

export interface AskedPerson {
  readonly answer: Answer
  readonly authReqId: string
}

export async function askPerson(app: Application, over: Parameters = {}, sent: Sent = {}): Promise<AskedPerson> {
  const answer = await app.post(
    '/backchannel_authentication',
    { scope: 'openid profile', login_hint: 'ada', binding_message: 'Till 7', ...over },
    sent,
  )
  return { answer, authReqId: String(answer.body['auth_req_id']) }
}

export function pollAnswer(app: Application, authReqId: string, over: Parameters = {}, sent: Sent = {}): Promise<Answer> {
  return app.post('/token', { grant_type: CIBA, auth_req_id: authReqId, ...over }, sent)
}

/** The page with the requests, after the sign-in where it is asked for. */
export async function openApprovals(person: Person, fields = { username: 'ada', password: PASSWORD }): Promise<Seen> {
  const asked = await person.go(`${ISSUER}/approve`)
  if (asked.location === undefined) return asked
  const back = await person.submit(await person.arrive(asked.location), fields)
  return person.go(back.location ?? '')
}

/** The hidden fields of the request with this message. */
export function fieldsOf(page: Seen, message: string): Readonly<Record<string, string>> {
  const section = page.text.split('<section').find((text) => text.includes(`>${message}</bdi>`)) ?? ''
  const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(section)?.[1] ?? ''
  return { csrf: field('csrf'), request: field('request') }
}

export function answerApproval(person: Person, page: Seen, answer: string, message = 'Till 7'): Promise<Seen> {
  return person.post(`${ISSUER}/approve`, { ...fieldsOf(page, message), answer })
}

/** A client that asked, and the person's answer to it. */
export async function answeredBy(app: Application, answer: 'allow' | 'deny', over: Parameters = {}): Promise<AskedPerson> {
  const asked = await askPerson(app, over)
  await answerApproval(app.person, await openApprovals(app.person), answer, over['binding_message'] ?? 'Till 7')
  return asked
}
