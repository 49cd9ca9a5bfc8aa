import { describe, expect, test } from 'vitest'
import { Application, KEY, OTHER_KEY } from '../test/application.ts'
import { answeredBy, askPerson, bank, pollAnswer } from '../test/backchannel.ts'
import { answered, askDevice, deviceOf, pollDevice, television } from '../test/device.ts'
import { adasToken, chain, exchange } from '../test/exchange.ts'
import { FapiApplication, fapiClient } from '../test/fapi.ts'
import { type Heard, listen, without } from '../test/listening.ts'
import { MACHINE } from '../test/resource-server.ts'
import { client, publicClient, startServer } from '../test/server.ts'
import { refreshHolderChecks } from '../tokens/refresh-holder.ts'
import { presenterChecks } from '../tokens/exchange-presenter.ts'
import { ownerChecks } from './authorization-code.ts'
import { pollChecks } from './poll.ts'

const ALLOWED = ['request: grant_type', 'client: registered grant_type', 'binding: DPoP key', 'binding: certificate', 'request: parameters']
const about = (name: string, ...checks: readonly string[]): readonly string[] => checks.map((check) => `${name}: ${check}`)
const GRANTED = ['grant lives', 'person is there', 'authorization_details', 'scope', 'resource']
const OWNER = ['known', 'of this client', 'redirect_uri', 'PKCE verifier', 'DPoP key', 'of this instance']
const CODE = about('code', ...OWNER, 'not used before', 'not expired', ...GRANTED)

async function web(): Promise<{ readonly app: Application; readonly code: string; readonly heard: Heard }> {
  const app = new Application(await startServer([client(), client({ clientId: 'other' })]), client())
  const code = await app.code()
  return { app, code, heard: listen(app.as) }
}

describe('authorization_code', () => {
  test('OA-51 a good code: everything that was checked of it, in this order', async () => {
    const { app, code, heard } = await web()
    await app.redeem(code)
    expect(heard.afterClient()).toEqual([...ALLOWED, ...CODE])
  })

  test('OA-50 a code that was used before: told as the last, and nothing after it was looked at', async () => {
    const { app, code, heard } = await web()
    await app.redeem(code)
    heard.clear()
    await app.redeem(code)
    expect(heard.afterClient()).toEqual([...ALLOWED, ...about('code', ...OWNER, 'not used before, OA-50')])
  })

  test.each([
    ['known, OA-50', { code: 'x' }, ''],
    ['of this client, OA-52', {}, 'other'],
    ['redirect_uri, OA-55', { redirect_uri: 'https://other.example/' }, ''],
    ['PKCE verifier, OA-53', { code_verifier: 'w'.repeat(43) }, ''],
    ['PKCE verifier, OA-53', { code_verifier: undefined }, ''],
  ])('OA-55 refused by %s', async (last, over, other) => {
    const { app, code, heard } = await web()
    const presenter = other === '' ? app : new Application(app.as, client({ clientId: other }))
    await presenter.redeem(code, over)
    expect(heard.told().at(-1)).toBe(`code: ${last}`)
  })

  test('OA-29 too late', async () => {
    const { app, code, heard } = await web()
    app.as.clock.advance(600)
    await app.redeem(code)
    expect(heard.told().at(-1)).toBe('code: not expired, OA-29')
  })

  test('OA-53 a row that is taken out is told no more, and refuses no more', async () => {
    const { app, code, heard } = await web()
    await without(ownerChecks, 'PKCE verifier', async () => {
      expect(await app.redeem(code, { code_verifier: undefined })).toMatchObject({ status: 200 })
      expect(heard.afterClient()).toEqual([...ALLOWED, ...CODE.filter((one) => one !== 'code: PKCE verifier')])
    })
    expect(await app.redeem(await app.code(), { code_verifier: undefined })).toMatchObject({ status: 400 })
  })

  test('DPOP-31 the key that a pushed request proved, and what the commit burns', async () => {
    const as = await startServer([fapiClient()])
    const app = new FapiApplication(as, fapiClient())
    const code = await app.code()
    const heard = listen(as)
    await app.holding(KEY).redeem(code)
    expect(heard.told().slice(-3)).toEqual(['code: DPoP key, DPOP-31', 'client_assertion: jti is new', 'DPoP proof: jti is new'])
    heard.clear()
    await app.redeem(code)
    expect(heard.afterClient()).toEqual([...ALLOWED, ...CODE, 'DPoP proof: jti is new'])
  })
})

