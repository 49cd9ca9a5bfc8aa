import { describe, expect, test } from 'vitest'
import { Application, KEY, OTHER_KEY, told } from '../test/application.ts'
import { askDevice, DEVICE_CODE, deviceOf, pollDevice, television } from '../test/device.ts'
import { API, client, ISSUER, startServer } from '../test/server.ts'

const tv = television({ scopes: ['openid', 'profile', 'accounts:read'] })

describe('POST /device_authorization', () => {
  test('DEV-01 DEV-05 DEV-09 RFC 8628 §3.2: the answer has both codes, the page and the times, and is not cached', async () => {
    const { answer } = await askDevice(deviceOf(await startServer([tv]), tv))
    expect(told(answer)).toBe('200')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const { device_code, user_code, ...rest } = answer.body
    expect(String(device_code)).toMatch(/^[\w-]{69}$/)
    expect(rest).toEqual({
      verification_uri: `${ISSUER}/device`,
      verification_uri_complete: `${ISSUER}/device?user_code=${String(user_code)}`,
      expires_in: 600,
      interval: 5,
    })
  })

  test('DEV-07 DEV-08 RFC 8628 §6.1: codes are random, user codes of the alphabet without vowels, and neither is stored', async () => {
    const as = await startServer([tv])
    const all = await Promise.all(Array.from({ length: 50 }, () => askDevice(deviceOf(as, tv))))
    expect(new Set(all.map((one) => one.deviceCode.slice(26))).size).toBe(50)
    expect(new Set(all.map((one) => one.userCode)).size).toBe(50)
    for (const { userCode, deviceCode } of all) {
      // A record id, and behind it 256 random bits.
      expect(deviceCode).toMatch(/^[0-9a-z]{26}[\w-]{43}$/)
      expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
      const record = JSON.stringify(await as.store.read('device_request', deviceCode.slice(0, 26)))
      for (const text of [deviceCode.slice(26), userCode, userCode.replace('-', '')]) expect(record).not.toContain(text)
      expect(await as.store.read('user_code', userCode.replace('-', ''))).toBeUndefined()
    }
  })

  test('DEV-01 another method is 405', async () => {
    const response = await (await startServer([tv])).fetch(`${ISSUER}/device_authorization`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('DEV-02 DEV-06 a confidential client authenticates as at the token endpoint, and an unknown one is refused', async () => {
    const box = client({ clientId: 'box', grantTypes: [DEVICE_CODE] })
    const app = new Application(await startServer([box]), box)
    expect(told((await askDevice(app)).answer)).toBe('200')
    const bare = { credentials: { parameters: { client_id: 'box' } } }
    expect(told((await askDevice(app, {}, bare)).answer)).toBe('401 invalid_client')
    expect(told((await askDevice(app, {}, { credentials: { parameters: { client_id: 'nobody' } } })).answer)).toBe('401 invalid_client')
    expect(told((await askDevice(app, {}, { credentials: {} })).answer)).toBe('401 invalid_client')
  })

  test('DEV-02 DEV-30 the grant is off for a client that does not name it: here and at the token endpoint', async () => {
    const registered = client()
    const app = new Application(await startServer([registered]), registered)
    expect(told((await askDevice(app)).answer)).toBe('400 unauthorized_client')
    expect(told(await pollDevice(app, 'x'))).toBe('400 unauthorized_client')
  })

  test('DEV-03 unknown parameters are ignored, empty ones are absent, repeated ones refused', async () => {
    const app = deviceOf(await startServer([tv]), tv)
    expect(told((await askDevice(app, { colour: 'blue', resource: '' })).answer)).toBe('200')
    expect(told((await askDevice(app, { scope: '' })).answer)).toBe('400 invalid_scope')
    const twice = await app.send(`${ISSUER}/device_authorization`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'client_id=tv&scope=openid&scope=profile',
    })
    expect(told(twice)).toBe('400 invalid_request')
  })

  test.each([
    ['DEV-04 A38 a scope that is not the client’s', { scope: 'openid accounts:write' }, '400 invalid_scope'],
    ['DEV-04 A38 a scope that nobody has', { scope: 'everything' }, '400 invalid_scope'],
    ['DEV-04 RFC 8707 §2 a resource that nobody has', { resource: 'https://other.example' }, '400 invalid_target'],
    ['DEV-04 RFC 8707 §2 a resource that is none', { resource: 'accounts' }, '400 invalid_target'],
    ['DEV-04 RFC 8707 §2 a resource of the client', { scope: 'accounts:read', resource: API }, '200'],
    [
      'DEV-04 RAR-02 details that are not supported',
      { authorization_details: '[{"type":"payment"}]' },
      '400 invalid_authorization_details',
    ],
  ])('%s', async (_name, over, expected) => {
    expect(told((await askDevice(deviceOf(await startServer([tv]), tv), over)).answer)).toBe(expected)
  })

  test('A39 A40 a client that may not reach a resource is refused it here as at the authorization endpoint', async () => {
    const narrow = television({ scopes: ['openid', 'accounts:read'], resources: [] })
    expect(told((await askDevice(deviceOf(await startServer([narrow]), narrow), { resource: API })).answer)).toBe('400 invalid_target')
  })

  test('DEV-10 a proof is checked, and burnt by the request it came with', async () => {
    const app = deviceOf(await startServer([tv]), tv, { dpop: KEY })
    expect(told((await askDevice(app)).answer)).toBe('200')
    const dpop = app.proof('/device_authorization')
    expect(told((await askDevice(app, {}, { dpop })).answer)).toBe('200')
    expect(told((await askDevice(app, {}, { dpop })).answer)).toBe('400 invalid_dpop_proof')
    expect(told((await askDevice(app, {}, { dpop: app.holding(OTHER_KEY).proof('/token') })).answer)).toBe('400 invalid_dpop_proof')
  })

  test('DEV-27 RFC 8628 §4: discovery names the endpoint and the grant', async () => {
    const as = await startServer([tv])
    const metadata = (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Record<string, unknown>
    expect(metadata['device_authorization_endpoint']).toBe(`${ISSUER}/device_authorization`)
    expect(metadata['grant_types_supported']).toContain(DEVICE_CODE)
  })

  test('RFC 8628 §6.1 of two devices that draw the same user code, the second draws another', async () => {
    const as = await startServer([tv])
    let taken: string | undefined
    // Somebody has the first code that is drawn, a moment earlier.
    const store: typeof as.store = {
      ...as.store,
      read: (kind, id) => as.store.read(kind, id),
      list: (kind, index, value, page) => as.store.list(kind, index, value, page),
      async commit(changes) {
        const insert = changes.find((change) => change.kind === 'user_code' && change.op === 'insert')
        if (insert !== undefined && 'id' in insert && taken === undefined) {
          taken = insert.id
          await as.store.commit([{ op: 'insert', kind: 'user_code', id: taken, value: { requestId: 'of another device' } }])
        }
        return as.store.commit(changes)
      },
    }
    const { answer, deviceCode } = await askDevice(deviceOf(await startServer([tv], { store, clock: as.clock }), tv))
    expect(told(answer)).toBe('200')
    const record = await as.store.read('device_request', deviceCode.slice(0, 26))
    expect(record?.value.userCodeId).not.toBe(taken)
    expect(await as.store.read('user_code', String(taken))).toMatchObject({ value: { requestId: 'of another device' } })
  })

  test('a store that is down is 503, and nothing is answered', async () => {
    const as = await startServer([tv])
    const down = Object.assign(new Error('down'), { name: 'OutcomeUnknown' })
    const store: typeof as.store = {
      ...as.store,
      read: (kind, id) => as.store.read(kind, id),
      list: (kind, index, value, page) => as.store.list(kind, index, value, page),
      commit: (changes) => (changes.some((one) => one.kind === 'device_request') ? Promise.reject(down) : as.store.commit(changes)),
    }
    const { answer } = await askDevice(deviceOf(await startServer([tv], { store, clock: as.clock }), tv))
    expect([told(answer), answer.body['device_code']]).toEqual(['503 temporarily_unavailable', undefined])
  })
})
