import { openMemoryStore } from '@holdfast/store/memory'
import { expect, test, vi } from 'vitest'
import { OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import type { Client } from '../config/client.ts'
import { ClientKeysUnavailable } from '../keys/encrypted.ts'
import { type LogoutDeliveryRecord, serverKinds } from '../records.ts'
import { told } from '../test/logout.ts'
import { Places } from '../test/places.ts'
import { HeldClock } from '../test/server.ts'
import { Slots } from '../outbound/slots.ts'
import { LogoutDeliveries } from './logout-deliveries.ts'

const OK: OutboundReply = { status: 200, headers: {}, body: new Uint8Array() }
const HANGS = 'https://hangs.example/l'
const WELL = 'https://well.example/l'
const idOf = (number: number): string => `${String(number).padStart(25, '0')}0`
const settled = (): Promise<void> => new Promise((done) => setImmediate(done))

function world(over: { find?: (clientId: string) => Client | undefined; token?: () => Promise<string> } = {}) {
  const store = openMemoryStore(serverKinds)
  const clock = new HeldClock()
  const places = new Places().put(WELL, OK).put(HANGS, () => new Promise(() => {}))
  const warned: string[] = []
  const known = (clientId: string): Client => told({ clientId, backchannelLogoutUri: clientId === 'hangs' ? HANGS : WELL })
  const deliveries = new LogoutDeliveries({
    store,
    clock,
    log: { info() {}, warn: (event) => void warned.push(event), error: (event) => void warned.push(event) },
    outbound: places,
    clients: {
      find: (clientId) => {
        const client = (over.find ?? known)(clientId)
        return Promise.resolve(client === undefined ? undefined : { client })
      },
    },
    slots: new Slots(10, 2),
    logoutToken: over.token ?? (() => Promise.resolve('token')),
  })
  const put = async (number: number, clientId: string): Promise<void> => {
    const value: LogoutDeliveryRecord = { state: 'waiting', clientId, subject: 'u_ada', sid: 's', attempts: 0, dueAt: clock.now() }
    await store.commit([{ op: 'insert', kind: 'logout_delivery', id: idOf(number), value, expiresAt: clock.now() + 14_400 }])
  }
  const events: string[] = []
  const commit = store.commit.bind(store)
  store.commit = (changes) => {
    for (const change of changes) if (change.kind === 'audit_event' && change.op === 'insert') events.push(change.value.type)
    return commit(changes)
  }
  const left = async (): Promise<readonly LogoutDeliveryRecord[]> =>
    (await store.list('logout_delivery', 'state', 'waiting', { limit: 9 })).items.map(({ value }) => value)
  return { store, clock, places, deliveries, put, left, events, warned }
}

/** Every try that the schedule has, and more. */
async function through({ clock, deliveries }: ReturnType<typeof world>, sweeps = 12): Promise<void> {
  for (let at = 0; at < sweeps; at++) {
    await deliveries.sweep()
    for (let turn = 0; turn < 10; turn++) await settled()
    clock.advance(900)
  }
}

test('LOGO-10 a client that hangs, with more waiting for it than memory takes, delays no other', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const it = world()
    for (let number = 0; number < 1100; number++) await it.put(number, 'hangs')
    await it.put(2000, 'well')
    await it.deliveries.sweep()
    for (let second = 0; second < 5; second++) await vi.advanceTimersByTimeAsync(1000)
    await settled()
    expect(it.places.asked.filter(({ url }) => url === WELL)).toHaveLength(1)
    it.deliveries.close()
  } finally {
    vi.useRealTimers()
  }
})

test('LOGO-10 a client that fails is tried once in a while, not once for each session that waits for it', async () => {
  const it = world()
  it.places.put(HANGS, new OutboundRefusal('timeout', 'late'))
  for (let number = 0; number < 300; number++) await it.put(number, 'hangs')
  await it.deliveries.sweep()
  for (let turn = 0; turn < 100; turn++) await settled()
  expect(it.places.asked.length).toBeLessThanOrEqual(4)
  // It is there again: all are told.
  it.places.put(HANGS, OK)
  it.clock.advance(60)
  await it.deliveries.sweep()
  for (let turn = 0; turn < 1000; turn++) await settled()
  expect(await it.left()).toEqual([])
  it.deliveries.close()
})

test('LOGO-10 a logout token that cannot be encrypted is tried like an outage, and at last it is in the trail', async () => {
  const it = world({ token: () => Promise.reject(new ClientKeysUnavailable('jwks_uri: timeout')) })
  await it.put(1, 'well')
  await through(it, 3)
  expect(await it.left()).toHaveLength(1)
  await through(it)
  expect([await it.left(), it.events]).toEqual([[], ['logout.undelivered']])
  expect(it.places.asked).toEqual([])
  it.deliveries.close()
})

test('LOGO-10 a client at a URL whose document cannot be fetched for a moment is told afterwards', async () => {
  let away = true
  const clientId = 'https://app.example/client.json'
  const it = world({ find: () => (away ? undefined : told({ clientId, backchannelLogoutUri: WELL })) })
  await it.put(1, clientId)
  await through(it, 2)
  expect(await it.left()).toHaveLength(1)
  away = false
  await through(it, 2)
  expect([await it.left(), it.events, it.places.asked.length]).toEqual([[], ['logout.delivered'], 1])
  it.deliveries.close()
})

test('LOGO-10 nobody asks for a client that was taken away', async () => {
  const it = world({ find: () => undefined })
  await it.put(1, 'gone')
  await through(it, 1)
  expect([await it.left(), it.events]).toEqual([[], []])
  it.deliveries.close()
})

test('LOGO-10 of a client that stays away every session is in the trail, also those that were never tried', async () => {
  const it = world()
  it.places.put(HANGS, new OutboundRefusal('timeout', 'late'))
  for (let number = 0; number < 300; number++) await it.put(number, 'hangs')
  for (let minute = 0; minute <= 240; minute++) {
    await it.deliveries.sweep()
    for (let turn = 0; turn < 10; turn++) await settled()
    it.clock.advance(60)
  }
  expect(await it.left()).toEqual([])
  expect([it.events.length, new Set(it.events)]).toEqual([300, new Set(['logout.undelivered'])])
  it.deliveries.close()
})
