import { thumbprint } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { Application, KEY, OTHER_KEY, tally, times, told } from '../test/application.ts'
import { authorizationParameters, VERIFIER } from '../test/person.ts'
import { client, publicClient, startServer } from '../test/server.ts'

const OTHER_WEB = client({ clientId: 'other' })
const LOOPBACK = 'http://127.0.0.1:7123/callback'

async function web(): Promise<Application> {
  return new Application(await startServer([client(), OTHER_WEB, publicClient()]), client())
}

async function app(key = KEY): Promise<Application> {
  return new Application(await startServer(), publicClient(), { dpop: key })
}

describe('a code is spent by one success', () => {
  test('OA-50 RFC 6749 §4.1.2: a second valid redemption is invalid_grant and revokes what the first one issued', async () => {
    const one = await web()
    const code = await one.code()
    const first = await one.redeem(code)
    expect(told(first)).toBe('200')
    expect(told(await one.redeem(code))).toBe('400 invalid_grant')
    expect(told(await one.refresh(String(first.body['refresh_token'])))).toBe('400 invalid_grant')
    expect(told(await one.userinfo(String(first.body['access_token'])))).toBe('401 invalid_token')
    // A third one finds nothing left to revoke.
    expect(told(await one.redeem(code))).toBe('400 invalid_grant')
  })

  test('OA-50 the code of a spent grant still revokes days later', async () => {
    const one = await web()
    const code = await one.code()
    const first = await one.redeem(code)
    one.as.clock.advance(3 * 24 * 3600)
    await one.as.store.purge(one.as.clock.now())
    expect(told(await one.redeem(code))).toBe('400 invalid_grant')
    expect(told(await one.refresh(String(first.body['refresh_token'])))).toBe('400 invalid_grant')
  })

  test.each([
    ['a confidential client', web],
    ['a public client with DPoP', app],
  ])(
    'OA-50 BCP-24 RFC 6749 §4.1.2: of 50 concurrent uses of one code by %s, one is answered; the rest are invalid_grant and the family is revoked',
    async (_name, make) => {
      const one = await make()
      const code = await one.code()
      if (one.key !== undefined) await one.learnNonce()
      const answers = await Promise.all(times(50, () => one.redeem(code)))
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': 49 })
      const winner = answers.find((answer) => answer.status === 200)
      expect(told(await one.refresh(String(winner?.body['refresh_token'])))).toBe('400 invalid_grant')
      expect(told(await one.userinfo(String(winner?.body['access_token'])))).toBe('401 invalid_token')
    },
  )

  test('the very same request sent twice at once, proof and all, is a replayed proof and revokes nothing', async () => {
    const one = await app()
    const code = await one.code()
    await one.learnNonce()
    const dpop = one.proof('/token')
    const answers = await Promise.all(times(10, () => one.redeem(code, {}, { dpop })))
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_dpop_proof': 9 })
    const winner = answers.find((answer) => answer.status === 200)
    expect(told(await one.refresh(String(winner?.body['refresh_token'])))).toBe('200')
  })

  test('OA-29 OAuth 2.1 §4.1.2: a code lives 60 s', async () => {
    const one = await web()
    const [inTime, late] = [await one.code(), await one.code()]
    one.as.clock.advance(59)
    expect(told(await one.redeem(inTime))).toBe('200')
    one.as.clock.advance(1)
    expect(told(await one.redeem(late))).toBe('400 invalid_grant')
  })
})

/** Each is refused and spends nothing: afterwards the owner redeems the code. */
describe('OA-51 OAuth 2.1 §7.5.2: who is not the owner spends and revokes nothing', () => {
  test.each([
    ['OA-53 BCP-08 BCP-30 RFC 7636 §4.6: a wrong verifier', { code_verifier: 'w'.repeat(43) }, '400 invalid_grant'],
    ['OA-53 BCP-08 A18 RFC 7636 §4.6: no verifier', { code_verifier: undefined }, '400 invalid_grant'],
    ['OA-54 a verifier of 42 characters', { code_verifier: 'v'.repeat(42) }, '400 invalid_grant'],
    ['OA-54 a verifier with a character of no verifier', { code_verifier: `${'v'.repeat(42)}!` }, '400 invalid_grant'],
    ['OA-54 a verifier of 129 characters', { code_verifier: 'v'.repeat(129) }, '400 invalid_request'],
    ['OA-55 OA-24 RFC 6749 §4.1.3: another redirect_uri', { redirect_uri: 'https://app.example/other' }, '400 invalid_grant'],
    ['RES-04 a resource that was not granted', { resource: 'https://elsewhere.example' }, '400 invalid_target'],
    ['OA-41 no code', { code: undefined }, '400 invalid_request'],
  ])('OA-51 %s', async (_name, over, refusal) => {
    const one = await web()
    const code = await one.code()
    expect(told(await one.redeem(code, over))).toBe(refusal)
    expect(told(await one.redeem(code))).toBe('200')
  })

  test('OA-51 a replay with a wrong verifier, by another client or without its secret leaves the issued tokens alone', async () => {
    const one = await web()
    const code = await one.code()
    const { body } = await one.redeem(code)
    expect(told(await one.redeem(code, { code_verifier: 'w'.repeat(43) }))).toBe('400 invalid_grant')
    expect(told(await new Application(one.as, OTHER_WEB).redeem(code))).toBe('400 invalid_grant')
    expect(told(await one.redeem(code, {}, { credentials: { parameters: { client_id: 'web', client_secret: 'wrong' } } }))).toBe(
      '401 invalid_client',
    )
    expect(told(await one.userinfo(String(body['access_token'])))).toBe('200')
    expect(told(await one.refresh(String(body['refresh_token'])))).toBe('200')
  })

  test('OA-52 OA-24 OIDC-38 RFC 6749 §4.1.3: the code of another client is invalid_grant, told like an unknown one', async () => {
    const one = await web()
    const code = await one.code()
    const foreign = await new Application(one.as, OTHER_WEB).redeem(code)
    const unknown = await one.redeem(code.slice(0, 26) + code.slice(26).split('').reverse().join(''))
    expect([told(foreign), told(unknown)]).toEqual(['400 invalid_grant', '400 invalid_grant'])
    expect(foreign.body).toEqual(unknown.body)
    expect(told(await one.redeem(code))).toBe('200')
  })

  test('OA-52 a public client is held to its codes by client_id', async () => {
    const one = await app()
    const code = await one.code()
    expect(told(await new Application(one.as, client()).redeem(code))).toBe('400 invalid_grant')
    expect(told(await one.redeem(code))).toBe('200')
  })

  test('OA-55 OAuth 2.1 §10.2: a client of 2.1 leaves redirect_uri out', async () => {
    const one = await web()
    expect(told(await one.redeem(await one.code(), { redirect_uri: undefined }))).toBe('200')
  })

  test('OA-14 OA-55 the loopback port of the request is the one compared', async () => {
    const one = await app()
    const code = await one.code({ redirect_uri: LOOPBACK })
    expect(told(await one.redeem(code, { redirect_uri: 'http://127.0.0.1:7124/callback' }))).toBe('400 invalid_grant')
    expect(told(await one.redeem(code, { redirect_uri: LOOPBACK }))).toBe('200')
  })
})

