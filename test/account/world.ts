import { accountKinds, type AccountRecords, type BuiltInAccounts, createAccounts } from '@holdfast/accounts'
import { type Client, type Records, type ServerOptions, serverKinds } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { Person, type Seen } from '../../packages/server/src/test/person.ts'
import { client, HeldClock, ISSUER, PASSWORD, publicClient, startServer, type TestServer } from '../../packages/server/src/test/server.ts'
import { codeAt } from '../one-time-code.ts'

const SECRETS = [{ id: 's1', value: new Uint8Array(32).fill(1) }]

/** A server with the people of `@holdfast/accounts`: ada and grace, who have passwords alone. */
export interface World {
  readonly as: TestServer
  readonly accounts: BuiltInAccounts
}

export async function startWorld(
  clients: readonly Client[] = [client(), publicClient()],
  over: Partial<Omit<ServerOptions, 'store' | 'clock'>> = {},
): Promise<World> {
  const store = openMemoryStore<Records & AccountRecords>({ ...serverKinds, ...accountKinds })
  const clock = new HeldClock()
  const accounts = createAccounts({ store, secrets: SECRETS })
  await accounts.seed(['ada', 'grace'].map((username) => ({ username, password: PASSWORD, claims: { name: `${username} Lovelace` } })))
  const as = await startServer(clients, { store: store as unknown as OpenStore<Records>, clock, accounts, secrets: SECRETS, ...over })
  return { as, accounts }
}

export async function subOf({ accounts }: World, username: string = 'ada'): Promise<string> {
  return (await accounts.findByUsername?.(username))?.sub ?? ''
}

/** A browser whose person is at a page below /account, signed in by password, and by a code where one is asked for. */
export async function visit(
  { as }: Pick<World, 'as'>,
  path: string = '/account',
  { username = 'ada', person = new Person(as), code }: { username?: string; person?: Person; code?: () => string } = {},
): Promise<{ readonly person: Person; readonly page: Seen }> {
  let page = await person.arrive(`${ISSUER}${path}`)
  for (let steps = 0; steps < 3 && /login-submit|code-submit/.test(page.text) && !page.text.includes('id="secret"'); steps++) {
    const fields: Record<string, string> = page.text.includes('login-submit') ? { username, password: PASSWORD } : { code: code?.() ?? '' }
    const answered = await person.submit(page, fields)
    if (answered.location === undefined) return { person, page: answered }
    page = await person.arrive(answered.location)
  }
  return { person, page }
}

/** Every form of the account's pages has the same token. */
export async function csrfOf(person: Person): Promise<string> {
  return /name="csrf" value="([^"]+)"/.exec((await person.arrive(`${ISSUER}/account`)).text)?.[1] ?? ''
}

/** Sends a form of a page, as the browser does. */
export async function send(person: Person, path: string, fields: Readonly<Record<string, string>>, page?: Seen): Promise<Seen> {
  const csrf = page === undefined ? await csrfOf(person) : hiddenIn(page, 'csrf')
  return person.post(`${ISSUER}${path}`, { csrf, ...fields }, { 'sec-fetch-site': 'same-origin', origin: ISSUER })
}

export function hiddenIn({ text }: Seen, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? ''
}

export const FACTORS = '/account/factors'
export const APP = '/account/authenticator-app'
export const PASSKEY = '/account/passkey'

/** Begins to set up an app: the page, and the secret that stands on it. */
export async function beginApp(person: Person, page?: Seen): Promise<{ readonly page: Seen; readonly secret: string }> {
  const begun = await send(person, FACTORS, { answer: 'begin-app' }, page)
  const shown = await person.go(begun.location ?? '')
  return { page: shown, secret: (/id="secret"[^>]*>([^<]*)</.exec(shown.text)?.[1] ?? '').replaceAll(' ', '') }
}

/** Sets up an app and confirms it. @returns its secret; the code of this half minute is spent */
export async function addApp(world: World, person: Person): Promise<string> {
  const { page } = await visit(world, FACTORS, { person })
  const { secret } = await beginApp(person, page)
  await send(person, APP, { code: codeAt(world.as.clock.now(), secret) }, page)
  return secret
}

/** The form of the page that adds a passkey, with what an authenticator made for it. */
export function passkeyForm(page: Seen, authenticator: SoftwareAuthenticator = new SoftwareAuthenticator(ISSUER)): Record<string, string> {
  const options = JSON.parse((/data-options="([^"]*)"/.exec(page.text)?.[1] ?? '{}').replaceAll('&quot;', '"')) as Record<string, unknown>
  return {
    passkey_name: 'Laptop',
    passkey_ticket: hiddenIn(page, 'passkey_ticket'),
    passkey: JSON.stringify(authenticator.create(options)),
  }
}

/** What was written down of a person, by type. */
export async function eventsOf({ as }: World, type: string): Promise<readonly object[]> {
  return written.get(as)?.filter((one) => one.type === type) ?? []
}

const written: WeakMap<TestServer, { readonly type: string }[]> = new WeakMap()

/** From now on what is written down is kept for `eventsOf`: the store lists no events. */
export function listen({ as }: World): void {
  const events: { type: string }[] = []
  written.set(as, events)
  const commit = as.store.commit.bind(as.store)
  Object.assign(as.store, {
    async commit(changes: Parameters<typeof commit>[0]) {
      const outcome = await commit(changes)
      if (outcome === 'committed')
        for (const change of changes) if (change.op === 'insert' && change.kind === 'audit_event') events.push(change.value)
      return outcome
    },
  })
}
