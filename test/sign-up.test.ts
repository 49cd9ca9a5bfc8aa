import { accountKinds, type AccountRecords, createAccounts } from '@holdfast/accounts'
import { type Records, serverKinds } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, test } from 'vitest'
import { Application, times } from '../packages/server/src/test/application.ts'
import { claimsOf } from '../packages/server/src/test/details.ts'
import { authorizationParameters, Person, type Seen } from '../packages/server/src/test/person.ts'
import { client, ISSUER, startServer, type TestServer } from '../packages/server/src/test/server.ts'

/** `prompt=create` (Initiating User Registration via OpenID Connect 1.0), with the people of `@holdfast/accounts`. */
const PASSWORD = 'correct horse'
const ZOE = { username: 'zoe', password: PASSWORD, name: 'Zoë' }

interface Scene {
  readonly as: TestServer
  readonly app: Application
  readonly person: Person
}

async function scene(signUp = true): Promise<Scene> {
  const store = openMemoryStore<Records & AccountRecords>({ ...serverKinds, ...accountKinds })
  const accounts = createAccounts({ store, signUp, secrets: [{ id: 's1', value: new Uint8Array(32).fill(1) }] })
  await accounts.seed([{ username: 'dana', password: PASSWORD }])
  const as = await startServer([client()], { store: store as unknown as OpenStore<Records>, accounts })
  const app = new Application(as, client())
  return { as, app, person: app.person }
}

const open = (person: Person, over: Readonly<Record<string, string>> = { prompt: 'create' }): Promise<Seen & { readonly url: string }> =>
  person.arrive(`${ISSUER}/authorize?${authorizationParameters(over)}`)
const errorOf = ({ location }: Seen): string | null | undefined => location?.searchParams.get('error')
const prompts = async ({ as }: Scene): Promise<unknown> =>
  ((await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()) as { readonly prompt_values_supported: unknown })
    .prompt_values_supported

describe('prompt=create', () => {
  test('OIDC-15 Prompt Create §4: opens the sign-up, signs the new person in, and goes on to the consent', async () => {
    const all = await scene()
    expect(await prompts(all)).toEqual(['none', 'login', 'consent', 'select_account', 'create'])
    const page = await open(all.person)
    expect([page.text.includes('sign-up-submit'), page.text.includes('login-submit')]).toEqual([true, false])
    const consent = await all.person.go((await all.person.submit(page, ZOE)).location ?? '')
    expect(consent.text).toContain('Zoë')
    const answered = await all.person.submit(consent, { answer: 'allow' })
    const { body } = await all.app.redeem(answered.location?.searchParams.get('code') ?? '')
    expect(claimsOf(String(body['id_token']))).toMatchObject({ amr: ['pwd'], auth_time: all.as.clock.time })
    expect((await open(all.person, {})).location?.searchParams.has('code')).toBe(true)
  })

  test('OIDC-09 OIDC-15 where people cannot make accounts it is invalid_request, not announced, and offered to nobody', async () => {
    const all = await scene(false)
    expect(await prompts(all)).toEqual(['none', 'login', 'consent', 'select_account'])
    expect(errorOf(await open(all.person))).toBe('invalid_request')
    const page = await open(all.person, {})
    expect(page.text).not.toContain('login-create')
    const seen = await all.person.submit(page, { answer: 'create', ...ZOE })
    expect([seen.status, seen.text.includes('login-submit')]).toEqual([400, true])
  })

  test('OIDC-11 OIDC-15 it stands alone', async () => {
    const { person } = await scene()
    for (const prompt of ['create none', 'create login', 'create consent', 'select_account create'])
      expect(errorOf(await open(person, { prompt }))).toBe('invalid_request')
  })

  test('from the sign-in to the sign-up and back', async () => {
    const { person } = await scene()
    const login = await open(person, {})
    const page = await person.go((await person.submit(login, { answer: 'create' })).location ?? '')
    expect(page.text).toContain('sign-up-submit')
    const back = await person.go((await person.submit(page, { answer: 'login' })).location ?? '')
    expect(back.text).toContain('login-submit')
    expect((await person.submit(back, { username: 'dana', password: PASSWORD })).status).toBe(303)
  })

  test.each([
    ['a name that is taken', { ...ZOE, username: 'DANA' }, 'The user name is taken.'],
    ['a short password', { ...ZOE, password: 'short' }, 'The password must have 8'],
    ['a name that breaks the line', { ...ZOE, name: 'Zoë\nAdmin' }, 'The name must be one line'],
    ['a name that turns the text round', { ...ZOE, name: '\u202enimda' }, 'The name must be one line'],
    ['no password', { username: 'zoe' }, 'Enter a user name and a password.'],
  ])('%s: said on the page, with what was typed but for the password, and nobody is made', async (_name, fields, words) => {
    const { as, person } = await scene()
    const page = await open(person)
    const seen = await person.submit(page, fields)
    expect([seen.status, seen.text.includes(words), seen.text.includes(PASSWORD)]).toEqual([400, true, false])
    expect(seen.text).toContain(`value="${fields.username}"`)
    // The name is free still.
    const other = new Person(as)
    expect((await other.submit(await open(other), ZOE)).status).toBe(303)
  })

  test('OIDC-22 a form of another site makes nobody, and of fifty at once with one name one is made', async () => {
    const { as, person } = await scene()
    const page = await open(person)
    expect((await person.submit(page, ZOE, { origin: 'https://evil.example' })).status).toBe(403)
    const all = await Promise.all(
      times(8, async () => {
        const one = new Person(as)
        return one.submit(await open(one), ZOE)
      }),
    )
    expect(all.filter(({ status }) => status === 303)).toHaveLength(1)
  })

  test('A58 an address that makes accounts all the time is slowed, before any password is hashed', async () => {
    const { person } = await scene()
    const page = await open(person)
    for (let tries = 0; tries < 60; tries++) expect((await person.submit(page, { ...ZOE, password: 'short' })).status).toBe(400)
    const late = await person.submit(page, ZOE)
    expect([late.status, late.text.includes('Too many new accounts')]).toEqual([429, true])
  })

  test('with somebody signed in it is still a new account, and the other stays signed in beside it', async () => {
    const all = await scene()
    const first = await all.person.submit(await open(all.person, {}), { username: 'dana', password: PASSWORD })
    await all.person.submit(await all.person.go(first.location ?? ''), { answer: 'allow' })
    await all.person.submit(await open(all.person), ZOE)
    const choice = await open(all.person, { prompt: 'select_account' })
    expect([choice.text.includes('Zoë'), choice.text.includes('dana')]).toEqual([true, true])
  })
})