describe('refresh_token', () => {
  const CHECKS = ['known', 'of this client', 'DPoP key', 'certificate', 'of this instance', 'not expired', 'grant lives', 'person is there']
  const REST = ['scope granted', 'authorization_details', 'scope', 'resource']

  test('RT-03 a good one; then the same again after the grace: reuse is the last thing told', async () => {
    const app = new Application(await startServer(), publicClient(), { dpop: KEY })
    const { refresh } = await app.tokens()
    const heard = listen(app.as)
    await app.refresh(refresh)
    const good = about('refresh_token', ...CHECKS, 'not used before', ...REST)
    expect(heard.told().slice(-18)).toEqual([...ALLOWED, 'DPoP proof: jti is new', ...good].slice(-18))
    app.as.clock.advance(11)
    heard.clear()
    await app.refresh(refresh)
    expect(heard.told().slice(-9)).toEqual(about('refresh_token', ...CHECKS, 'not used before, RT-03'))
  })

  test.each([
    ['known, OA-57', (app: Application) => app.refresh('x')],
    ['DPoP key, DPOP-24', (app: Application, token: string) => app.holding(OTHER_KEY).refresh(token)],
    ['scope granted, OA-59', (app: Application, token: string) => app.refresh(token, { scope: 'email' })],
  ])('OA-57 refused by %s', async (last, send) => {
    const app = new Application(await startServer(), publicClient(), { dpop: KEY })
    const { refresh } = await app.tokens()
    const heard = listen(app.as)
    await send(app, refresh)
    expect(heard.told().at(-1)).toBe(`refresh_token: ${last}`)
  })

  test('DPOP-24 without its row the key is not asked for, and not told', async () => {
    const app = new Application(await startServer(), publicClient(), { dpop: KEY })
    const { refresh } = await app.tokens()
    const heard = listen(app.as)
    await without(refreshHolderChecks, 'DPoP key', async () => {
      expect(await app.holding(OTHER_KEY).refresh(refresh)).toMatchObject({ status: 200 })
      expect(heard.told()).not.toContainEqual(expect.stringContaining('refresh_token: DPoP key'))
    })
  })
})

