import { openMemoryStore } from '@holdfast/store/memory'
import { expect, test, vi } from 'vitest'
import type { OutboundReply } from '../config/outbound.ts'
import { type LogoutDeliveryRecord, serverKinds } from '../records.ts'
import { told, TOLD } from '../test/logout.ts'
import { Places } from '../test/places.ts'
import { HeldClock } from '../test/server.ts'
import { Slots } from '../outbound/slots.ts'
import { LogoutDeliveries } from './logout-deliveries.ts'
import type { Delivery } from './under-session.ts'

const OK: OutboundReply = { status: 200, headers: {}, body: new Uint8Array() }
const idOf = (number: number): string => `${String(number).padStart(25, '0')}0`

function world(answer: () => OutboundReply | Promise<OutboundReply> = () => OK) {
  const store = openMemoryStore(serverKinds)
  const clock = new HeldClock()
  const places = new Places().put(TOLD, answer)
  const log = { info() {}, warn() {}, error() {} }
  const made = (): LogoutDeliveries =>
    new LogoutDeliveries({
      store,
      clock,
      log,
      outbound: places,
      clients: { find: () => Promise.resolve({ client: told() }) },
      slots: new Slots(10, 2),
      logoutToken: (_client, { sid }) => Promise.resolve(`token-of-${sid}`),
    })
  const put = async (number: number, dueAt: number): Promise<Delivery> => {
    const value: LogoutDeliveryRecord = { state: 'waiting', clientId: 'web', subject: 'u_ada', sid: `s${number}`, attempts: 0, dueAt }
    const expiresAt = clock.now() + 3600
    await store.commit([{ op: 'insert', kind: 'logout_delivery', id: idOf(number), value, expiresAt }])
    return { id: idOf(number), version: 1, value, expiresAt }
  }
  return { store, clock, places, made, put }
}

/** Everything that waits for nothing but other promises has run. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done))

test('LOGO-10 what is not due is not delivered, and what is due is, by a sweep', async () => {
  const { clock, places, made, put, store } = world()
  await put(1, clock.now())
  await put(2, clock.now() + 1)
  const deliveries = made()
  await deliveries.sweep()
  await settled()
  expect(places.asked.map(({ body }) => body)).toEqual(['logout_token=token-of-s1'])
  clock.advance(1)
  await deliveries.sweep()
  await settled()
  expect(places.asked.map(({ body }) => body)).toEqual(['logout_token=token-of-s1', 'logout_token=token-of-s2'])
  expect((await store.list('logout_delivery', 'state', 'waiting', { limit: 9 })).items).toEqual([])
  deliveries.close()
})

test('LOGO-10 while one server tries, it says so: another leaves it alone for half a minute', async () => {
  const { clock, places, made, put, store } = world(() => new Promise(() => {}))
  const one = await put(1, clock.now())
  const [first, second] = [made(), made()]
  first.begin([one])
  first.begin([one])
  second.begin([one])
  await settled()
  expect((await store.read('logout_delivery', one.id))?.value).toMatchObject({ attempts: 1, dueAt: clock.now() + 30 })
  clock.advance(29)
  await second.sweep()
  await settled()
  expect(places.asked).toHaveLength(1)
  clock.advance(1)
  await second.sweep()
  await settled()
  expect(places.asked).toHaveLength(2)
  for (const deliveries of [first, second]) deliveries.close()
})

test('LOGO-10 one that was too slow and was overtaken counts nothing', async () => {
  let answer: (reply: OutboundReply) => void = () => {}
  const { clock, made, put, store } = world(() => new Promise((settle) => (answer = settle)))
  const one = await put(1, clock.now())
  const [first, second] = [made(), made()]
  first.begin([one])
  await settled()
  const slow = answer
  clock.advance(30)
  await second.sweep()
  await settled()
  slow(OK)
  await settled()
  expect((await store.read('logout_delivery', one.id))?.value.attempts).toBe(2)
  answer(OK)
  await settled()
  expect(await store.read('logout_delivery', one.id)).toBeUndefined()
  for (const deliveries of [first, second]) deliveries.close()
})

test('LOGO-10 a backlog of any length is taken up page by page', async () => {
  const { clock, places, made, put } = world()
  for (let number = 0; number < 1200; number++) await put(number, clock.now())
  const deliveries = made()
  for (const upTo of [500, 1000, 1200]) {
    await deliveries.sweep()
    while (places.asked.length < upTo) await settled()
  }
  expect(new Set(places.asked.map(({ body }) => body)).size).toBe(1200)
  deliveries.close()
})

test('LOGO-10 a server that failed to tell tries again by itself, and has no timer while there is nothing to do', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    let status = 503
    const { clock, places, made, put } = world(() => ({ ...OK, status }))
    await put(1, clock.now())
    // Due in an hour: the sweep of each minute looks after that.
    await put(2, clock.now() + 3600)
    const deliveries = made()
    await deliveries.sweep()
    await settled()
    expect([places.asked.length, vi.getTimerCount()]).toEqual([1, 1])
    status = 200
    clock.advance(5)
    await vi.advanceTimersByTimeAsync(5000)
    await settled()
    expect([places.asked.length, vi.getTimerCount()]).toEqual([2, 0])
    deliveries.close()
  } finally {
    vi.useRealTimers()
  }
})

test('after the end of the process nothing is begun', async () => {
  const { clock, places, made, put } = world()
  const one = await put(1, clock.now())
  const deliveries = made()
  deliveries.close()
  deliveries.begin([one])
  await settled()
  expect(places.asked).toEqual([])
})
