import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { listSigningKeys, type Records, rotateSigningKeys, serverKinds } from '../index.ts'
import { Application, told } from '../test/application.ts'
import { client, HeldClock, ISSUER, startServer, type TestServer } from '../test/server.ts'
import { DerivedKeys } from './derived.ts'
import { KeyRing, SIGNING_ALGORITHMS } from './key-ring.ts'

const DAY = 24 * 3600
const FIRST = { id: 'first', value: new Uint8Array(32).fill(1) }
const SECOND = { id: 'second', value: new Uint8Array(32).fill(2) }

interface Node {
  readonly store: OpenStore<Records>
  readonly clock: HeldClock
  readonly ring: KeyRing
}

function node(store: OpenStore<Records> = openMemoryStore(serverKinds), clock = new HeldClock(), secrets = [FIRST]): Node {
  return { store, clock, ring: new KeyRing(store, new DerivedKeys(secrets), clock) }
}

const kidsOf = ({ ring }: Node, alg = 'ES256'): readonly string[] =>
  ring
    .published()
    .filter((key) => key.alg === alg)
    .map((key) => key.kid)
const signing = ({ ring }: Node): string => ring.signer('ES256').kid

/** The clock moves, then the housekeeping of that minute is done. */
async function pass(at: Node, seconds: number): Promise<void> {
  at.clock.advance(seconds)
  await at.ring.maintain()
}

describe('TOK-13 OIDC-35 FAPI-74 design §6: signing keys rotate by themselves', () => {
  const one = node()
  let first = ''
  let second = ''
  beforeAll(async () => {
    await one.ring.maintain()
    first = signing(one)
  })

  test('TOK-01 TOK-02 at the first start there is one key for each algorithm, which signs at once', () => {
    expect(
      one.ring
        .published()
        .map((key) => key.alg)
        .toSorted(),
    ).toEqual([...SIGNING_ALGORITHMS].toSorted())
    for (const alg of SIGNING_ALGORITHMS) expect(one.ring.signer(alg).activeFrom).toBe(one.clock.now())
  })

  test('the same key signs for 29 days', async () => {
    await pass(one, 29 * DAY - 1)
    expect(kidsOf(one)).toEqual([first])
  })

  test('its successor is published a day before it signs', async () => {
    await pass(one, 1)
    expect(kidsOf(one)).toHaveLength(2)
    second = kidsOf(one).find((kid) => kid !== first) ?? ''
    expect(signing(one)).toBe(first)
    await pass(one, DAY - 1)
    expect(signing(one)).toBe(first)
    await pass(one, 1)
    expect(signing(one)).toBe(second)
  })

  test('the old one stays published for a day, and is gone then, without a restart', async () => {
    await pass(one, DAY - 1)
    expect(kidsOf(one)).toContain(first)
    expect(one.ring.find(first)?.kid).toBe(first)
    one.clock.advance(1)
    await one.ring.refresh()
    expect(kidsOf(one)).toEqual([second])
    expect(one.ring.find(first)).toBeUndefined()
  })

  test('a server that was away for months signs from its first second, with a key that is published until its successor has signed for a day', async () => {
    const back = node(one.store, one.clock)
    await pass(back, 100 * DAY)
    expect(signing(back)).toBe(second)
    await pass(back, DAY)
    expect(signing(back)).not.toBe(second)
    expect(kidsOf(back)).toContain(second)
    await pass(back, DAY)
    expect(kidsOf(back)).not.toContain(second)
    // Another node that was there all the time sees the same.
    await one.ring.refresh()
    expect(kidsOf(one)).toEqual(kidsOf(back))
  })
})

