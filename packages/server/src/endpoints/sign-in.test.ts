import { describe, expect, test } from 'vitest'
import { times } from '../test/application.ts'
import { CodePeople, GRACE as GRACE_ACCOUNT } from '../test/one-time-codes.ts'
import { Person, type Seen } from '../test/person.ts'
import { ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const ADA = { username: 'ada', password: PASSWORD }
const URL_OF_SIGN_IN = `${ISSUER}/sign-in/device`
const COOKIE = '__Host-holdfast-as'

describe('signing in for a page of our own', () => {
  test('BCP-06 BCP-40 the session has a new id after the sign-in, the old one is worth nothing, and the page follows', async () => {
    const as = await startServer()
    const person = new Person(as)
    const page = await person.arrive(URL_OF_SIGN_IN)
    const before = person.cookies.get(COOKIE)
    const seen = await person.submit(page, ADA)
    expect([seen.status, seen.location?.href]).toEqual([303, `${ISSUER}/device`])
    expect(person.cookies.get(COOKIE)).not.toBe(before)
    const thief = new Person(as)
    thief.cookies.set(COOKIE, before ?? '')
    expect((await thief.go(`${ISSUER}/device`)).location?.pathname).toBe('/sign-in/device')
    expect((await thief.submit(page, ADA)).status).toBe(400)
  })

  test('BCP-07 A56 nobody is led elsewhere: places are a closed list', async () => {
    const person = new Person(await startServer())
    for (const place of ['', 'admin', 'https://evil.example', '%2F%2Fevil.example', 'constructor', '..'])
      expect([404, 400]).toContain((await person.go(`${ISSUER}/sign-in/${place}?next=https://evil.example`)).status)
    const page = await person.arrive(`${URL_OF_SIGN_IN}?next=https://evil.example&return_to=//evil.example`)
    expect((await person.submit(page, { ...ADA, next: 'https://evil.example' })).location?.href).toBe(`${ISSUER}/device`)
  })

  test('OIDC-22 a form without its token, without a session or from another site is refused', async () => {
    const as = await startServer()
    const person = new Person(as)
    const page = await person.arrive(URL_OF_SIGN_IN)
    expect((await person.submit(page, { ...ADA, csrf: 'x' })).status).toBe(403)
    const shownAgain = await person.submit(page, { ...ADA, csrf: 'x' }, { 'sec-fetch-site': 'same-origin' })
    expect([shownAgain.location?.href, (await person.go(shownAgain.location ?? '')).text.includes('login-submit')]).toEqual([
      page.url,
      true,
    ])
    expect((await person.submit(page, ADA, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await person.submit(page, ADA, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await new Person(as).submit(page, ADA)).status).toBe(400)
    expect((await person.submit(page, ADA)).status).toBe(303)
  })

  test('OA-49 A58 the limits are those of every sign-in: of 40 attempts at once ten are checked', async () => {
    const person = new Person(await startServer())
    const page = await person.arrive(URL_OF_SIGN_IN)
    const all = await Promise.all(times(40, () => person.submit(page, { username: 'ada', password: 'guess' })))
    expect(all.filter((seen) => seen.status === 429)).toHaveLength(30)
    expect((await person.submit(page, ADA)).status).toBe(429)
  })

  test('a form that is sent nine times at once signs in once', async () => {
    const as = await startServer()
    const person = new Person(as)
    const page = await person.arrive(URL_OF_SIGN_IN)
    const all = await Promise.all(times(9, () => person.submit(page, ADA)))
    expect(all.filter((seen) => seen.status === 303)).toHaveLength(1)
    expect((await as.store.list('session', 'subject', 'u_ada', { limit: 100 })).items).toHaveLength(1)
  })

  test('who is signed in is not asked, and a session that ended is', async () => {
    const as = await startServer()
    const person = new Person(as)
    await person.through()
    expect((await person.go(URL_OF_SIGN_IN)).location?.href).toBe(`${ISSUER}/device`)
    as.clock.advance(7200)
    expect((await person.arrive(URL_OF_SIGN_IN)).text).toContain('login-submit')
  })
})

describe('signing in for a page of our own with a second factor', () => {
  const GRACE = { username: 'grace', password: PASSWORD }
  async function asked(): Promise<{
    readonly as: TestServer
    readonly people: CodePeople
    readonly person: Person
    readonly page: Seen
    readonly url: string
  }> {
    const people = new CodePeople()
    const as = await startServer(undefined, { accounts: people })
    const person = new Person(as)
    const { url, ...first } = await person.arrive(URL_OF_SIGN_IN)
    const seen = await person.submit(first, GRACE)
    expect([seen.status, seen.location?.href]).toEqual([303, url])
    const page = await person.go(url)
    expect(page.text).toContain('code-submit')
    return { as, people, person, page, url }
  }

  test('A54 the password alone opens nothing: the device page leads back to the sign-in', async () => {
    const { person } = await asked()
    expect((await person.go(`${ISSUER}/device`)).location?.pathname).toBe('/sign-in/device')
  })

  test('the code of the person opens the session, with both methods', async () => {
    const { as, people, person, page } = await asked()
    const seen = await person.submit(page, { code: people.deal() })
    expect([seen.status, seen.location?.href]).toEqual([303, `${ISSUER}/device`])
    expect((await person.go(`${ISSUER}/device`)).status).toBe(200)
    const { items } = await as.store.list('session', 'subject', GRACE_ACCOUNT.sub, { limit: 5 })
    expect(items.map(({ value }) => value.amr)).toEqual([['pwd', 'otp', 'mfa']])
  })

  test('A54 A56 five wrong codes cost the password, an empty one costs nothing, and of fifty at once one is looked at', async () => {
    const { people, person, page, url } = await asked()
    expect((await person.submit(page, { code: '' })).status).toBe(400)
    const all = await Promise.all(times(50, () => person.submit(page, { code: '000000' })))
    expect(all.filter(({ status }) => status === 400)).toHaveLength(1)
    expect(people.shown).toHaveLength(1)
    for (let tries = 0; tries < 4; tries++) await person.submit(page, { code: '000000' })
    expect((await person.go(url)).text).toContain('login-submit')
    expect((await person.submit(page, { code: people.deal() })).location?.href).not.toBe(`${ISSUER}/device`)
  })

  test('whoever signed in as somebody else may go back', async () => {
    const { person, page, url } = await asked()
    expect((await person.submit(page, { answer: 'restart' })).location?.href).toBe(url)
    expect((await person.go(url)).text).toContain('login-submit')
  })
})
