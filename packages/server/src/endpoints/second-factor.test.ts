import { describe, expect, test } from 'vitest'
import { CodePeople, GRACE } from '../test/one-time-codes.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const SESSION = '__Host-holdfast-as'
const CREDENTIALS = { username: 'grace', password: PASSWORD }

interface Scene {
  readonly as: TestServer
  readonly people: CodePeople
  readonly person: Person
  /** The page that asks for the code. */
  readonly page: Seen
  readonly url: string
}

/** Somebody who typed the right password, and is asked for a code. */
async function asked(as?: TestServer, people = new CodePeople()): Promise<Scene> {
  const server = as ?? (await startServer([client()], { accounts: people }))
  const person = new Person(server)
  const { location } = await person.authorize(authorizationParameters())
  const url = location?.href ?? ''
  const seen = await person.submit(await person.go(url), CREDENTIALS)
  expect([seen.status, seen.location?.href]).toEqual([303, url])
  return { as: server, people, person, page: await person.go(url), url }
}

describe('the second factor of the web sign-in', () => {
  test('a person with one-time codes is asked for one after the password, and signed in with both', async () => {
    const { people, person, page, url } = await asked()
    expect(page.text).toContain('code-submit')
    expect(page.text).toContain('grace')
    expect((await person.submit(page, { code: people.deal() })).status).toBe(303)
    const consent = await person.go(url)
    expect(consent.text).toContain('consent-allow')
    expect((await person.submit(consent, { answer: 'allow' })).location?.searchParams.has('code')).toBe(true)
  })

  test('A54 the right password alone opens no session: the cookie is the anonymous one, and nothing is answered with it', async () => {
    const people = new CodePeople()
    const as = await startServer([client()], { accounts: people })
    const person = new Person(as)
    const { location } = await person.authorize()
    const before = person.cookies.get(SESSION)
    await person.submit(await person.go(location ?? ''), CREDENTIALS)
    expect(person.cookies.get(SESSION)).toBe(before)
    expect([...person.cookies.keys()]).toEqual([SESSION])
    const silent = await person.authorize(authorizationParameters({ prompt: 'none' }))
    expect(silent.location?.searchParams.get('error')).toBe('login_required')
    expect((await person.go((await person.authorize()).location ?? '')).text).toContain('login-submit')
  })

  test.each([
    ['nothing', {}],
    ['an empty code', { code: '' }],
    ['a consent', { answer: 'allow' }],
    ['the password again', CREDENTIALS],
  ])('A56 %s does not pass the step, and costs no attempt', async (_name, fields) => {
    const { people, person, page, url } = await asked()
    for (let tries = 0; tries < 6; tries++) {
      const seen = await person.submit(page, fields)
      expect([seen.status, seen.location, seen.text.includes('code-submit')]).toEqual([400, undefined, true])
    }
    expect(people.shown).toEqual([])
    expect((await person.go(url)).text).toContain('code-submit')
  })

  test('A54 whoever had a session before the second factor was set up owes it: the session opens nothing before', async () => {
    const people = new CodePeople()
    const as = await startServer([client()], { accounts: people })
    const person = new Person(as)
    await person.through()
    const ada = people.people.get('u_ada')
    if (ada !== undefined) people.people.set('u_ada', { ...ada, secondFactors: ['otp'] })
    expect((await person.authorize(authorizationParameters({ prompt: 'none' }))).location?.searchParams.get('error')).toBe('login_required')
    const page = await person.go((await person.authorize()).location ?? '')
    expect([page.text.includes('code-submit'), page.text.includes('login-submit')]).toEqual([true, false])
  })

  test('OIDC-22 a code from another site, or in another browser, is not taken', async () => {
    const { as, people, person, page, url } = await asked()
    expect((await person.submit(page, { code: people.deal() }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await new Person(as).submit(page, { code: people.deal() })).status).toBe(400)
    expect((await person.go(url)).text).toContain('code-submit')
    expect(people.shown).toEqual([])
  })

  test('the five wrong codes of one password are told in words; then the password is asked again', async () => {
    const { person, page, url } = await asked()
    for (let tries = 0; tries < 4; tries++) {
      const seen = await person.submit(page, { code: '000000' })
      expect([seen.status, seen.text.includes('This code is wrong, too old, or was used before.')]).toEqual([400, true])
      expect(seen.text).toMatch(/id="code"[^>]*aria-invalid="true"/)
    }
    const last = await person.submit(page, { code: '000000' })
    expect([last.status, last.text.includes('login-submit'), last.text.includes('Sign in again')]).toEqual([400, true, true])
    expect((await person.go(url)).text).toContain('login-submit')
  })

  test('a password waits five minutes for its code', async () => {
    const { as, people, person, page, url } = await asked()
    as.clock.advance(300)
    expect((await person.submit(page, { code: people.deal() })).text).toContain('login-submit')
    expect((await person.go(url)).text).toContain('login-submit')
    expect(people.shown).toEqual([])
  })

  test('"somebody else" leads back to the password', async () => {
    const { person, page, url } = await asked()
    expect((await person.submit(page, { answer: 'restart' })).location?.href).toBe(url)
    expect((await person.go(url)).text).toContain('login-submit')
  })

  test('a person who was disabled meanwhile is not signed in by the right code', async () => {
    const { people, person, page } = await asked()
    people.people.set('u_grace', { ...GRACE, disabled: true })
    expect((await person.submit(page, { code: people.deal() })).status).toBe(400)
    expect(person.cookies.size).toBe(1)
  })

  test('two tabs with one code: one signs in, the other shows where things stand', async () => {
    const { people, person, page, url } = await asked()
    const code = people.deal()
    const seen = await Promise.all([person.submit(page, { code }), person.submit(page, { code })])
    expect(seen.map(({ status, location }) => [status, location?.href])).toEqual([
      [303, url],
      [303, url],
    ])
    expect((await person.go(url)).text).toContain('consent-allow')
    expect(seen.filter(({ headers }) => headers.getSetCookie().some((line) => line.startsWith(SESSION)))).toHaveLength(1)
  })

  test('of forty guesses at once a single one is checked', async () => {
    const { people, person, page } = await asked()
    const all = await Promise.all(Array.from({ length: 40 }, (_, n) => person.submit(page, { code: String(n).padStart(6, '0') })))
    expect([people.shown.length, all.filter(({ status }) => status === 303).length]).toEqual([1, 39])
  })

  test('after ten wrong codes nobody is let in for a quarter of an hour, from wherever', async () => {
    const people = new CodePeople()
    const as = await startServer([client()], { accounts: people })
    for (let passwords = 0; passwords < 2; passwords++) {
      const { person, page } = await asked(as, people)
      for (let tries = 0; tries < 5; tries++) expect((await person.submit(page, { code: '000000' })).status).toBe(400)
    }
    const other = await asked(as, people)
    expect((await other.person.submit(other.page, { code: people.deal() })).status).toBe(429)
    expect(people.shown).toHaveLength(10)
    as.clock.advance(900)
    const later = await asked(as, people)
    expect((await later.person.submit(later.page, { code: people.deal() })).status).toBe(303)
  })

  test('signing in gives the attempt back: a person who signs in often is not locked out', async () => {
    const people = new CodePeople()
    const as = await startServer([client()], { accounts: people })
    for (let times = 0; times < 12; times++) {
      const { person, page } = await asked(as, people)
      expect((await person.submit(page, { code: people.deal() })).status).toBe(303)
    }
  })

  test('the id token tells both methods', async () => {
    const { as, people, person, page } = await asked()
    await person.submit(page, { code: people.deal() })
    const { items } = await as.store.list('session', 'subject', 'u_grace', { limit: 5 })
    expect(items.map(({ value }) => value)).toMatchObject([{ amr: ['pwd', 'otp', 'mfa'], authTime: as.clock.time }])
  })
})