describe('what a code is', () => {
  test('OA-64 OA-24 OAuth 2.1 §7.7: 256 random bits behind a record id, kept as a hash; the challenge is not in it', async () => {
    const one = await web()
    const code = await one.code()
    expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{26}[\w-]{43}$/)
    const record = await one.as.store.read('authorization_code', code.slice(0, 26))
    expect(JSON.stringify(record)).not.toContain(code.slice(26))
    expect(code).not.toContain(record?.value.challenge?.value ?? VERIFIER)
  })

  test.each(['', 'x', 'a'.repeat(69), `${'0'.repeat(26)}${'A'.repeat(43)}`, '../../etc/passwd', 'ü'.repeat(69)])(
    'OA-50 a made-up code %j is invalid_grant or missing, never a fault',
    async (code) => {
      const { status } = await (await web()).redeem(code)
      expect(status).toBe(400)
    },
  )

  test('OA-50 an id of another kind is no code: a request_uri cannot be redeemed', async () => {
    const one = await web()
    const parameters = Object.fromEntries(authorizationParameters())
    const pushed = await one.post('/par', parameters)
    const handle = String(pushed.body['request_uri']).slice('urn:ietf:params:oauth:request_uri:'.length)
    expect(told(await one.redeem(handle))).toBe('400 invalid_grant')
  })
})

describe('DPOP-31 RFC 9449 §10: a code bound to a key', () => {
  test('DPOP-31 DPOP-32 FAPI-20 is redeemed with a proof by that key, and by no other; the failures spend nothing', async () => {
    const one = await app()
    const pushed = await one.post('/par', Object.fromEntries(authorizationParameters({ client_id: 'app', redirect_uri: LOOPBACK })))
    const seen = await one.person.through(new URLSearchParams({ client_id: 'app', request_uri: String(pushed.body['request_uri']) }))
    const code = seen.location?.searchParams.get('code') ?? ''
    const sent = { redirect_uri: LOOPBACK }
    expect(told(await one.holding(OTHER_KEY).redeem(code, sent))).toBe('400 invalid_grant')
    expect(told(await one.holding(undefined).redeem(code, sent))).toBe('400 invalid_grant')
    expect(told(await one.redeem(code, sent))).toBe('200')
  })

  test('OA-51 DPOP-31 a replay with another key does not revoke', async () => {
    const one = await app()
    const code = await one.code({ dpop_jkt: thumbprint(KEY.publicJwk) })
    const { body } = await one.redeem(code)
    expect(told(await one.holding(OTHER_KEY).redeem(code))).toBe('400 invalid_grant')
    expect(told(await one.refresh(String(body['refresh_token'])))).toBe('200')
  })
})

describe('what the grant stands on', () => {
  test('RT-09 a person who was disabled or removed after consent gets no tokens', async () => {
    const one = await web()
    const code = await one.code()
    const ada = [...one.as.people.values()][0]
    if (ada === undefined) throw new Error('ada is missing')
    one.as.people.set(ada.sub, { ...ada, disabled: true })
    expect(told(await one.redeem(code))).toBe('400 invalid_grant')
    one.as.people.delete(ada.sub)
    expect(told(await one.redeem(code))).toBe('400 invalid_grant')
    one.as.people.set(ada.sub, ada)
    expect(told(await one.redeem(code))).toBe('200')
  })

  test('BCP-45 RFC 6749 §5.2: a client is held to its grant types, and without refresh_token it gets none', async () => {
    const without = client({ grantTypes: ['authorization_code'] })
    const one = new Application(await startServer([without]), without)
    const { answer } = await one.tokens()
    expect(answer.body).not.toHaveProperty('refresh_token')
    expect(told(await one.refresh('anything'))).toBe('400 unauthorized_client')
  })
})
