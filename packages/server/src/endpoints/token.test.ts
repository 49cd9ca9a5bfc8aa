import { describe, expect, test } from 'vitest'
import { StoreUnavailable } from '@holdfast/store'
import { type Answer, Application, basic, KEY, told } from '../test/application.ts'
import { VERIFIER } from '../test/person.ts'
import { client, ISSUER, publicClient, SECRET, startServer } from '../test/server.ts'

const FORM = 'application/x-www-form-urlencoded'
const BASIC = basic('web', SECRET)

async function web(): Promise<Application> {
  return new Application(await startServer(), client())
}

/** A request by hand: past its form and authentication it is told `400 invalid_grant`. */
function raw(one: Application, init: RequestInit & { readonly headers?: Record<string, string> } = {}): Promise<Answer> {
  return one.send(`${ISSUER}/token`, {
    method: 'POST',
    body: 'grant_type=refresh_token&refresh_token=x',
    ...init,
    headers: { 'content-type': FORM, authorization: BASIC, ...init.headers },
  })
}

describe('transport', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD'])('OA-39 OAuth 2.1 §3.2: %s is 405 and names POST', async (method) => {
    const one = await web()
    const response = await one.as.fetch(`${ISSUER}/token`, { method, headers: { authorization: BASIC } })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test.each([
    ['application/json', '{"grant_type":"refresh_token","refresh_token":"x"}'],
    ['multipart/form-data; boundary=a', '--a\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nrefresh_token\r\n--a--'],
    ['text/plain', 'grant_type=refresh_token&refresh_token=x'],
    ['', 'grant_type=refresh_token&refresh_token=x'],
  ])('OA-39 OAuth 2.1 §3.2.2: a body of the type %j is invalid_request', async (type, body) => {
    expect(told(await raw(await web(), { headers: { 'content-type': type }, body }))).toBe('400 invalid_request')
  })

  test('OA-39 parameters and case of the content type do not matter', async () => {
    expect(told(await raw(await web(), { headers: { 'content-type': 'Application/X-WWW-Form-URLEncoded; charset=UTF-8' } }))).toBe(
      '400 invalid_grant',
    )
  })

  test.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ['OA-41 an unknown parameter is ignored', 'grant_type=refresh_token&refresh_token=x&more=1&more2=', '400 invalid_grant'],
    ['OA-41 an empty one is as if it were absent', 'grant_type=refresh_token&refresh_token=', '400 invalid_request'],
    ['OA-41 an empty one beside a full one is no repetition', 'grant_type=&grant_type=refresh_token&refresh_token=x', '400 invalid_grant'],
    ['OA-41 a repeated one is refused', 'grant_type=refresh_token&grant_type=refresh_token&refresh_token=x', '400 invalid_request'],
    ['OA-41 a repeated unknown one is refused', 'grant_type=refresh_token&refresh_token=x&a=1&a=2', '400 invalid_request'],
    [
      'OA-41 RES-01 resource may be repeated',
      'grant_type=refresh_token&refresh_token=x&resource=https://a.example&resource=https://b.example',
      '400 invalid_grant',
    ],
    ['OA-07 percent-encoding that does not decode', 'grant_type=%zz', '400 invalid_request'],
    ['OA-07 bytes that are not UTF-8', new Uint8Array([0x61, 0x3d, 0xff, 0xfe]), '400 invalid_request'],
    ['OA-07 names are case-sensitive', 'Grant_type=refresh_token&refresh_token=x', '400 invalid_request'],
    ['a body of 65 KB', `grant_type=refresh_token&refresh_token=x&pad=${'p'.repeat(65_000)}`, '400 invalid_request'],
    ['65 parameters', Array.from({ length: 65 }, (_, index) => `p${index}=1`).join('&'), '400 invalid_request'],
    ['a refresh token of 513 characters', `grant_type=refresh_token&refresh_token=${'r'.repeat(513)}`, '400 invalid_request'],
    ['nothing', '', '400 invalid_request'],
  ])('%s', async (_name, body, expected) => {
    expect(told(await raw(await web(), { body }))).toBe(expected)
  })

  test('OA-40 OAuth 2.1 §2.4.1: parameters in the URL are not looked at', async () => {
    const one = await web()
    const answer = await one.send(`${ISSUER}/token?grant_type=refresh_token`, {
      method: 'POST',
      headers: { 'content-type': FORM, authorization: BASIC },
      body: 'scope=a',
    })
    expect([told(answer), answer.body['error_description']]).toEqual(['400 invalid_request', 'grant_type is missing'])
  })

  test('an error tells the field, in printable ASCII without quotes', async () => {
    const answer = await raw(await web(), { body: 'grant_type=%22%5C%0D%0A%C3%BC' })
    expect(answer.body['error_description']).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
  })
})

