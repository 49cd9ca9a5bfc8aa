import { describe, expect, test } from 'vitest'
import { Application, KEY, OTHER_KEY, tally, times, told } from '../test/application.ts'
import { answered, askDevice, decide, DEVICE_CODE, deviceOf, pollDevice, television, typeCode } from '../test/device.ts'
import { API, client, publicClient, startServer, type TestServer } from '../test/server.ts'

const tv = television()

async function device(): Promise<{ readonly as: TestServer; readonly app: Application }> {
  const as = await startServer([tv])
  return { as, app: deviceOf(as, tv) }
}

function claimsOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

describe('while the person has not answered', () => {
  test('DEV-19 RFC 8628 §3.4: device_code is needed', async () => {
    const { app } = await device()
    expect(told(await app.post('/token', { grant_type: DEVICE_CODE }))).toBe('400 invalid_request')
  })

  test('DEV-20 RFC 8628 §3.5: on time, every poll is authorization_pending', async () => {
    const { as, app } = await device()
    const { deviceCode } = await askDevice(app)
    for (let polls = 0; polls < 5; polls++) {
      expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
      as.clock.advance(5)
    }
  })

  test('DEV-21 RFC 8628 §3.5: polling too fast is slow_down and raises the interval for good', async () => {
    const { as, app } = await device()
    const { deviceCode } = await askDevice(app)
    await pollDevice(app, deviceCode)
    as.clock.advance(4)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 slow_down')
    as.clock.advance(9)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 slow_down')
    for (let polls = 0; polls < 3; polls++) {
      as.clock.advance(15)
      expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
    }
    as.clock.advance(14)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 slow_down')
    expect((await as.store.read('device_request', deviceCode.slice(0, 26)))?.value.interval).toBe(20)
  })

  test('DEV-21 of fifty polls at once one is on time; the others are too fast, and the interval grows once', async () => {
    const { as, app } = await device()
    const { deviceCode } = await askDevice(app)
    const all = await Promise.all(times(50, () => pollDevice(app, deviceCode)))
    expect(tally(all)).toEqual({ '400 authorization_pending': 1, '400 slow_down': 49 })
    expect((await as.store.read('device_request', deviceCode.slice(0, 26)))?.value.interval).toBe(10)
  })

  test('DEV-23 RFC 8628 §3.5: a code whose time is over is expired_token, and long after that unknown', async () => {
    const { as, app } = await device()
    const { deviceCode } = await askDevice(app)
    as.clock.advance(600)
    await as.store.purge(as.clock.now() + 1)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 expired_token')
    as.clock.advance(601)
    await as.store.purge(as.clock.now())
    expect(told(await pollDevice(app, deviceCode))).toBe('400 invalid_grant')
  })
})

describe('who may ask', () => {
  test('DEV-23 unknown codes and wrong secrets are invalid_grant', async () => {
    const { app } = await device()
    const { deviceCode } = await askDevice(app)
    for (const wrong of ['x', deviceCode.slice(0, 26) + 'A'.repeat(43), 'x'.repeat(69), `${deviceCode}A`])
      expect(told(await pollDevice(app, wrong))).toBe('400 invalid_grant')
  })

  test('DEV-23 another client’s code is invalid_grant, whatever became of it, and stays good for its owner', async () => {
    const other = television({ clientId: 'radio' })
    const as = await startServer([tv, other])
    const app = deviceOf(as, tv)
    const thief = deviceOf(as, other)
    const waiting = await askDevice(app)
    const allowed = await answered(app, 'allow')
    const denied = await answered(app, 'deny')
    for (const { deviceCode } of [waiting, allowed, denied]) expect(told(await pollDevice(thief, deviceCode))).toBe('400 invalid_grant')
    expect(told(await pollDevice(app, allowed.deviceCode))).toBe('200')
  })

  test('DEV-25 RFC 8628 §3.4: the client is authenticated before anything is told', async () => {
    const box = client({ clientId: 'box', grantTypes: [DEVICE_CODE], scopes: ['openid', 'profile'] })
    const app = new Application(await startServer([box]), box)
    const { deviceCode } = await answered(app, 'allow')
    const bare = { credentials: { parameters: { client_id: 'box' } } }
    expect(told(await pollDevice(app, deviceCode, {}, bare))).toBe('401 invalid_client')
    expect(told(await pollDevice(app, deviceCode))).toBe('200')
  })

  test('DEV-10 a code asked for with a proof is redeemed with the same key alone, and a wrong key spends nothing', async () => {
    const as = await startServer([tv])
    const app = deviceOf(as, tv, { dpop: KEY })
    const { deviceCode } = await answered(app, 'allow')
    expect(told(await pollDevice(app.holding(undefined), deviceCode))).toBe('400 invalid_grant')
    expect(told(await pollDevice(app.holding(OTHER_KEY), deviceCode))).toBe('400 invalid_grant')
    const answer = await pollDevice(app, deviceCode)
    expect([told(answer), answer.body['token_type']]).toEqual(['200', 'DPoP'])
  })

  test('DPOP-26 a client whose tokens are bound must send a proof when it polls', async () => {
    const bound = television({ dpopBoundAccessTokens: true })
    const app = deviceOf(await startServer([bound]), bound)
    const { deviceCode } = await answered(app, 'allow')
    expect(told(await pollDevice(app, deviceCode))).toBe('400 invalid_request')
    expect(told(await pollDevice(app.holding(KEY), deviceCode))).toBe('200')
  })
})

