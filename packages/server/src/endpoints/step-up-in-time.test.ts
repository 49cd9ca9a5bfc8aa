import { describe, expect, test } from 'vitest'
import { Application } from '../test/application.ts'
import { CodePeople, GRACE as GRACE_ACCOUNT } from '../test/one-time-codes.ts'
import { authorizationParameters, type Person, type Seen } from '../test/person.ts'
import { client, ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const MFA = 'urn:x:mfa'
const PASSWORDS = 'urn:x:pwd'
const TWO = 'urn:x:two'
const GRACE = { username: 'grace', password: PASSWORD }

interface Scene {
  readonly as: TestServer
  readonly people: CodePeople
  readonly person: Person
}

async function scene(methods: readonly string[] = ['mfa'], secondFactor: 'always' | 'when-asked' = 'when-asked'): Promise<Scene> {
  const people = new CodePeople()
  const authenticationLevels = [
    { acr: PASSWORDS, methods: ['pwd'] },
    { acr: methods.includes('mfa') ? MFA : TWO, methods },
  ]
  const as = await startServer([client()], { accounts: people, authenticationLevels, secondFactor })
  return { as, people, person: new Application(as, client()).person }
}

const open = (person: Person, over: Readonly<Record<string, string>>): Promise<Seen & { readonly url: string }> =>
  person.arrive(`${ISSUER}/authorize?${authorizationParameters(over)}`)

async function signIn(person: Person): Promise<void> {
  await person.submit(await person.go((await person.submit(await open(person, {}), GRACE)).location ?? ''), { answer: 'allow' })
}

test('STEP-16 OIDC-13 max_age ends while a code is asked for: the code alone is no sign-in of now, however many tries there were', async () => {
  const { as, people, person } = await scene()
  await signIn(person)
  as.clock.advance(100)
  const page = await open(person, { acr_values: MFA, max_age: '120' })
  expect((await person.submit(page, { code: '000000' })).text).toContain('code-submit')
  as.clock.advance(30)
  const late = await person.submit(page, { code: people.deal() })
  expect([late.location?.searchParams.has('code') ?? false, late.text.includes('login-submit')]).toEqual([false, true])
  expect((await person.go(page.url)).text).toContain('login-submit')
})

test('A36 a code alone makes no session longer: its absolute end stays where the password put it', async () => {
  const { as, people, person } = await scene()
  await signIn(person)
  const endOf = async (): Promise<number | undefined> =>
    (await as.store.list('session', 'subject', 'u_grace', { limit: 5 })).items[0]?.value.createdAt
  const began = await endOf()
  as.clock.advance(1000)
  const page = await open(person, { acr_values: MFA })
  expect((await person.submit(page, { code: people.deal() })).location?.searchParams.has('code')).toBe(true)
  expect([began, await endOf()]).toEqual([as.clock.time - 1000, as.clock.time - 1000])
  await person.submit(await open(person, { prompt: 'login' }), GRACE)
  expect(await endOf()).toBe(as.clock.time)
})

test('OIDC-14 a password that waited too long for its code chose nobody: who signed in in another tab meanwhile is asked', async () => {
  const { as, person } = await scene(['mfa'], 'always')
  const page = await open(person, { prompt: 'select_account' })
  expect((await person.go((await person.submit(page, GRACE)).location ?? '')).text).toContain('code-submit')
  await person.submit(await open(person, { state: 'other tab' }), { username: 'ada', password: PASSWORD })
  expect((await person.go(page.url)).text).toContain('code-submit')
  as.clock.advance(301)
  expect((await person.go(page.url)).text).toContain('account-other')
})

describe('a session whose methods do not reach the level, when a sign-in anew does', () => {
  async function byPasskey(): Promise<Scene> {
    const all = await scene(['pwd+otp'])
    await signIn(all.person)
    const { items } = await all.as.store.list('session', 'subject', 'u_grace', { limit: 5 })
    await all.as.store.commit(
      items.map(({ id, version, value, expiresAt }) => ({
        op: 'replace',
        kind: 'session',
        id,
        expected: version,
        value: { ...value, amr: ['hwk', 'mfa'] },
        expiresAt,
      })),
    )
    return all
  }

  test('STEP-12 the person signs in with the password, and then with the code', async () => {
    const { person, people } = await byPasskey()
    const page = await open(person, { acr_values: TWO })
    expect(page.text).toContain('login-submit')
    const second = await person.go((await person.submit(page, GRACE)).location ?? '')
    expect(second.text).toContain('code-submit')
    expect((await person.submit(second, { code: people.deal() })).location?.searchParams.has('code')).toBe(true)
  })

  test('OIDC-10 with prompt none it is login_required', async () => {
    const { person } = await byPasskey()
    const seen = await person.authorize(authorizationParameters({ acr_values: TWO, prompt: 'none' }))
    expect(seen.location?.searchParams.get('error')).toBe('login_required')
  })

  test('STEP-12 nobody is asked for what their account cannot reach', async () => {
    const { person, people } = await byPasskey()
    people.people.set('u_grace', { ...GRACE_ACCOUNT, secondFactors: ['passkey'] })
    const seen = await person.authorize(authorizationParameters({ acr_values: TWO }))
    expect(seen.location?.searchParams.get('error')).toBe('unmet_authentication_requirements')
  })
})
