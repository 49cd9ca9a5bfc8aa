import { describe, expect, test } from 'vitest'
import { Application, KEY, OTHER_KEY, tally, times, told } from '../test/application.ts'
import { answeredBy, askPerson, bank, CIBA, pollAnswer } from '../test/backchannel.ts'
import { DEVICE_CODE } from '../test/device.ts'
import { API, startServer } from '../test/server.ts'

const registered = bank({ grantTypes: [CIBA, DEVICE_CODE, 'refresh_token'] })

async function counter(): Promise<Application> {
  return new Application(await startServer([registered, bank({ clientId: 'shop' })]), registered)
}

function claimsOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

describe('polling', () => {
  test('CIBA-05 CIBA Core §11: on time authorization_pending, too fast slow_down, which raises the interval for good', async () => {
    const app = await counter()
    const { authReqId } = await askPerson(app)
    expect(told(await pollAnswer(app, authReqId))).toBe('400 authorization_pending')
    app.as.clock.advance(4)
    expect(told(await pollAnswer(app, authReqId))).toBe('400 slow_down')
    app.as.clock.advance(9)
    expect(told(await pollAnswer(app, authReqId))).toBe('400 slow_down')
    app.as.clock.advance(15)
    expect(told(await pollAnswer(app, authReqId))).toBe('400 authorization_pending')
  })

  test('CIBA-05 what is over is expired_token, what was refused access_denied', async () => {
    const app = await counter()
    const denied = await answeredBy(app, 'deny')
    expect(told(await pollAnswer(app, denied.authReqId))).toBe('400 access_denied')
    const { authReqId } = await askPerson(app, { requested_expiry: '60' })
    app.as.clock.advance(60)
    expect(told(await pollAnswer(app, authReqId))).toBe('400 expired_token')
  })

  test('CIBA-05 unknown ids, wrong secrets, another client’s id and another kind’s are invalid_grant', async () => {
    const app = await counter()
    const { authReqId } = await answeredBy(app, 'allow')
    expect(told(await app.post('/token', { grant_type: CIBA }))).toBe('400 invalid_request')
    for (const wrong of ['x', authReqId.slice(0, 26) + 'A'.repeat(43)]) expect(told(await pollAnswer(app, wrong))).toBe('400 invalid_grant')
    expect(told(await pollAnswer(new Application(app.as, bank({ clientId: 'shop' })), authReqId))).toBe('400 invalid_grant')
    expect(told(await app.post('/token', { grant_type: DEVICE_CODE, device_code: authReqId }))).toBe('400 invalid_grant')
    expect(told(await pollAnswer(app, authReqId))).toBe('200')
  })

  test('CIBA-05 the client is authenticated before anything is told', async () => {
    const app = await counter()
    const { authReqId } = await answeredBy(app, 'allow')
    const bare = { credentials: { parameters: { client_id: 'bank' } } }
    expect(told(await pollAnswer(app, authReqId, {}, bare))).toBe('401 invalid_client')
  })
})

describe('the tokens', () => {
  test('CIBA-05 of fifty polls after the approval exactly one has the tokens, and they stay good', async () => {
    const app = await counter()
    const { authReqId } = await answeredBy(app, 'allow')
    const all = await Promise.all(times(50, () => pollAnswer(app, authReqId)))
    expect(tally(all)).toEqual({ '200': 1, '400 invalid_grant': 49 })
    const first = all.find((one) => one.status === 200)
    expect(told(await app.refresh(String(first?.body['refresh_token'])))).toBe('200')
  })

  test('DEV-29 the ID token is about the person who approved, with the time of their sign-in, and has no nonce', async () => {
    const app = await counter()
    const signedInAt = app.as.clock.now()
    const { authReqId } = await answeredBy(app, 'allow')
    app.as.clock.advance(60)
    const idToken = claimsOf((await pollAnswer(app, authReqId)).body['id_token'])
    expect(idToken).toMatchObject({ sub: 'u_ada', aud: 'bank', auth_time: signedInAt, amr: ['pwd'] })
    expect([idToken['nonce'], idToken['sid'], idToken['urn:openid:params:jwt:claim:auth_req_id']]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('A38 what the poll says of scope and resource changes nothing that was allowed', async () => {
    const app = await counter()
    const { authReqId } = await answeredBy(app, 'allow', { scope: 'openid' })
    expect(told(await pollAnswer(app, authReqId, { resource: API }))).toBe('400 invalid_target')
    expect((await pollAnswer(app, authReqId, { scope: 'openid accounts:write' })).body['scope']).toBe('openid')
  })

  test('DEV-10 a request with a proof is answered to the same key alone', async () => {
    const app = (await counter()).holding(KEY)
    const { authReqId } = await answeredBy(app, 'allow')
    expect(told(await pollAnswer(app.holding(undefined), authReqId))).toBe('400 invalid_grant')
    expect(told(await pollAnswer(app.holding(OTHER_KEY), authReqId))).toBe('400 invalid_grant')
    expect((await pollAnswer(app, authReqId)).body['token_type']).toBe('DPoP')
  })

  test('A39 a person who was disabled after the approval gets the client nothing', async () => {
    const app = await counter()
    const { authReqId } = await answeredBy(app, 'allow')
    const ada = app.as.people.get('u_ada')
    if (ada !== undefined) app.as.people.set('u_ada', { ...ada, disabled: true })
    expect(told(await pollAnswer(app, authReqId))).toBe('400 invalid_grant')
  })
})