describe('after the answer', () => {
  test('DEV-22 RFC 8628 §3.5: a refusal is access_denied', async () => {
    const { app } = await device()
    const { deviceCode } = await answered(app, 'deny')
    expect(told(await pollDevice(app, deviceCode))).toBe('400 access_denied')
    expect(told(await pollDevice(app, deviceCode))).toBe('400 access_denied')
  })

  test('DEV-24 tokens are issued once; a second redemption is invalid_grant and revokes nothing', async () => {
    const { app } = await device()
    const { deviceCode } = await answered(app, 'allow')
    const first = await pollDevice(app, deviceCode)
    expect(told(first)).toBe('200')
    expect(told(await pollDevice(app, deviceCode))).toBe('400 invalid_grant')
    expect(told(await app.refresh(String(first.body['refresh_token'])))).toBe('200')
  })

  test('DEV-24 of fifty polls after the approval exactly one has the tokens', async () => {
    const { app } = await device()
    const { deviceCode } = await answered(app, 'allow')
    expect(tally(await Promise.all(times(50, () => pollDevice(app, deviceCode))))).toEqual({ '200': 1, '400 invalid_grant': 49 })
  })

  test('DEV-26 DEV-29 the tokens are those of the person who approved: sign-in time, amr, ID token without nonce and sid', async () => {
    const { as, app } = await device()
    const signedInAt = as.clock.now()
    const { deviceCode } = await answered(app, 'allow', { nonce: 'n' })
    as.clock.advance(100)
    const { body } = await pollDevice(app, deviceCode)
    const idToken = claimsOf(body['id_token'])
    expect(idToken).toMatchObject({ sub: 'u_ada', aud: 'tv', auth_time: signedInAt, amr: ['pwd'] })
    expect([idToken['nonce'], idToken['sid']]).toEqual([undefined, undefined])
    expect(claimsOf(body['access_token'])).toMatchObject({ sub: 'u_ada', client_id: 'tv', auth_time: signedInAt })
    expect((await app.userinfo(String(body['access_token']))).body['sub']).toBe('u_ada')
  })

  test('DEV-26 DEV-28 a public device’s refresh tokens are bound to its key and rotate', async () => {
    const as = await startServer([tv])
    const app = deviceOf(as, tv, { dpop: KEY })
    const { body } = await pollDevice(app, (await answered(app, 'allow')).deviceCode)
    const refresh = String(body['refresh_token'])
    expect(told(await app.holding(OTHER_KEY).refresh(refresh))).toBe('400 invalid_grant')
    const next = await app.refresh(refresh)
    expect(told(next)).toBe('200')
    expect(next.body['refresh_token']).not.toBe(refresh)
  })

  test('A38 scopes cannot be swapped after consent: what the poll says of scope is not looked at', async () => {
    const { app } = await device()
    const { deviceCode } = await answered(app, 'allow', { scope: 'openid' })
    const { body } = await pollDevice(app, deviceCode, { scope: 'openid profile accounts:write' })
    expect([body['scope'], claimsOf(body['access_token'])['scope']]).toEqual(['openid', 'openid'])
  })

  test('A38 a resource that was not granted is refused and spends nothing', async () => {
    const { app } = await device()
    const { deviceCode } = await answered(app, 'allow', { scope: 'openid', resource: undefined })
    expect(told(await pollDevice(app, deviceCode, { resource: API }))).toBe('400 invalid_target')
    expect(told(await pollDevice(app, deviceCode))).toBe('200')
  })

  test('A39 a person who was disabled after the approval gets the device nothing', async () => {
    const { as, app } = await device()
    const { deviceCode } = await answered(app, 'allow')
    const ada = as.people.get('u_ada')
    if (ada !== undefined) as.people.set('u_ada', { ...ada, disabled: true })
    expect(told(await pollDevice(app, deviceCode))).toBe('400 invalid_grant')
  })

  test('A39 a client that was disabled, or lost the grant, after the approval gets nothing', async () => {
    const { as, app } = await device()
    const { deviceCode } = await answered(app, 'allow')
    const shared = { store: as.store, clock: as.clock }
    const off = await startServer([television({ disabled: true })], shared)
    expect(told(await pollDevice(deviceOf(off, tv), deviceCode))).toBe('401 invalid_client')
    const without = await startServer([publicClient({ clientId: 'tv' })], shared)
    expect(told(await pollDevice(deviceOf(without, tv), deviceCode))).toBe('400 unauthorized_client')
  })

  test('a grant that was revoked before the device came is none', async () => {
    const { as, app } = await device()
    const { deviceCode } = await answered(app, 'allow')
    await as.store.commit([{ op: 'deleteBy', kind: 'grant', index: 'subject', value: 'u_ada' }])
    expect(told(await pollDevice(app, deviceCode))).toBe('400 invalid_grant')
  })

  test('DEV-23 an approval that nobody fetched in time is expired_token', async () => {
    const { as, app } = await device()
    const { deviceCode } = await answered(app, 'allow')
    as.clock.advance(600)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 expired_token')
  })

  test('the person who signs out of the browser does not sign the device out', async () => {
    const { as, app } = await device()
    const { deviceCode } = await answered(app, 'allow')
    const { body } = await pollDevice(app, deviceCode)
    await as.store.commit([{ op: 'deleteBy', kind: 'session', index: 'subject', value: 'u_ada' }])
    expect(told(await app.refresh(String(body['refresh_token'])))).toBe('200')
    expect((await as.store.list('grant', 'subject', 'u_ada', { limit: 10 })).items.map((one) => one.value.sid)).toEqual([undefined])
  })

  test('§9 a device that polls all the time does not keep the person from answering', async () => {
    const { app } = await device()
    const { deviceCode, userCode } = await askDevice(app)
    const page = await typeCode(app.person, userCode)
    const [seen] = await Promise.all([decide(app.person, page, 'allow'), ...times(50, () => pollDevice(app, deviceCode))])
    expect(seen.text).toContain('Your device is connected')
  })
})
