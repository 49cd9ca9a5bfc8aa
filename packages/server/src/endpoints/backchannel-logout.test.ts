import { StoreUnavailable } from '@holdfast/store'
import { expect, test, vi } from 'vitest'
import { OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import type { Client } from '../index.ts'
import { askedAt, confirm, endSessionUrl, isSignedIn, plain, receivedToken, signedInAt, TOLD, told } from '../test/logout.ts'
import { Person } from '../test/person.ts'
import { Places } from '../test/places.ts'
import { eventsOf } from '../test/resource-server.ts'
import { ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const answered = (status: number): OutboundReply => ({ status, headers: {}, body: new Uint8Array() })
/** Deliveries run in the background: this waits until what is expected is there, for a second at most. */
const soon = (check: () => Promise<void> | void): Promise<void> => vi.waitFor(check, { timeout: 1000, interval: 2 })

async function waiting({ store }: TestServer): Promise<readonly { attempts: number; dueAt: number }[]> {
  return (await store.list('logout_delivery', 'state', 'waiting', { limit: 100 })).items.map(({ value }) => value)
}

/** A second server on the same store, as after a restart. */
function restarted(as: TestServer, clients: readonly Client[], outbound: Places): Promise<TestServer> {
  return startServer(clients, { store: as.store, clock: as.clock, outbound })
}

test('LOGO-10 LOGO-11 LOGO-12 LOGO-15 OIDC-36 Back-Channel Logout §2.4: the client is posted a logout token of this session, once', async () => {
  const places = new Places().put(TOLD, answered(200))
  const as = await startServer([told()], { outbound: places })
  const events = eventsOf(as)
  const { app, idToken } = await signedInAt(as, told())
  await signedInAt(as, told(), app.person)
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(async () => expect(await waiting(as)).toEqual([]))
  const [asked, ...more] = askedAt(places, TOLD)
  expect(more).toEqual([])
  expect(asked).toMatchObject({ method: 'POST', wanted: { contentType: 'application/x-www-form-urlencoded' } })
  const { header, payload } = await receivedToken(as, asked)
  const shown = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
  expect(header).toMatchObject({ typ: 'logout+jwt', alg: 'ES256' })
  expect(payload).toEqual({
    iss: ISSUER,
    aud: 'web',
    sub: 'u_ada',
    sid: shown['sid'],
    iat: as.clock.now(),
    exp: as.clock.now() + 120,
    jti: expect.stringMatching(/^[\w-]{43}$/),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  })
  expect(shown['sid']).toMatch(/^[\w-]{43}$/)
  expect(events.filter(({ type }) => type.startsWith('logout.'))).toMatchObject([
    { type: 'logout.delivered', clientId: 'web', subject: 'u_ada' },
  ])
  expect(as.logged.join()).not.toContain('eyJ')
})

test('LOGO-11 signed by the algorithm of the client’s ID tokens', async () => {
  const client = told({ idTokenSignedResponseAlg: 'RS256' })
  const places = new Places().put(TOLD, answered(204))
  const as = await startServer([client], { outbound: places })
  const { app, idToken } = await signedInAt(as, client)
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(() => expect(askedAt(places, TOLD)).toHaveLength(1))
  expect((await receivedToken(as, askedAt(places, TOLD)[0])).header.alg).toBe('RS256')
})

test('LOGO-11 LOGO-02 a logout token is no hint, and no access token', async () => {
  const places = new Places().put(TOLD, answered(200))
  const as = await startServer([told()], { outbound: places })
  const { app, idToken } = await signedInAt(as, told())
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(() => expect(askedAt(places, TOLD)).toHaveLength(1))
  const token = new URLSearchParams(askedAt(places, TOLD)[0]?.body).get('logout_token') ?? ''
  expect((await app.person.go(endSessionUrl({ id_token_hint: token }))).status).toBe(400)
  expect((await app.userinfo(token)).status).toBe(401)
})

test('LOGO-10 who was not told who signed in is not told who signed out: a client without the scope openid', async () => {
  const client = told({ scopes: ['openid', 'accounts:read'] })
  const places = new Places().put(TOLD, answered(200))
  const as = await startServer([client, plain({ clientId: 'second' })], { outbound: places })
  const { app } = await signedInAt(as, client, undefined, 'accounts:read')
  const { items } = await as.store.list('grant', 'clientId', 'web', { limit: 2 })
  expect(await as.store.list('session_client', 'sid', items[0]?.value.sid ?? '', { limit: 2 })).toMatchObject({ items: [] })
  const { idToken } = await signedInAt(as, plain({ clientId: 'second' }), app.person)
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  expect(await isSignedIn(app.person)).toBe(false)
  expect(await as.store.read('grant', items[0]?.id ?? '')).toBeUndefined()
  expect(await waiting(as)).toEqual([])
})

test('LOGO-10 only clients of this session are told, each at its place; who wants to know nothing costs no record', async () => {
  const clients = [told(), told({ clientId: 'second', backchannelLogoutUri: 'https://second.example/l' }), plain({ clientId: 'third' })]
  const places = new Places().put(TOLD, answered(200)).put('https://second.example/l', answered(200))
  const as = await startServer(clients, { outbound: places })
  const { app, idToken } = await signedInAt(as, clients[0] as Client)
  for (const client of clients.slice(1)) await signedInAt(as, client, app.person)
  const elsewhere = await signedInAt(as, clients[0] as Client)
  const { sid } = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as { readonly sid: string }
  const { items } = await as.store.list('session_client', 'sid', sid, { limit: 10 })
  expect(items.map(({ value }) => value.clientId).toSorted()).toEqual(['second', 'web'])
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(async () => expect(await waiting(as)).toEqual([]))
  expect(places.asked.map(({ url }) => url).toSorted()).toEqual([TOLD, 'https://second.example/l'])
  expect((await receivedToken(as, askedAt(places, TOLD)[0])).payload['sid']).toBe(sid)
  expect((await as.store.list('session_client', 'sid', sid, { limit: 10 })).items).toEqual([])
  expect(await isSignedIn(elsewhere.app.person)).toBe(true)
})

test('LOGO-10 clients that hang delay neither the person nor the others, and no more than ten are asked at once', async () => {
  const hanging = Array.from({ length: 20 }, (_, index) =>
    told({ clientId: `slow-${index}`, backchannelLogoutUri: `https://slow-${index}.example/l` }),
  )
  const places = new Places().put(TOLD, answered(200))
  const releases: (() => void)[] = []
  for (const { backchannelLogoutUri = '' } of hanging)
    places.put(
      backchannelLogoutUri,
      () => new Promise<OutboundRefusal>((settle) => releases.push(() => settle(new OutboundRefusal('timeout', 'slow')))),
    )
  const as = await startServer([told(), ...hanging.slice(0, 8)], { outbound: places })
  const { app, idToken } = await signedInAt(as, told())
  for (const client of hanging.slice(0, 8)) await signedInAt(as, client, app.person)
  expect((await app.person.go(endSessionUrl({ id_token_hint: idToken }))).status).toBe(200)
  await soon(() => expect(askedAt(places, TOLD)).toHaveLength(1))
  expect(await isSignedIn(app.person)).toBe(false)

  const more = await startServer([told(), ...hanging], { outbound: places })
  const again = await signedInAt(more, told())
  for (const client of hanging) await signedInAt(more, client, again.app.person)
  const before = places.asked.length
  await again.app.person.go(endSessionUrl({ id_token_hint: again.idToken }))
  await soon(() => expect(places.asked.length - before).toBeGreaterThanOrEqual(10))
  expect(places.asked.length - before).toBeLessThanOrEqual(11)
  const all = setInterval(() => releases.splice(0).forEach((release) => release()), 1)
  await soon(() => expect(askedAt(places, TOLD)).toHaveLength(2))
  clearInterval(all)
})

test('LOGO-10 one client with many sessions that hangs holds two places, and another one is told meanwhile', async () => {
  const slow = told({ clientId: 'slow', backchannelLogoutUri: 'https://slow.example/l' })
  const places = new Places().put(TOLD, answered(200)).put('https://slow.example/l', () => new Promise(() => {}))
  const as = await startServer([slow, told()], { outbound: places })
  for (let times = 0; times < 12; times++) {
    const { app, idToken } = await signedInAt(as, slow)
    await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  }
  const { app, idToken } = await signedInAt(as, told())
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(() => expect(askedAt(places, TOLD)).toHaveLength(1))
  expect(askedAt(places, 'https://slow.example/l')).toHaveLength(2)
})

test('LOGO-10 what fails for a while is tried again with growing pauses, six times in all, with a fresh token each time', async () => {
  const places = new Places().put(TOLD, answered(503))
  let as = await startServer([told()], { outbound: places })
  const { app, idToken } = await signedInAt(as, told())
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  const jtis: unknown[] = []
  for (const [tries, pause] of [5, 30, 120, 600, 3600].entries()) {
    await soon(async () => expect(await waiting(as)).toMatchObject([{ attempts: tries + 1, dueAt: as.clock.now() + pause }]))
    jtis.push((await receivedToken(as, askedAt(places, TOLD)[tries])).payload.jti)
    await as.server.close()
    as.clock.advance(pause - 1)
    as = await restarted(as, [told()], places)
    as.clock.advance(1)
    expect(askedAt(places, TOLD)).toHaveLength(tries + 1)
    await as.server.close()
    as = await restarted(
      as,
      [told()],
      tries % 2 === 0 ? places.put(TOLD, new OutboundRefusal('connect', 'nobody is there')) : places.put(TOLD, answered(429)),
    )
    await soon(() => expect(askedAt(places, TOLD)).toHaveLength(tries + 2))
  }
  await soon(async () => expect(await waiting(as)).toEqual([]))
  expect(new Set(jtis).size).toBe(5)
  expect(as.logged.join()).toMatch(/could not be told that a session ended .*"attempts":6/)
})

test.each([
  ['400', answered(400)],
  ['404', answered(404)],
  ['a redirect', new OutboundRefusal('redirect', 'elsewhere')],
  ['LOGO-15 a private address', new OutboundRefusal('address', '10.0.0.1 is not a public address')],
] as const)('LOGO-10 Back-Channel Logout §2.8 %s is final: logged, in the audit trail, not tried again', async (_name, reply) => {
  const places = new Places().put(TOLD, reply)
  const as = await startServer([told()], { outbound: places })
  const events = eventsOf(as)
  const { app, idToken } = await signedInAt(as, told())
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(async () => expect(await waiting(as)).toEqual([]))
  expect(askedAt(places, TOLD)).toHaveLength(1)
  expect(events.filter(({ type }) => type.startsWith('logout.'))).toMatchObject([{ type: 'logout.undelivered', detail: { attempts: 1 } }])
  expect(as.logged.join()).toContain('could not be told')
})

test('LOGO-15 the guarded client is what asks: a private place is not reached', async () => {
  const client = told({ backchannelLogoutUri: 'https://127.0.0.1:1/logout' })
  const as = await startServer([client])
  const { app, idToken } = await signedInAt(as, client)
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(() => expect(as.logged.join()).toContain('127.0.0.1 is not a public address'))
})

test('LOGO-10 a server that dies between commit and delivery: the next one on the store delivers, and only one of two does', async () => {
  const dead = new Places().put(TOLD, () => new Promise(() => {}))
  const as = await startServer([told()], { outbound: dead })
  const { app, idToken } = await signedInAt(as, told())
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(() => expect(askedAt(dead, TOLD)).toHaveLength(1))
  await as.server.close()
  const places = new Places().put(TOLD, answered(200))
  const early = await restarted(as, [told()], places)
  await early.server.close()
  expect(places.asked).toEqual([])
  as.clock.advance(30)
  const nodes = await Promise.all([1, 2, 3].map(() => restarted(as, [told()], places)))
  await soon(async () => expect(await waiting(as)).toEqual([]))
  expect(askedAt(places, TOLD)).toHaveLength(1)
  for (const node of nodes) await node.server.close()
})

test('LOGO-10 LOGO-14 a store that goes away after the session has ended: the person is signed out, the rest follows', async () => {
  const places = new Places().put(TOLD, answered(200))
  const as = await startServer([told()], { outbound: places })
  const { app, idToken, refresh } = await signedInAt(as, told())
  const { store } = as
  const working = store.commit.bind(store)
  let commits = 0
  store.commit = (changes) => (commits++ === 0 ? working(changes) : Promise.reject(new StoreUnavailable('gone')))
  const seen = await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  expect([seen.status, seen.text.includes('You are signed out')]).toEqual([200, true])
  expect(await isSignedIn(app.person)).toBe(false)
  expect((await store.list('ended_session', 'state', 'ending', { limit: 2 })).items).toHaveLength(1)
  store.commit = working
  await as.server.close()
  as.clock.advance(30)
  const next = await restarted(as, [told()], places)
  await soon(async () => expect((await store.list('ended_session', 'state', 'ending', { limit: 2 })).items).toEqual([]))
  await soon(() => expect(askedAt(places, TOLD)).toHaveLength(1))
  expect((await app.refresh(refresh)).status).toBe(400)
  await next.server.close()
})

test('LOGO-10 fifty tabs that are the first in a session to be given a code: all are, and the client is told once', async () => {
  const places = new Places().put(TOLD, answered(200))
  const as = await startServer([told()], { outbound: places })
  await signedInAt(as, told())
  const person = new Person(as)
  const asked = await person.arrive(`${ISSUER}/sign-in/device`)
  await person.submit(asked, { username: 'ada', password: PASSWORD })
  const seen = await Promise.all(Array.from({ length: 50 }, () => person.authorize()))
  expect(seen.filter(({ location }) => location?.searchParams.has('code') === true)).toHaveLength(50)
  await confirm(person, await person.go(endSessionUrl()), 'allow')
  await soon(async () => expect(await waiting(as)).toEqual([]))
  expect(askedAt(places, TOLD)).toHaveLength(1)
})

test('LOGO-10 a client that was removed meanwhile is not asked, and not waited for', async () => {
  const as = await startServer([told()], { outbound: new Places().put(TOLD, answered(503)) })
  const { app, idToken } = await signedInAt(as, told())
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  await soon(async () => expect(await waiting(as)).toMatchObject([{ attempts: 1 }]))
  await as.server.close()
  as.clock.advance(5)
  const places = new Places()
  await restarted(as, [plain()], places)
  await soon(async () => expect(await waiting(as)).toEqual([]))
  expect(places.asked).toEqual([])
})
