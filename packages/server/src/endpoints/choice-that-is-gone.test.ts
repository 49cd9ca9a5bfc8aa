import { describe, expect, test } from 'vitest'
import { Application } from '../test/application.ts'
import { claimsOf } from '../test/details.ts'
import { CodePeople } from '../test/one-time-codes.ts'
import { authorizationParameters, type Person, type Seen } from '../test/person.ts'
import { client, ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const ADA = { username: 'ada', password: PASSWORD }
const BOB = { username: 'bob', password: PASSWORD }
const LONG: number = 3000

interface Scene {
  readonly as: TestServer
  readonly app: Application
  readonly person: Person
}

type Parameters = Readonly<Record<string, string>>
const open = (person: Person, over: Parameters = {}): Promise<Seen & { readonly url: string }> =>
  person.arrive(`${ISSUER}/authorize?${authorizationParameters(over)}`)

/** Ada signed in an hour ago, and allowed the application what it asks for. */
async function adaIsHere(): Promise<Scene> {
  const people = new CodePeople()
  people.people.set('u_bob', { sub: 'u_bob', username: 'bob', displayName: 'Bob', claims: {}, disabled: false })
  const as = await startServer([client()], { accounts: people })
  const app = new Application(as, client())
  expect((await app.person.through()).location?.searchParams.has('code')).toBe(true)
  as.clock.advance(LONG)
  return { as, app, person: app.person }
}

/** Bob signs out at another place of his account; this browser does not know. */
async function signedOut({ as }: Scene, subject: string): Promise<void> {
  const { items } = await as.store.list('session', 'subject', subject, { limit: 5 })
  expect(items).toHaveLength(1)
  await as.store.commit(items.map(({ id }) => ({ op: 'delete', kind: 'session', id })))
}

const referenceOf = ({ text }: Seen, name: string): string =>
  [...text.matchAll(/name="account" value="([^"]+)"([\s\S]*?)<\/button>/g)].find((match) => match[2]?.includes(name))?.[1] ?? 'none'

describe('the person whom an interaction was about is signed out meanwhile', () => {
  test.each([{ prompt: 'login' }, { max_age: '0' }, { prompt: 'login', max_age: '60' }] as const)(
    'OIDC-11 OIDC-13 that Bob signed in says nothing about Ada: %j',
    async (over) => {
      const all = await adaIsHere()
      const { person } = all
      const consent = await person.go((await person.submit(await open(person, over), BOB)).location ?? '')
      expect(consent.text).toContain('consent-allow')
      await signedOut(all, 'u_bob')
      const url = /action="([^"]+)"/.exec(consent.text)?.[1] ?? ''
      const shown = await person.go(url)
      expect([shown.location?.searchParams.has('code') ?? false, shown.text.includes('account-other')]).toEqual([false, true])
      // Nor when Ada is chosen now: she signed in long ago.
      const hers = await person.arrive((await person.submit(shown, { account: referenceOf(shown, 'Ada') })).location ?? '')
      expect([hers.location?.searchParams.has('code') ?? false, hers.text.includes('login-submit')]).toEqual([false, true])
      const answered = await person.submit(hers, ADA)
      const { body } = await all.app.redeem(answered.location?.searchParams.get('code') ?? '')
      expect(claimsOf(String(body['id_token']))).toMatchObject({ sub: 'u_ada', auth_time: all.as.clock.time })
    },
  )

  test('OIDC-14 Bob was chosen, so no code is for Ada before she is chosen', async () => {
    const all = await adaIsHere()
    const { person } = all
    const choice = await open(person, { prompt: 'select_account' })
    const login = await person.go((await person.submit(choice, { account: 'other' })).location ?? '')
    const consent = await person.go((await person.submit(login, BOB)).location ?? '')
    expect(consent.text).toContain('consent-allow')
    await signedOut(all, 'u_bob')
    const shown = await person.go(choice.url)
    expect([shown.location?.searchParams.has('code') ?? false, shown.text.includes('account-other')]).toEqual([false, true])
    const answered = await person.arrive((await person.submit(shown, { account: referenceOf(shown, 'Ada') })).location ?? '')
    expect(answered.location?.searchParams.has('code')).toBe(true)
  })

  test('OIDC-13 who signed in anew in another tab is the same person, and is not asked again', async () => {
    const { person, as } = await adaIsHere()
    const first = await open(person, { prompt: 'login consent' })
    expect((await person.go((await person.submit(first, ADA)).location ?? '')).text).toContain('consent-allow')
    as.clock.advance(5)
    await person.submit(await open(person, { prompt: 'login' }), ADA)
    const shown = await person.go(first.url)
    expect(shown.text).toContain('consent-allow')
    expect((await person.submit(shown, { answer: 'allow' })).location?.searchParams.has('code')).toBe(true)
  })

  test('with nobody left the sign-in page is shown', async () => {
    const all = await adaIsHere()
    const { person } = all
    const first = await open(person, { prompt: 'login consent' })
    await person.submit(first, ADA)
    // The browser stays known by another tab, in which nobody is signed in.
    await open(person, { prompt: 'login' })
    const { items } = await all.as.store.list('session', 'subject', 'u_ada', { limit: 5 })
    const [ada] = items
    if (ada === undefined) throw new Error('ada is signed in')
    await all.as.store.commit([
      {
        op: 'replace',
        kind: 'session',
        id: ada.id,
        expected: ada.version,
        value: { ...ada.value, subject: undefined, authTime: undefined },
      },
    ])
    expect((await person.go(first.url)).text).toContain('login-submit')
  })
})
