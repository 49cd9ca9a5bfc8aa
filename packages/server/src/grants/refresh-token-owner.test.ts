import { describe, expect, test } from 'vitest'
import { type Answer, Application, KEY, OTHER_KEY, told } from '../test/application.ts'
import { client, publicClient, startServer } from '../test/server.ts'

/** Who may refresh, and until when. A failure before ownership is proven revokes nothing (RT-06). */
const DAY = 24 * 3600
const OTHER_APP = publicClient({ clientId: 'other' })

async function app(): Promise<Application> {
  return new Application(await startServer([client(), publicClient(), OTHER_APP]), publicClient(), { dpop: KEY })
}

async function web(): Promise<Application> {
  return new Application(await startServer(), client())
}

const refreshOf = ({ body }: Answer): string => String(body['refresh_token'])

/** One character of the MAC is another. */
function forged(token: string): string {
  const last = token.length - 10
  return token.slice(0, last) + (token[last] === 'A' ? 'B' : 'A') + token.slice(last + 1)
}

const withGeneration = (token: string, generation: number): string => token.split('.').with(2, String(generation)).join('.')

describe('RT-06 what is refused before ownership is proven revokes nothing', () => {
  test.each<[string, (one: Application, token: string) => Promise<Answer>, string]>([
    ['OA-57 BCP-48 a forged MAC', (one, token) => one.refresh(forged(token)), '400 invalid_grant'],
    [
      'OA-57 the other generation made up from a genuine token: the older one would be reuse',
      (one, token) => one.refresh(withGeneration(token, token.split('.')[2] === '1' ? 2 : 1)),
      '400 invalid_grant',
    ],
    ['OA-57 a generation that is not reached yet, made up', (one, token) => one.refresh(withGeneration(token, 7)), '400 invalid_grant'],
    ['OA-57 a family that never was', (one, token) => one.refresh(token.split('.').with(1, '0'.repeat(26)).join('.')), '400 invalid_grant'],
    ['OA-57 a key id that never was', (one, token) => one.refresh(`nokey${token.slice(token.indexOf('.'))}`), '400 invalid_grant'],
    ['OA-57 no refresh token at all', (one) => one.refresh('not a token'), '400 invalid_grant'],
    [
      'OA-57 OA-52 another public client',
      (one, token) => new Application(one.as, OTHER_APP, { dpop: KEY }).refresh(token),
      '400 invalid_grant',
    ],
    ['OA-57 a confidential client', (one, token) => new Application(one.as, client()).refresh(token), '400 invalid_grant'],
    ['DPOP-24 RT-12 A33 RFC 9449 §5: another key', (one, token) => one.holding(OTHER_KEY).refresh(token), '400 invalid_grant'],
    ['DPOP-24 RT-12 A33 RFC 9449 §5: no proof', (one, token) => one.holding(undefined).refresh(token), '400 invalid_grant'],
    [
      'DPOP-30 a proof without a nonce',
      (one, token) => one.refresh(token, {}, { dpop: one.proof('/token', { nonce: undefined }) }),
      '400 use_dpop_nonce',
    ],
    [
      'DPOP-21 DPOP-30 a proof for another endpoint',
      (one, token) => one.refresh(token, {}, { dpop: one.proof('/par') }),
      '400 invalid_dpop_proof',
    ],
  ])('%s', async (_name, attack, refusal) => {
    const one = await app()
    const { refresh, access } = await one.tokens()
    // A stolen older token, too: with each of these faults it is no reuse.
    const current = refreshOf(await one.refresh(refresh))
    one.as.clock.advance(60)
    for (const stolen of [current, refresh]) expect(told(await attack(one, stolen))).toBe(refusal)
    expect(told(await one.userinfo(access))).toBe('200')
    expect(told(await one.refresh(current))).toBe('200')
  })

  test('OA-57 RT-12 A31 OAuth 2.1 §4.3.1: a confidential client must authenticate, and a failure leaves its token', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    for (const parameters of [{ client_id: 'web' }, { client_id: 'web', client_secret: 'wrong' }, {}]) {
      expect(told(await one.refresh(refresh, {}, { credentials: { parameters } }))).toBe('401 invalid_client')
    }
    expect(told(await one.refresh(refresh))).toBe('200')
  })

  test('a token of another family has another MAC: families cannot be mixed', async () => {
    const one = await app()
    const [a, b] = [(await one.tokens()).refresh, (await one.tokens()).refresh]
    const mixed = [...a.split('.').slice(0, 3), b.split('.')[3]].join('.')
    expect(told(await one.refresh(mixed))).toBe('400 invalid_grant')
    expect(told(await one.refresh(a))).toBe('200')
  })
})

describe('OA-64 what a refresh token is', () => {
  test('OA-64 OAuth 2.1 §7.7: a MAC of 256 bits, and the store keeps nothing that makes one', async () => {
    const one = await app()
    const { refresh } = await one.tokens()
    const [keyId, family = '', generation, mac = ''] = refresh.split('.')
    expect([keyId, generation, mac.length]).toEqual(['s1', '1', 43])
    expect(JSON.stringify(await one.as.store.read('refresh_family', family))).not.toContain(mac)
  })
})

