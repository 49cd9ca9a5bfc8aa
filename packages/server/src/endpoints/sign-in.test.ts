import { describe, expect, test } from 'vitest'
import { times } from '../test/application.ts'
import { Person } from '../test/person.ts'
import { ISSUER, PASSWORD, startServer } from '../test/server.ts'

const ADA = { username: 'ada', password: PASSWORD }
const URL_OF_SIGN_IN = `${ISSUER}/sign-in/device`
const COOKIE = '__Host-holdfast-as'

describe('signing in for a page of our own', () => {
  test('BCP-06 BCP-40 the session has a new id after the sign-in, the old one is worth nothing, and the page follows', async () => {
    const as = await startServer()
    const person = new Person(as)
    const page = await person.go(URL_OF_SIGN_IN)
    const before = person.cookies.get(COOKIE)
    const seen = await person.submit(page, ADA)
    expect([seen.status, seen.location?.href]).toEqual([303, `${ISSUER}/device`])
    expect(person.cookies.get(COOKIE)).not.toBe(before)
    const thief = new Person(as)
    thief.cookies.set(COOKIE, before ?? '')
    expect((await thief.go(`${ISSUER}/device`)).location?.pathname).toBe('/sign-in/device')
    expect((await thief.submit(page, ADA)).status).toBe(403)
  })

  test('BCP-07 A56 nobody is led elsewhere: places are a closed list', async () => {
    const person = new Person(await startServer())
    for (const place of ['', 'account', 'https://evil.example', '%2F%2Fevil.example', 'constructor', '..'])
      expect([404, 400]).toContain((await person.go(`${ISSUER}/sign-in/${place}?next=https://evil.example`)).status)
    const page = await person.go(`${URL_OF_SIGN_IN}?next=https://evil.example&return_to=//evil.example`)
    expect((await person.submit(page, { ...ADA, next: 'https://evil.example' })).location?.href).toBe(`${ISSUER}/device`)
  })

  test('OIDC-22 a form without its token, without a session or from another site is refused', async () => {
    const as = await startServer()
    const person = new Person(as)
    const page = await person.go(URL_OF_SIGN_IN)
    expect((await person.submit(page, { ...ADA, csrf: 'x' })).status).toBe(403)
    expect((await person.submit(page, ADA, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await person.submit(page, ADA, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await new Person(as).submit(page, ADA)).status).toBe(403)
    expect((await person.submit(page, ADA)).status).toBe(303)
  })

  test('OA-49 A58 the limits are those of every sign-in: of 40 attempts at once ten are checked', async () => {
    const person = new Person(await startServer())
    const page = await person.go(URL_OF_SIGN_IN)
    const all = await Promise.all(times(40, () => person.submit(page, { username: 'ada', password: 'guess' })))
    expect(all.filter((seen) => seen.status === 429)).toHaveLength(30)
    expect((await person.submit(page, ADA)).status).toBe(429)
  })

  test('a form that is sent nine times at once signs in once', async () => {
    const as = await startServer()
    const person = new Person(as)
    const page = await person.go(URL_OF_SIGN_IN)
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
    expect((await person.go(URL_OF_SIGN_IN)).text).toContain('login-submit')
  })
})
