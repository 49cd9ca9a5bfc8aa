import { StoreUnavailable } from '@holdfast/store'
import { decodeJwt } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { Application } from '../../packages/server/src/test/application.ts'
import { askedAt, receivedToken, TOLD, told as toldClient } from '../../packages/server/src/test/logout.ts'
import { authorizationParameters, Person } from '../../packages/server/src/test/person.ts'
import { Places } from '../../packages/server/src/test/places.ts'
import { ISSUER, PASSWORD, startServer } from '../../packages/server/src/test/server.ts'
import { APP, csrfOf, eventsOf, FACTORS, listen, PASSKEY, send, startWorld, subOf, visit } from './world.ts'

const SESSIONS = '/account/sessions'
const APPLICATIONS = '/account/applications'
const references = (text: string): readonly string[] => [...text.matchAll(/name="session" value="([^"]+)"/g)].map(([, one = '']) => one)

describe('who comes', () => {
  test.each(['/account', FACTORS, APP, PASSKEY])('nobody is signed in: %s leads to a sign-in, and says nothing', async (path) => {
    const { as } = await startWorld()
    const seen = await new Person(as).go(ISSUER + path)
    expect(seen.status).toBe(303)
    expect(seen.location?.pathname).toMatch(/^\/sign-in\/account/)
    expect(seen.text).toBe('')
  })

  test.each([SESSIONS, APPLICATIONS, FACTORS, APP, PASSKEY])(
    'OIDC-22 BCP-06 %s: a form of another site, of another session, or without a token is refused',
    async (path) => {
      const world = await startWorld()
      const { person, page } = await visit(world, FACTORS)
      const other = await visit(world, FACTORS)
      const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
      const foreign = /name="csrf" value="([^"]+)"/.exec(other.page.text)?.[1] ?? ''
      const fields = { answer: 'others', client: 'web', code: '000000' }
      for (const [token, headers] of [
        [csrf, { 'sec-fetch-site': 'cross-site' }],
        [csrf, { 'sec-fetch-site': 'same-site' }],
        [csrf, { origin: 'https://evil.example' }],
        [foreign, {}],
        ['', {}],
      ] as const) {
        const seen = await person.post(ISSUER + path, { csrf: token, ...fields }, headers)
        expect([seen.status, seen.text.includes('This form is not from here')]).toEqual([403, true])
      }
      expect((await new Person(world.as).post(ISSUER + path, { csrf, ...fields })).location?.pathname).toBe('/sign-in/account')
      expect((await world.as.store.list('session', 'subject', await subOf(world), { limit: 10 })).items).toHaveLength(2)
    },
  )

  test('of two people in one browser, one whose account is gone: the page is the other’s, and nobody is sent round in circles', async () => {
    const as = await startServer()
    const [ada] = [...as.people.values()]
    if (ada === undefined) throw new Error('nobody')
    as.people.set('u_grace', { ...ada, sub: 'u_grace', username: 'grace', displayName: 'Grace' })
    const { person } = await visit({ as })
    const page = await person.arrive((await person.authorize(authorizationParameters({ prompt: 'login' }))).location ?? '')
    await person.submit(page, { username: 'grace', password: PASSWORD })
    expect((await person.go(`${ISSUER}/account`)).text).toContain('Grace')
    as.people.delete('u_grace')
    const seen = await person.go(`${ISSUER}/account`)
    expect([seen.status, seen.text.includes('<bdi>Ada</bdi>')]).toEqual([200, true])
  })

  test('an address cannot make the page say that something happened', async () => {
    const world = await startWorld()
    const { person } = await visit(world)
    for (const done of ['passkey-removed', 'passkey-removed.x', 'toString.x', '<b>.x', ''])
      expect((await person.go(`${ISSUER}/account?done=${encodeURIComponent(done)}`)).text).not.toContain('id="done"')
  })
})