describe('grant types', () => {
  test.each(['password', 'implicit', 'saml2-bearer', 'Refresh_Token', '__proto__', 'constructor'])(
    'OA-63 BCP-14 OAuth 2.1 §3.2.4: %s is unsupported_grant_type',
    async (type) => {
      expect(told(await raw(await web(), { body: `grant_type=${type}` }))).toBe('400 unsupported_grant_type')
    },
  )

  test('CAUTH-11 OAuth 2.1 §4.2: to a public client client_credentials is refused', async () => {
    const app = new Application(await startServer(), publicClient())
    expect(told(await app.post('/token', { grant_type: 'client_credentials' }))).toBe('400 unauthorized_client')
  })

  test('RFC 6749 §5.2: a client is held to the grant types it registered', async () => {
    const one = client({ grantTypes: ['refresh_token'] })
    expect(told(await new Application(await startServer([one]), one).redeem('x'))).toBe('400 unauthorized_client')
  })
})

describe('answers', () => {
  test('OA-42 OA-43 OIDC-39 OAuth 2.1 §3.2.3: JSON that is not stored, without null, with a number in expires_in', async () => {
    const { answer } = await (await web()).tokens()
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(Object.keys(answer.body).toSorted()).toEqual(['access_token', 'expires_in', 'id_token', 'refresh_token', 'scope', 'token_type'])
    expect(Object.values(answer.body)).not.toContain(null)
    expect(answer.body['expires_in']).toBe(300)
  })

  test('OA-42 errors are not stored either, and tell code and description', async () => {
    const one = await web()
    for (const answer of [await raw(one), await raw(one, { headers: { authorization: 'Basic x' } }), await raw(one, { body: '' })]) {
      expect([answer.headers.get('cache-control'), answer.headers.get('content-type')]).toEqual(['no-store', 'application/json'])
      expect(Object.keys(answer.body)).toEqual(['error', 'error_description'])
    }
  })

  test('OA-26 OA-43 RES-05 scope is told, since it may differ from what was asked', async () => {
    const { answer } = await (await web()).tokens({ scope: 'openid profile accounts:read' }, { resource: 'https://api.example/accounts' })
    expect(answer.body['scope']).toBe('accounts:read')
  })
})

describe('OA-44 DPOP-45 browsers', () => {
  test.each(['/token', '/par', '/userinfo', '/revoke', '/jwks', '/.well-known/openid-configuration'])(
    '%s can be read from other origins, with the headers that DPoP needs',
    async (path) => {
      const { fetch } = await startServer()
      const preflight = await fetch(ISSUER + path, {
        method: 'OPTIONS',
        headers: { origin: 'https://spa.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' },
      })
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-headers')).toBe('DPoP, Authorization, Content-Type')
      for (const response of [preflight, await fetch(ISSUER + path, { headers: { origin: 'https://spa.example' } })]) {
        expect(response.headers.get('access-control-allow-origin')).toBe('*')
        expect(response.headers.get('access-control-allow-credentials')).toBeNull()
        expect(response.headers.get('access-control-expose-headers')).toBe('DPoP-Nonce, WWW-Authenticate')
      }
    },
  )
})

