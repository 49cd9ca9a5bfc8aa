import type { Client } from '../index.ts'
import { type Answer, Application, type Parameters, type Sent } from './application.ts'
import type { Person, Seen } from './person.ts'
import { ISSUER, PASSWORD, publicClient, type TestServer } from './server.ts'

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

/** A public client that runs on a device without a browser. */
export function television(over: Partial<Client> = {}): Client {
  return publicClient({ clientId: 'tv', clientName: 'Television', redirectUris: [], grantTypes: [DEVICE_CODE, 'refresh_token'], ...over })
}

export interface AskedDevice {
  readonly answer: Answer
  readonly deviceCode: string
  readonly userCode: string
}

export async function askDevice(app: Application, over: Parameters = {}, sent: Sent = {}): Promise<AskedDevice> {
  const answer = await app.post('/device_authorization', { scope: 'openid profile', ...over }, sent)
  return { answer, deviceCode: String(answer.body['device_code']), userCode: String(answer.body['user_code']) }
}

export function pollDevice(app: Application, deviceCode: string, over: Parameters = {}, sent: Sent = {}): Promise<Answer> {
  return app.post('/token', { grant_type: DEVICE_CODE, device_code: deviceCode, ...over }, sent)
}

/** Opens /device, signs in when asked to, and comes to the page that asks for the code. */
export async function openDevicePage(person: Person, query = ''): Promise<Seen> {
  const asked = await person.go(`${ISSUER}/device${query}`)
  if (asked.location === undefined) return asked
  const back = await person.submit(await person.arrive(asked.location), { username: 'ada', password: PASSWORD })
  return person.go(back.location ?? '')
}

/** Types the code: the page that asks for a yes, or the one before with a fault. */
export async function typeCode(person: Person, userCode: string): Promise<Seen> {
  return person.submit(await openDevicePage(person), { user_code: userCode })
}

export function hidden(page: Seen, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? ''
}

export function decide(person: Person, page: Seen, answer: string): Promise<Seen> {
  return person.submit(page, { request: hidden(page, 'request'), answer })
}

/** A device that asked, and the person's answer to it. */
export async function answered(app: Application, answer: 'allow' | 'deny', over: Parameters = {}): Promise<AskedDevice> {
  const asked = await askDevice(app, over)
  await decide(app.person, await typeCode(app.person, asked.userCode), answer)
  return asked
}

export function deviceOf(
  as: TestServer,
  client: Client = television(),
  keys: ConstructorParameters<typeof Application>[2] = {},
): Application {
  return new Application(as, client, keys)
}