describe('where the person is signed in', () => {
  test('the page lists the sessions that are alive, and marks the one of this browser', async () => {
    const world = await startWorld()
    await visit(world)
    world.as.clock.advance(100_000_000)
    await visit(world)
    await visit(world, '/account', { username: 'grace' })
    const { person } = await visit(world)
    const { text } = await person.go(`${ISSUER}/account`)
    expect(references(text)).toHaveLength(1)
    expect(text.match(/this browser/g)).toHaveLength(1)
    expect(text).toContain('With a password')
    expect(text).toContain(`href="${ISSUER}/end-session"`)
  })

  test('one is ended: that browser is signed out, this one and the third are not', async () => {
    const world = await startWorld()
    listen(world)
    const browsers = [await visit(world), await visit(world)]
    const { person } = await visit(world)
    const { text } = await person.go(`${ISSUER}/account`)
    const [newest = ''] = references(text)
    const ended = await send(person, SESSIONS, { answer: 'end', session: newest })
    expect((await person.go(ended.location ?? '')).text).toContain('Signed out there.')
    const now = await Promise.all([...browsers, { person }].map(async (one) => (await one.person.go(`${ISSUER}/account`)).status))
    expect(now).toEqual([200, 303, 200])
    expect(await eventsOf(world, 'session.ended')).toMatchObject([{ subject: await subOf(world), detail: { reason: 'account' } }])
  })

  test('all others are ended, and nobody else’s', async () => {
    const world = await startWorld()
    const others = [await visit(world), await visit(world), await visit(world)]
    const grace = await visit(world, '/account', { username: 'grace' })
    const { person } = await visit(world)
    expect((await send(person, SESSIONS, { answer: 'others' })).status).toBe(303)
    const status = async (one: Person): Promise<number> => (await one.go(`${ISSUER}/account`)).status
    expect(await Promise.all([...others, grace, { person }].map((one) => status(one.person)))).toEqual([303, 303, 303, 200, 200])
  })

  test.each(['others', 'end'])('LOGO-10 LOGO-14 answer %s: applications there are told, and refresh no more', async (answer) => {
    const places = new Places().put(TOLD, { status: 200, headers: {}, body: new Uint8Array() })
    const world = await startWorld([toldClient()], { outbound: places })
    const there = new Application(world.as, toldClient())
    const { refresh, answer: tokens } = await there.tokens()
    const { sid } = decodeJwt(String(tokens.body['id_token']))
    const { person } = await visit(world)
    const [session = ''] = references((await person.go(`${ISSUER}/account`)).text)
    await send(person, SESSIONS, { answer, session })
    expect((await there.refresh(refresh)).body['error']).toBe('invalid_grant')
    await vi.waitFor(() => expect(askedAt(places, TOLD)).toHaveLength(1))
    const { payload } = await receivedToken(world.as, askedAt(places, TOLD)[0])
    expect([payload.sub, payload['sid']]).toEqual([await subOf(world), sid])
  })

  test('a reference of another browser’s page, of another person or made up ends nothing', async () => {
    const world = await startWorld()
    const [one, two, three] = [await visit(world), await visit(world), await visit(world, '/account', { username: 'grace' })]
    await visit(world, '/account', { username: 'grace' })
    const seen = async (person: Person): Promise<readonly string[]> => references((await person.go(`${ISSUER}/account`)).text)
    for (const session of [...(await seen(two.person)), ...(await seen(three.person)), 'x', ''])
      expect((await send(one.person, SESSIONS, { answer: 'end', session })).location?.search).toBe('')
    expect((await world.as.store.list('session', 'subject', await subOf(world), { limit: 10 })).items).toHaveLength(2)
    expect((await world.as.store.list('session', 'subject', await subOf(world, 'grace'), { limit: 10 })).items).toHaveLength(2)
  })

  test('fifty at once end one session once, also while its idle end moves', async () => {
    const world = await startWorld()
    listen(world)
    const other = await visit(world)
    const { person } = await visit(world)
    const csrf = await csrfOf(person)
    const [session = ''] = references((await person.go(`${ISSUER}/account`)).text)
    world.as.clock.advance(3600)
    const all = Array.from({ length: 50 }, (_, index) =>
      index % 10 === 5
        ? other.person.authorize()
        : person.post(ISSUER + SESSIONS, { csrf, answer: 'end', session }, { 'sec-fetch-site': 'same-origin' }),
    )
    await Promise.all(all)
    expect((await other.person.go(`${ISSUER}/account`)).status).toBe(303)
    expect(await eventsOf(world, 'session.ended')).toHaveLength(1)
  })

  test('a store that is down ends nothing, and says that it is down', async () => {
    const world = await startWorld()
    const other = await visit(world)
    const { person } = await visit(world)
    const csrf = await csrfOf(person)
    const { commit } = world.as.store
    Object.assign(world.as.store, { commit: () => Promise.reject(new StoreUnavailable('locked')) })
    const post = { csrf, answer: 'others' }
    expect((await person.post(ISSUER + SESSIONS, post, { 'sec-fetch-site': 'same-origin' })).status).toBe(503)
    Object.assign(world.as.store, { commit })
    expect((await other.person.go(`${ISSUER}/account`)).status).toBe(200)
  })
})
