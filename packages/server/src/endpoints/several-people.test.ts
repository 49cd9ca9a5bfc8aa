import { describe, expect, test } from 'vitest'
import { Application, times } from '../test/application.ts'
import { claimsOf } from '../test/details.ts'
import { CodePeople } from '../test/one-time-codes.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const COOKIE = '__Host-holdfast-as'
const ADA = { username: 'ada', password: PASSWORD }
const BOB = { username: 'bob', password: PASSWORD }

/** Ada and Bob, both without a second factor. */
async function scene(): Promise<{ readonly as: TestServer; readonly app: Application; readonly person: Person }> {
  const people = new CodePeople()
  people.people.set('u_bob', { sub: 'u_bob', username: 'bob', displayName: 'Bob', claims: {}, disabled: false })
  people.people.set('u_cyd', { sub: 'u_cyd', username: 'cyd', displayName: 'Cyd', claims: {}, disabled: false })
  const as = await startServer([client()], { accounts: people })
  const app = new Application(as, client())
  return { as, app, person: app.person }
}

const asking = (over: Readonly<Record<string, string | undefined>> = {}): URLSearchParams => authorizationParameters(over)
const open = (person: Person, over: Readonly<Record<string, string | undefined>> = {}): Promise<Seen & { readonly url: string }> =>
  person.arrive(`${ISSUER}/authorize?${asking(over)}`)

/** Signs in by the page of a request, and allows it where that is asked. */
async function signIn(
  person: Person,
  fields: Readonly<Record<string, string>>,
  over: Readonly<Record<string, string>> = {},
): Promise<Seen> {
  let page: Seen = await open(person, over)
  if (page.text.includes('account-other')) page = await person.go((await person.submit(page, { account: 'other' })).location ?? '')
  const seen = await person.submit(page, fields)
  if (seen.location?.href.startsWith(ISSUER) !== true) return seen
  return person.submit(await person.go(seen.location), { answer: 'allow' })
}

const accountsOn = ({ text }: Seen): readonly string[] =>
  [...text.matchAll(/name="account" value="(?!other)([^"]+)"/g)].map((match) => match[1] ?? '')

async function subjectOf(app: Application, seen: Seen): Promise<unknown> {
  const { body } = await app.redeem(seen.location?.searchParams.get('code') ?? '')
  return claimsOf(String(body['id_token']))['sub']
}

describe('several people in one browser', () => {
  test('OIDC-14 select_account shows who is signed in, and the chosen one becomes the current one', async () => {
    const { app, person } = await scene()
    await signIn(person, ADA)
    await signIn(person, BOB, { prompt: 'select_account' })
    const page = await open(person, { prompt: 'select_account' })
    expect([accountsOn(page).length, page.text.includes('Ada'), page.text.includes('Bob')]).toEqual([2, true, true])
    expect(await subjectOf(app, await person.authorize())).toBe('u_bob')
    const ada = accountsOn(page)[page.text.indexOf('Ada') < page.text.indexOf('Bob') ? 0 : 1] ?? ''
    const chosen = await person.arrive((await person.submit(page, { account: ada })).location ?? '')
    expect(await subjectOf(app, chosen)).toBe('u_ada')
    expect(await subjectOf(app, await person.authorize())).toBe('u_ada')
  })

  test('OIDC-14 OIDC-10 with prompt none it is an error, and login_required where nobody is signed in', async () => {
    const { person } = await scene()
    const errorOf = async (): Promise<unknown> => (await person.authorize(asking({ prompt: 'none' }))).location?.searchParams.get('error')
    expect(await errorOf()).toBe('login_required')
    await signIn(person, ADA)
    expect((await person.authorize(asking({ prompt: 'none select_account' }))).location?.searchParams.get('error')).toBe('invalid_request')
  })

  test('OIDC-14 with nobody signed in there is nothing to choose: the sign-in page', async () => {
    const { person } = await scene()
    expect((await open(person, { prompt: 'select_account' })).text).toContain('login-submit')
  })

  test('A56 a reference of another page, or a made-up one, chooses nobody', async () => {
    const { person } = await scene()
    await signIn(person, ADA)
    await signIn(person, BOB, { prompt: 'select_account' })
    const other = accountsOn(await open(person, { prompt: 'select_account' }))
    const page = await open(person, { prompt: 'select_account' })
    for (const account of [...other, 'x', '', 'u_ada', '0']) {
      const seen = await person.submit(page, { account })
      expect([seen.location?.href, (await person.go(page.url)).text.includes('account-other')]).toEqual([page.url, true])
    }
  })

  test('the consent page has a way to another account', async () => {
    const { app, person } = await scene()
    await signIn(person, ADA)
    await signIn(person, BOB, { prompt: 'select_account' })
    const consent = await open(person, { prompt: 'consent' })
    const choice = await person.go((await person.submit(consent, { answer: 'switch' })).location ?? '')
    const ada = accountsOn(choice)[choice.text.indexOf('Ada') < choice.text.indexOf('Bob') ? 0 : 1] ?? ''
    const hers = await person.go((await person.submit(choice, { account: ada })).location ?? '')
    expect(hers.text).toContain('consent-allow')
    expect(await subjectOf(app, await person.submit(hers, { answer: 'allow' }))).toBe('u_ada')
  })

  test('signing in again keeps the sid that applications know, and leaves one session for each person', async () => {
    const { as, app, person } = await scene()
    const sidOf = async (seen: Seen): Promise<unknown> =>
      claimsOf(String((await app.redeem(seen.location?.searchParams.get('code') ?? '')).body['id_token']))['sid']
    const first = await sidOf(await signIn(person, ADA))
    const again = await sidOf(await signIn(person, ADA, { prompt: 'login' }))
    expect(again).toBe(first)
    expect(await sidOf(await signIn(person, BOB, { prompt: 'select_account' }))).not.toBe(first)
    expect((await as.store.list('session', 'subject', 'u_ada', { limit: 5 })).items).toHaveLength(1)
  })

  test('A60 handles of others in the cookie are worth nothing, and garbage in it does not end the session', async () => {
    const { as, app, person } = await scene()
    await signIn(person, ADA)
    const own = person.cookies.get(COOKIE) ?? ''
    const stolenId = own.slice(0, 26) + 'A'.repeat(43)
    const thief = new Person(as)
    thief.cookies.set(COOKIE, `${stolenId}~${'x'.repeat(69)}`)
    expect((await thief.authorize(asking({ prompt: 'none' }))).location?.searchParams.get('error')).toBe('login_required')
    person.cookies.set(COOKIE, `garbage~${stolenId}~${own}`)
    expect(await subjectOf(app, await person.authorize())).toBe('u_ada')
  })

  test('at most five are kept in the cookie', async () => {
    const { as, person } = await scene()
    await signIn(person, ADA)
    const handle = person.cookies.get(COOKIE) ?? ''
    person.cookies.set(COOKIE, Array.from({ length: 9 }, () => handle).join('~'))
    expect(accountsOn(await open(person, { prompt: 'select_account' }))).toHaveLength(1)
    await signIn(person, BOB, { prompt: 'select_account' })
    expect((person.cookies.get(COOKIE) ?? '').split('~').length).toBeLessThanOrEqual(5)
    expect(as.logged.join()).not.toContain(handle.slice(26))
  })
})

