import type { HttpRequest } from '@holdfast/protocol/http'
import { newRecordId } from '@holdfast/protocol/secret'
import { StoreUnavailable } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { expect, test } from 'vitest'
import { DEFAULT_LIFETIMES } from '../config/lifetimes.ts'
import type { Client } from '../config/client.ts'
import { type ServerChange, serverKinds } from '../records.ts'
import { GRANT } from '../test/facts.ts'
import { told } from '../test/logout.ts'
import { HeldClock, ISSUER } from '../test/server.ts'
import { endSessions, resumeEndings } from './end-session.ts'
import { sessionClient } from './session-clients.ts'
import { Sessions, type Session } from './session.ts'
import { SessionCookie } from './session-cookie.ts'
import type { Delivery } from './under-session.ts'

/** A request without a cookie. */
const NOBODY_YET = { headers: () => [] } as unknown as HttpRequest
const GRANTS = 250
const CLIENTS = 120

/** A session with more below it than one commit takes. */
async function crowded() {
  const store = openMemoryStore(serverKinds)
  const clock = new HeldClock()
  const begun: Delivery[] = []
  const sessions = new Sessions(store, DEFAULT_LIFETIMES, new SessionCookie(ISSUER))
  const opened = sessions.open(NOBODY_YET, clock.now(), [], { subject: 'u_ada', amr: ['pwd'] })
  const { sid } = opened.value
  const session: Session = { id: opened.id, version: 1, value: opened.value, expiresAt: undefined }
  const grants = Array.from({ length: GRANTS }, (_, index): ServerChange => ({
    op: 'insert',
    kind: 'grant',
    id: newRecordId(),
    // One of five is to outlive the session.
    value: { ...GRANT, sid, createdAt: clock.now(), scopes: index % 5 === 0 ? ['openid', 'offline_access'] : ['openid'] },
  }))
  await store.commit([...opened.changes, ...grants])
  // Their codes were redeemed.
  for (const { id, version, value } of (await store.list('grant', 'sid', sid, { limit: 1000 })).items)
    await store.commit([{ op: 'replace', kind: 'grant', id, expected: version, value }])
  for (let index = 0; index < CLIENTS; index++) {
    const client: Client = told({ clientId: `c${index}`, frontchannelLogoutUri: `https://c${index}.example/f` })
    await store.commit(await sessionClient({ store, lifetimes: DEFAULT_LIFETIMES }, client, session, clock.now()))
  }
  const errors: string[] = []
  const ground = {
    store,
    clock,
    log: { info() {}, warn() {}, error: (event: string) => void errors.push(event) },
    clients: {
      find: (clientId: string) => Promise.resolve({ client: told({ clientId, frontchannelLogoutUri: 'https://app.example/f' }) }),
    },
    endsRefreshTokens: true,
    subjects: { sidFor: (_client: Client, name: string) => name },
    logouts: { begin: (some: readonly Delivery[]) => void begun.push(...some) },
  }
  const left = async (): Promise<readonly number[]> => [
    (await store.list('grant', 'sid', sid, { limit: 1000 })).items.length,
    (await store.list('session_client', 'sid', sid, { limit: 1000 })).items.length,
    (await store.list('ended_session', 'state', 'ending', { limit: 1000 })).items.length,
  ]
  return { store, clock, session, ground, left, begun, errors }
}

test('LOGO-10 LOGO-14 a session with hundreds of grants and clients ends whole, in commits of bounded size, each client told once', async () => {
  const { store, session, ground, left, begun } = await crowded()
  const sizes: number[] = []
  const commit = store.commit.bind(store)
  store.commit = (changes) => (sizes.push(changes.length), commit(changes))
  const { ids, frames } = await endSessions(ground, [session], 'operator')
  expect([ids, frames.length]).toEqual([[session.id], CLIENTS])
  expect(await left()).toEqual([GRANTS / 5, 0, 0])
  expect(new Set(begun.map(({ value }) => value.clientId)).size).toBe(CLIENTS)
  expect(begun).toHaveLength(CLIENTS)
  expect(Math.max(...sizes)).toBeLessThan(700)
})

test.each([1, 2])(
  'LOGO-10 LOGO-14 a server that dies after its %i. commit: another one finishes, and nobody is forgotten',
  async (commits) => {
    const { store, clock, session, ground, left, begun, errors } = await crowded()
    const commit = store.commit.bind(store)
    let done = 0
    store.commit = (changes) => (done++ < commits ? commit(changes) : Promise.reject(new StoreUnavailable('dead')))
    await endSessions(ground, [session], 'logout')
    expect(errors).toHaveLength(1)
    expect(await store.read('session', session.id)).toBeUndefined()
    store.commit = commit
    // Too early: the first may be at it still.
    clock.advance(29)
    await resumeEndings(ground)
    expect((await left())[2]).toBe(1)
    clock.advance(1)
    await resumeEndings(ground)
    expect(await left()).toEqual([GRANTS / 5, 0, 0])
    const { items } = await store.list('logout_delivery', 'state', 'waiting', { limit: 1000 })
    expect(new Set(items.map(({ value }) => value.clientId)).size).toBe(CLIENTS)
    expect(items).toHaveLength(CLIENTS)
    expect(new Set(begun.map(({ id }) => id)).size).toBe(begun.length)
  },
)