describe('rotation by the operator', () => {
  test('publishes at once and signs a day later, or at once when told so; another node knows within a second', async () => {
    const one = node()
    await one.ring.maintain()
    const other = node(one.store, one.clock)
    await other.ring.refresh()
    const before = signing(one)
    const kids = await rotateSigningKeys(one.store, [FIRST], one.clock, false)
    expect(kids).toHaveLength(5)
    one.clock.advance(1)
    await other.ring.refresh()
    expect([kidsOf(other).length, signing(other)]).toEqual([2, before])
    one.clock.advance(DAY)
    await other.ring.refresh()
    expect(kids).toContain(signing(other))
    const now = await rotateSigningKeys(one.store, [FIRST], one.clock, true)
    one.clock.advance(1)
    await other.ring.refresh()
    expect(now).toContain(signing(other))
    const states = (await listSigningKeys(one.store, [FIRST], one.clock)).filter((key) => key.alg === 'ES256').map((key) => key.state)
    expect(states).toEqual(['signing', 'retired', 'retired'])
  })

  test('two nodes that start at once make one key for each algorithm; of two that rotate at once each tells what is published', async () => {
    const one = node()
    const other = node(one.store, one.clock)
    await Promise.all([one.ring.maintain(), other.ring.maintain()])
    expect([one.ring.published().length, one.ring.decryption().length]).toEqual([4, 1])
    expect(kidsOf(one)).toEqual(kidsOf(other))
    const kids = await Promise.all([
      rotateSigningKeys(one.store, [FIRST], one.clock, false),
      rotateSigningKeys(one.store, [FIRST], one.clock, false),
    ])
    one.clock.advance(1)
    await one.ring.refresh()
    expect([...one.ring.published(), ...one.ring.decryption()].map((key) => key.kid)).toEqual(expect.arrayContaining(kids.flat()))
  })
})

describe('at rest', () => {
  const one = node()
  beforeAll(() => one.ring.maintain())

  test('private keys are encrypted, and public ones show no private member', async () => {
    for (const alg of SIGNING_ALGORITHMS) {
      const [record] = (await one.store.list('signing_key', 'alg', alg, { limit: 1 })).items
      expect(JSON.stringify(record)).not.toContain('PRIVATE')
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(record?.value.publicJwk).not.toHaveProperty(member)
    }
  })

  test('a new secret goes first, and the keys under the older one open beside it', async () => {
    const next = node(one.store, one.clock, [SECOND, FIRST])
    await next.ring.maintain()
    expect(kidsOf(next)).toEqual(kidsOf(one))
    await next.ring.rotate(true)
    next.clock.advance(1)
    await next.ring.refresh()
    const [newest] = (await next.store.list('signing_key', 'alg', 'ES256', { limit: 10 })).items.toReversed()
    expect(newest?.value.secretId).toBe('second')
  })

  test.each([
    ['was taken off the list', [SECOND], 'which is not configured'],
    ['has other bytes', [{ ...FIRST, value: SECOND.value }, SECOND], 'is not the one it was encrypted under'],
  ])('a start whose secret %s is refused, and says what is missing', async (_name, secrets, message) => {
    await expect(startServer(undefined, { store: one.store, secrets })).rejects.toThrow(message)
  })

  test('a sealed key that was moved to another record does not open', async () => {
    const [a, b] = await Promise.all(
      ['ES256', 'EdDSA'].map(async (alg) => (await one.store.list('signing_key', 'alg', alg, { limit: 1 })).items[0]),
    )
    if (a === undefined || b === undefined) throw new Error('no keys')
    const store = openMemoryStore(serverKinds)
    await store.commit([
      {
        op: 'insert',
        kind: 'signing_key',
        id: a.id,
        value: { ...a.value, sealedPrivateKey: b.value.sealedPrivateKey },
        expiresAt: a.expiresAt,
      },
    ])
    await expect(node(store, one.clock).ring.maintain()).rejects.toThrow('cannot be decrypted')
  })
})

test('OIDC-35 tokens outlive a rotation: what the old key signed is verified, by us and by a stranger, to its end', async () => {
  const as: TestServer = await startServer()
  const web = new Application(as, client())
  const { access, refresh } = await web.tokens()
  await rotateSigningKeys(as.store, [{ id: 's1', value: new Uint8Array(32).fill(1) }], as.clock, true)
  as.clock.advance(1)
  const next = await web.refresh(refresh)
  expect(told(next)).toBe('200')
  const keys = createLocalJWKSet((await (await as.fetch(`${ISSUER}/jwks`)).json()) as JSONWebKeySet)
  const kids = await Promise.all(
    [access, String(next.body['access_token'])].map(
      async (token) => (await jwtVerify(token, keys, { currentDate: new Date(as.clock.now() * 1000) })).protectedHeader.kid,
    ),
  )
  expect(new Set(kids).size).toBe(2)
  expect([told(await web.userinfo(access)), told(await web.userinfo(String(next.body['access_token'])))]).toEqual(['200', '200'])
})