describe('two tabs and the back button', () => {
  test('A56 two tabs in the middle of signing in: the second goes on with who signed in in the first', async () => {
    const { app, person } = await scene()
    const first = await open(person)
    const second = await open(person, { state: 'second' })
    const allowed = await person.submit(await person.go((await person.submit(first, ADA)).location ?? ''), { answer: 'allow' })
    expect(allowed.location?.searchParams.has('code')).toBe(true)
    const shown = await person.go(second.url)
    expect(await subjectOf(app, shown)).toBe('u_ada')
    expect(shown.location?.searchParams.get('state')).toBe('second')
  })

  test('OIDC-22 a form of before the sign-in counts for nothing, and leads to where things stand', async () => {
    const { person } = await scene()
    const first = await open(person)
    const second = await open(person, { state: 'second' })
    await person.submit(first, ADA)
    const late = await person.submit(second, BOB, { 'sec-fetch-site': 'same-origin' })
    expect(late.location?.href).toBe(second.url)
    expect((await person.go(second.url)).text).toContain('consent-allow')
    expect((await person.go(second.url)).text).toContain('Ada')
  })

  test('A56 a consent page that was shown to Ada is no consent of Bob, who signed in in another tab', async () => {
    const { as, person } = await scene()
    const page = await person.go((await person.submit(await open(person), ADA)).location ?? '')
    expect(page.text).toContain('consent-allow')
    await signIn(person, BOB, { prompt: 'login' })
    const { items } = await as.store.list('session', 'subject', 'u_ada', { limit: 5 })
    await as.store.commit(items.map(({ id }) => ({ op: 'delete', kind: 'session', id })))
    const late = await person.submit(page, { answer: 'allow' }, { 'sec-fetch-site': 'same-origin' })
    expect(late.location?.searchParams.has('code') ?? false).toBe(false)
    expect(await as.store.list('consent', 'subject', 'u_bob', { limit: 5 })).toMatchObject({ items: [{ value: { subject: 'u_bob' } }] })
    expect((await as.store.list('consent', 'subject', 'u_ada', { limit: 5 })).items).toEqual([])
  })

  test('the page of an interaction that is over, or of another browser, says so and shows nothing', async () => {
    const { as, person } = await scene()
    const page = await open(person)
    await person.submit(await person.go((await person.submit(page, ADA)).location ?? ''), { answer: 'allow' })
    for (const who of [person, new Person(as)]) {
      const late = await who.go(page.url)
      expect([late.status, late.text.includes('This page is no longer valid'), late.text.includes('Web application')]).toEqual([
        400,
        true,
        false,
      ])
    }
  })

  test('fifty answers to one sign-in page at once leave one session', async () => {
    const { as, person } = await scene()
    const page = await open(person)
    await Promise.all(times(50, () => person.submit(page, ADA)))
    expect((await as.store.list('session', 'subject', 'u_ada', { limit: 100 })).items).toHaveLength(1)
  })

  test('a browser that nobody signs in with is forgotten with its interaction', async () => {
    const { as, person } = await scene()
    await open(person)
    const { items } = await as.store.list('session', 'subject', 'u_ada', { limit: 5 })
    expect(items).toEqual([])
    const id = (person.cookies.get(COOKIE) ?? '').slice(0, 26)
    expect((await as.store.read('session', id))?.expiresAt).toBe(as.clock.time + 1800)
  })
})