test('LOGO-07 a tab that moves the idle end of the session while it ends does not keep it', async () => {
  const { store, session, ground, left } = await crowded()
  const commit = store.commit.bind(store)
  let raced = false
  store.commit = async (changes) => {
    if (!raced) {
      raced = true
      const value = { ...session.value, seenAt: session.value.seenAt + 1 }
      await commit([{ op: 'replace', kind: 'session', id: session.id, expected: 1, value }])
    }
    return commit(changes)
  }
  await endSessions(ground, [session], 'logout')
  expect(await store.read('session', session.id)).toBeUndefined()
  expect(await left()).toEqual([GRANTS / 5, 0, 0])
})

test('LOGO-07 LOGO-14 a tab that signs the same person in again while the session ends does not carry it on', async () => {
  const { store, clock, session, ground, left, begun } = await crowded()
  const sessions = new Sessions(store, DEFAULT_LIFETIMES, new SessionCookie(ISSUER))
  const ada = { subject: 'u_ada', amr: ['pwd'] }
  const elsewhere = sessions.open(NOBODY_YET, clock.now(), [], ada)
  const again = sessions.open(NOBODY_YET, clock.now(), [session], ada)
  const commit = store.commit.bind(store)
  await commit(elsewhere.changes)
  let raced = false
  store.commit = async (changes) => {
    if (!raced) {
      raced = true
      await commit(again.changes)
    }
    return commit(changes)
  }
  const { ids } = await endSessions(ground, [session], 'logout')
  expect(ids).toEqual([session.id, again.id])
  expect(await left()).toEqual([GRANTS / 5, 0, 0])
  expect(begun).toHaveLength(CLIENTS)
  // Where they are signed in otherwise is another session.
  expect((await store.list('session', 'subject', 'u_ada', { limit: 9 })).items.map(({ id }) => id)).toEqual([elsewhere.id])
})

test('LOGO-10 two who finish the same ending tell each client once', async () => {
  const { clock, session, ground, store, left } = await crowded()
  const commit = store.commit.bind(store)
  let done = 0
  store.commit = (changes) => (done++ < 1 ? commit(changes) : Promise.reject(new StoreUnavailable('dead')))
  await endSessions(ground, [session], 'logout')
  store.commit = commit
  clock.advance(30)
  await Promise.all([resumeEndings(ground), resumeEndings(ground), resumeEndings(ground)])
  expect(await left()).toEqual([GRANTS / 5, 0, 0])
  expect((await store.list('logout_delivery', 'state', 'waiting', { limit: 1000 })).items).toHaveLength(CLIENTS)
})

test('LOGO-10 LOGO-14 what a server whose clock is ahead gave in the session ends with it, and its client is told', async () => {
  const { store, clock, session, ground, left } = await crowded()
  const { sid } = session.value
  const ahead = clock.now() + 5
  await store.commit([{ op: 'insert', kind: 'grant', id: newRecordId(), value: { ...GRANT, sid, createdAt: ahead } }])
  await store.commit(await sessionClient({ store, lifetimes: DEFAULT_LIFETIMES }, told({ clientId: 'new' }), session, ahead))
  await endSessions(ground, [session], 'logout')
  expect(await left()).toEqual([GRANTS / 5, 0, 0])
})

test('LOGO-14 what a person begins after the end has another sid: a late finish can take nothing of it', async () => {
  const { store, clock, session, ground } = await crowded()
  await endSessions(ground, [session], 'logout')
  const sessions = new Sessions(store, DEFAULT_LIFETIMES, new SessionCookie(ISSUER))
  const ada = { subject: 'u_ada', amr: ['pwd'] }
  // A sign-in that saw the session a moment ago goes on by its sid, and is too late.
  const late = sessions.open(NOBODY_YET, clock.now(), [session], ada)
  expect(late.value.sid).toBe(session.value.sid)
  expect(await store.commit(late.changes)).not.toBe('committed')
  expect(sessions.open(NOBODY_YET, clock.now(), [], ada).value.sid).not.toBe(session.value.sid)
})

test('LOGO-10 a client is noted once; anew when the session ends later or the client wants to be told another way', async () => {
  const store = openMemoryStore(serverKinds)
  const clock = new HeldClock()
  const opened = new Sessions(store, DEFAULT_LIFETIMES, new SessionCookie(ISSUER)).open(NOBODY_YET, clock.now(), [], {
    subject: 'u_ada',
    amr: [],
  })
  const session: Session = { id: opened.id, version: 1, value: opened.value, expiresAt: undefined }
  const note = async (client: Client, one: Session = session): Promise<string[]> => {
    const changes = await sessionClient({ store, lifetimes: DEFAULT_LIFETIMES }, client, one, clock.now())
    await store.commit(changes)
    return changes.map(({ op }) => op)
  }
  expect(await note(told())).toEqual(['insert'])
  expect(await note(told())).toEqual([])
  const later = { ...session, value: { ...session.value, createdAt: session.value.createdAt + 60 } }
  expect(await note(told(), later)).toEqual(['replace'])
  expect(await note(told(), session)).toEqual([])
  expect(await note(told({ frontchannelLogoutUri: 'https://app.example/f' }), later)).toEqual(['replace'])
})