describe('master secrets', () => {
  const OLD = { id: 'old', value: new Uint8Array(32).fill(1) }
  const NEW = { id: 'new', value: new Uint8Array(32).fill(2) }

  test('a token under an older key is good, its successor is made under the newest, and a retry gets that one', async () => {
    const before = await startServer(undefined, { secrets: [OLD] })
    const { refresh } = await new Application(before, client()).tokens()
    const one = new Application(await startServer(undefined, { secrets: [NEW, OLD], store: before.store }), client())
    const rotated = refreshOf(await one.refresh(refresh))
    expect([refresh.split('.')[0], rotated.split('.')[0]]).toEqual(['old', 'new'])
    expect(refreshOf(await one.refresh(refresh))).toBe(rotated)
    expect(told(await one.refresh(rotated))).toBe('200')
  })

  test('RT-06 a token under a retired key is refused without revoking: the family of its owner lives on', async () => {
    const before = await startServer(undefined, { secrets: [OLD] })
    const owner = new Application(before, client())
    const { refresh } = await owner.tokens()
    const { items } = await before.store.list('signing_key', 'alg', 'ES256', { limit: 1 })
    expect(items).toHaveLength(1)
    // The signing keys are sealed under the old secret, so the server that retired it starts on keys of its own.
    const store = (await startServer(undefined, { secrets: [NEW] })).store
    const [family] = (await before.store.list('refresh_family', 'clientId', 'web', { limit: 1 })).items
    const grant = await before.store.read('grant', family?.value.grantId ?? '')
    if (family === undefined || grant === undefined) throw new Error('no family')
    await store.commit([
      { op: 'insert', kind: 'refresh_family', id: family.id, value: family.value, expiresAt: family.expiresAt },
      { op: 'insert', kind: 'grant', id: grant.id, value: grant.value, expiresAt: grant.expiresAt },
    ])
    const retired = new Application(await startServer(undefined, { secrets: [NEW], store }), client())
    expect(told(await retired.refresh(refresh))).toBe('400 invalid_grant')
    expect(await store.read('refresh_family', family.id)).toBeDefined()
    expect(await store.read('grant', grant.id)).toBeDefined()
  })
})

describe('the ends of a family', () => {
  test('OA-61 RT-08 BCP-49 it ends after 7 days without use, and each use starts them anew', async () => {
    const one = await web()
    let { refresh } = await one.tokens()
    for (let week = 0; week < 3; week++) {
      one.as.clock.advance(7 * DAY - 1)
      const answer = await one.refresh(refresh)
      expect(told(answer)).toBe('200')
      refresh = refreshOf(answer)
    }
    one.as.clock.advance(7 * DAY)
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
  })

  test('RT-08 RFC 9700 §4.14.2: it ends 30 days after the grant, however often it is used', async () => {
    const one = await web()
    let { refresh } = await one.tokens()
    for (let day = 0; day < 29; day++) {
      one.as.clock.advance(DAY)
      refresh = refreshOf(await one.refresh(refresh))
    }
    one.as.clock.advance(DAY - 100)
    const last = await one.refresh(refresh)
    // RT-11: the access token does not outlive the grant it came from.
    expect([told(last), last.body['expires_in']]).toEqual(['200', 100])
    one.as.clock.advance(100)
    expect(told(await one.refresh(refreshOf(last)))).toBe('400 invalid_grant')
    expect(told(await one.userinfo(String(last.body['access_token'])))).toBe('401 invalid_token')
  })

  test('RT-11 the first access token does not outlive the grant either', async () => {
    const one = new Application(
      await startServer(undefined, { lifetimes: { refreshTokenAbsolute: 300, refreshTokenIdle: 300, accessToken: 3600 }, resources: [] }),
      client(),
    )
    const { answer } = await one.tokens({ scope: 'openid' })
    expect(answer.body['expires_in']).toBe(300)
  })

  test('OA-61 RT-08 a token that does not rotate ends after idle time and 30 days too', async () => {
    const one = new Application(await startServer(), client(), { dpop: KEY })
    const { refresh } = await one.tokens()
    for (let turn = 0; turn < 4; turn++) {
      one.as.clock.advance(6 * DAY)
      expect(told(await one.refresh(refresh))).toBe('200')
    }
    one.as.clock.advance(6 * DAY)
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
    const idle = await one.tokens()
    one.as.clock.advance(7 * DAY)
    expect(told(await one.refresh(idle.refresh))).toBe('400 invalid_grant')
  })

  test('an ended family is refused, not revoked: it is no theft', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const rotated = refreshOf(await one.refresh(refresh))
    one.as.clock.advance(8 * DAY)
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
    const { items } = await one.as.store.list('refresh_family', 'clientId', 'web', { limit: 2 })
    expect([items.length, told(await one.refresh(rotated))]).toEqual([1, '400 invalid_grant'])
  })
})

describe('OA-58 OAuth 2.1 §4.3.1: the grant must still stand', () => {
  test('OA-58 RT-09 a revoked grant ends refreshing', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const [grant] = (await one.as.store.list('grant', 'clientId', 'web', { limit: 1 })).items
    await one.as.store.commit([{ op: 'delete', kind: 'grant', id: grant?.id ?? '' }])
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
  })

  test('RT-09 OA-58 a disabled or removed person ends it, and comes back to it', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const [ada] = [...one.as.people.values()]
    if (ada === undefined) throw new Error('ada is missing')
    one.as.people.set(ada.sub, { ...ada, disabled: true })
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
    one.as.people.delete(ada.sub)
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
    one.as.people.set(ada.sub, ada)
    expect(told(await one.refresh(refresh))).toBe('200')
  })
})