describe('bad days', () => {
  test('REV-07 an unavailable store is 503 with Retry-After, and nothing was spent', async () => {
    const one = (await web()).holding(KEY)
    const code = await one.code()
    const { store } = one.as
    const commit = store.commit.bind(store)
    store.commit = () => Promise.reject(new StoreUnavailable('the disk is full'))
    const refused = await one.redeem(code)
    expect([told(refused), refused.headers.get('retry-after'), refused.headers.get('cache-control')]).toEqual([
      '503 temporarily_unavailable',
      '1',
      'no-store',
    ])
    store.commit = commit
    expect(told(await one.redeem(code))).toBe('200')
    expect(one.as.logged.join()).toContain('the disk is full')
  })

  test('a bug is 500 and tells nothing', async () => {
    const one = await web()
    one.as.store.read = () => Promise.reject(new Error('select * from secrets'))
    const answer = await raw(one, {
      body: `grant_type=authorization_code&code=${'0'.repeat(26)}${'A'.repeat(43)}&code_verifier=${VERIFIER}`,
    })
    expect(told(answer)).toBe('500 server_error')
    expect(JSON.stringify(answer.body)).not.toContain('select')
  })

  test('a commit that loses three times is 503, and nothing was issued', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const { store } = one.as
    const commit = store.commit.bind(store)
    let tries = 0
    store.commit = () => {
      tries++
      return Promise.resolve({ conflict: { kind: 'refresh_family', id: 'moved' } })
    }
    expect(told(await one.refresh(refresh))).toBe('503 temporarily_unavailable')
    expect(tries).toBe(3)
    store.commit = commit
    expect(told(await one.refresh(refresh))).toBe('200')
  })
})

test('BCP-35 nothing that could be used stands in the log: no token, code, secret, proof, assertion or verifier', async () => {
  const { person, ...all } = await everything()
  const log = all.as.logged.join('\n')
  expect(log).toContain('request refused')
  for (const [name, value] of all.secrets) expect(log, name).not.toContain(value)
  expect(log).not.toMatch(/eyJ[\w-]{10,}/)
  for (const cookie of person.cookies.values()) expect(log).not.toContain(cookie)
})

/** A flow with every kind of artefact, rightly used and wrongly. */
async function everything(): Promise<{
  readonly as: Application['as']
  readonly person: Application['person']
  readonly secrets: readonly (readonly [string, string])[]
}> {
  const one = new Application(await startServer(), publicClient(), { dpop: KEY })
  const confidential = new Application(one.as, client())
  const code = await one.code()
  await one.learnNonce()
  const dpop = one.proof('/token', { htu: 'https://evil.example' })
  await one.redeem(code, {}, { dpop })
  await one.redeem(code, { code_verifier: 'wrong verifier'.repeat(4) })
  const { body } = await one.redeem(code)
  const [access, refresh] = [String(body['access_token']), String(body['refresh_token'])]
  await one.refresh(refresh)
  one.as.clock.advance(60)
  for (const attempt of [one.redeem(code), one.refresh(`${refresh.slice(0, -3)}AAA`), confidential.refresh(refresh), one.refresh(refresh)])
    await attempt
  await one.userinfo(access, { authorization: `Bearer ${access}` })
  await confidential.refresh('x', {}, { credentials: { parameters: { client_id: 'web', client_secret: 'a wrong secret' } } })
  await confidential.post(`/token?code=${code}`)
  await confidential.post('/revoke', { token: access })
  return {
    as: one.as,
    person: one.person,
    secrets: [
      ['code', code.slice(26)],
      ['proof', dpop],
      ['verifier', 'wrong verifier'],
      ['access token', access],
      ['refresh token', refresh],
      ['refresh MAC', refresh.split('.')[3] ?? ''],
      ['secret', SECRET],
      ['wrong secret', 'a wrong secret'],
      ['verifier', VERIFIER],
    ],
  }
}