describe('those who ask again and again', () => {
  const POLLED = ['known', 'of this client', 'DPoP key', 'of this instance', 'not used before', 'not denied', 'not expired']

  test('DEV-20 DEV-21 a device: not answered, too fast, and the tokens', async () => {
    const app = deviceOf(await startServer([television()]))
    const { deviceCode } = await askDevice(app)
    const heard = listen(app.as)
    await pollDevice(app, deviceCode)
    expect(heard.afterClient()).toEqual([...ALLOWED, ...about('device_code', ...POLLED, 'not too fast', 'answered, DEV-20')])
    heard.clear()
    await pollDevice(app, deviceCode)
    expect(heard.told().at(-1)).toBe('device_code: not too fast, DEV-21')
    const allowed = await answered(app, 'allow')
    heard.clear()
    await pollDevice(app, allowed.deviceCode)
    expect(heard.afterClient()).toEqual([...ALLOWED, ...about('device_code', ...POLLED, ...GRANTED)])
    heard.clear()
    await pollDevice(app, allowed.deviceCode)
    expect(heard.told().at(-1)).toBe('device_code: not used before, DEV-24')
  })

  test('DEV-10 another key, and without its row', async () => {
    const app = deviceOf(await startServer([television()]), television(), { dpop: KEY })
    const { deviceCode } = await askDevice(app)
    const heard = listen(app.as)
    await app.holding(OTHER_KEY).post('/token', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: deviceCode })
    expect(heard.told().at(-1)).toBe('device_code: DPoP key, DEV-10')
    await without(pollChecks, 'DPoP key', async () => {
      heard.clear()
      await pollDevice(app.holding(OTHER_KEY), deviceCode)
      expect(heard.told().at(-2)).toMatch(/^device_code: not too fast/)
    })
  })

  test('CIBA-04 a request from elsewhere, and one whose hint leads to nobody', async () => {
    const app = new Application(await startServer([bank()]), bank())
    const heard = listen(app.as)
    const asked = ['resource', 'authorization_details', 'scope', 'openid', 'one hint', 'binding_message']
    const begun = ['client may ask', 'no request', 'no user_code', 'no login_hint_token', ...asked]
    const rest = ['client_notification_token', 'requested_expiry', 'few wrong hints', 'hint leads to somebody', 'few requests wait']
    await askPerson(app)
    expect(heard.afterClient()).toEqual(about('authorization request', ...begun, ...rest))
    heard.clear()
    await askPerson(app, { login_hint: 'nobody' })
    expect(heard.told().at(-1)).toBe('authorization request: hint leads to somebody, CIBA-04')
  })

  test('CIBA-05 the poll for a request that was allowed, and for one that was denied', async () => {
    const app = new Application(await startServer([bank()]), bank())
    const heard = listen(app.as)
    const { authReqId } = await answeredBy(app, 'allow')
    heard.clear()
    await pollAnswer(app, authReqId)
    expect(heard.afterClient()).toEqual([...ALLOWED, ...about('auth_req_id', 'registered for poll or ping', ...POLLED, ...GRANTED)])
    const denied = await answeredBy(app, 'deny')
    heard.clear()
    await pollAnswer(app, denied.authReqId)
    expect(heard.told().at(-1)).toBe('auth_req_id: not denied, DEV-22')
  })
})

describe('without a person', () => {
  test('OA-56 client_credentials', async () => {
    const app = new Application(await startServer([MACHINE]), MACHINE)
    const heard = listen(app.as)
    await app.post('/token', { grant_type: 'client_credentials', scope: 'accounts:read' })
    expect(heard.afterClient()).toEqual([...ALLOWED, ...about('client', 'authenticated', 'scope', 'resource')])
    heard.clear()
    await app.post('/token', { grant_type: 'client_credentials', scope: 'openid' })
    expect(heard.told().at(-1)).toBe('client: scope, OA-26')
    heard.clear()
    await app.post('/token', { grant_type: 'refresh_token' })
    expect(heard.told().at(-1)).toBe('client: registered grant_type, OA-56')
    heard.clear()
    await app.post('/token', { grant_type: 'password' })
    expect(heard.told().at(-1)).toBe('request: grant_type, OA-63')
  })

  test('TEX-03 token exchange: a good one, one of a stranger, and without the row that refuses it', async () => {
    const { web: one, accounts, third } = await chain()
    const token = await adasToken(one)
    const heard = listen(one.as)
    await exchange(accounts, token, { scope: 'payments' })
    const rest = ['new token bound', 'exchanged a few times', 'may_act', 'reach', 'requested_token_type']
    const shown = ['lives', 'of this client, or for it', 'DPoP key', 'certificate', 'type']
    expect(heard.afterClient()).toEqual([...ALLOWED, 'client: authenticated', ...about('subject_token', ...shown, ...rest)])
    heard.clear()
    await exchange(third, token)
    expect(heard.told().at(-1)).toBe('subject_token: of this client, or for it, TEX-11')
    await without(presenterChecks, 'of this client, or for it', async () => {
      heard.clear()
      await exchange(third, token)
      expect(heard.told().at(-1)).not.toContain('TEX-11')
    })
    heard.clear()
    await exchange(accounts, 'x')
    expect(heard.told().at(-1)).toBe('subject_token: lives, TEX-03')
  })
})
