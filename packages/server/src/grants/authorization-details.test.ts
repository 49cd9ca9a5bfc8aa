import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { describe, expect, test } from 'vitest'
import { Application, KEY, told } from '../test/application.ts'
import { ACCOUNTS, claimsOf, details, PAY, PAYER, PAYMENT, SEE, startDetailsServer } from '../test/details.ts'
import { ACCOUNTS_API, API, client, startServer, type TestServer } from '../test/server.ts'

const OTHER_API = 'https://api.example/payments'
const INVALID = '400 invalid_authorization_details'
const asked = { scope: 'accounts:read', resource: API, authorization_details: details(PAY, SEE) }

async function payer(over: Parameters<typeof client>[0] = {}, as?: TestServer): Promise<Application> {
  const one = client({ authorizationDetailsTypes: PAYER.authorizationDetailsTypes, ...over })
  return new Application(as ?? (await startDetailsServer([one])), one)
}

describe('the code', () => {
  test('RAR-07 RAR-08 RFC 9396 §7, §9.1: what was allowed stands in the answer and in the token', async () => {
    const { answer, access } = await (await payer()).tokens(asked)
    expect([answer.body['authorization_details'], claimsOf(access)['authorization_details']]).toEqual([
      [PAY, SEE],
      [PAY, SEE],
    ])
  })

  test('RAR-07 without details there is no member, in the answer and in the token', async () => {
    const { answer, access } = await (await payer()).tokens()
    expect([answer.body, claimsOf(access)].map((one) => 'authorization_details' in one)).toEqual([false, false])
  })

  test('RAR-06 RFC 9396 §6: the token request may ask for less; for more it is refused and the code is not spent', async () => {
    const application = await payer()
    const code = await application.code(asked)
    for (const more of [
      { ...PAY, creditorName: 'Merchant B' },
      { ...SEE, actions: ['read', 'write'] },
      { ...SEE, identifier: 'x' },
      { type: 'x' },
    ])
      expect(told(await application.redeem(code, { authorization_details: details(more) }))).toBe(INVALID)
    for (const broken of ['{', '[1]', details(PAY, PAY), details({ ...PAY, x: 1 })])
      expect(told(await application.redeem(code, { authorization_details: broken }))).toBe(INVALID)
    const answer = await application.redeem(code, { authorization_details: details({ ...SEE, actions: ['read'] }) })
    expect([told(answer), answer.body['authorization_details']]).toEqual(['200', [{ ...SEE, actions: ['read'] }]])
  })

  test('RAR-06 nothing was granted, so nothing can be asked for', async () => {
    const application = await payer()
    expect(told(await application.redeem(await application.code(), { authorization_details: details(SEE) }))).toBe(INVALID)
  })

  test('RAR-07 RFC 9396 §7.1: an operator may say more than was asked; the person is known to the function', async () => {
    const enrich = (detail: AuthorizationDetail, who: object): AuthorizationDetail => ({ ...detail, account: JSON.stringify(who) })
    const application = await payer({}, await startDetailsServer([PAYER], [PAYMENT, { ...ACCOUNTS, enrich }]))
    const { answer, refresh } = await application.tokens(asked)
    const enriched = [PAY, { ...SEE, account: '{"subject":"u_ada","clientId":"web"}' }]
    expect(answer.body['authorization_details']).toEqual(enriched)
    expect((await application.refresh(refresh)).body['authorization_details']).toEqual(enriched)
  })
})

describe('the audience', () => {
  const apart = (): Promise<TestServer> =>
    startServer([PAYER], {
      resources: [ACCOUNTS_API, { ...ACCOUNTS_API, identifier: OTHER_API, scopes: [] }],
      authorizationDetailsTypes: [PAYMENT, ACCOUNTS],
    })

  test('RAR-08 RFC 9396 §9.1: a detail with locations goes to these alone, one without to every resource that was granted', async () => {
    const application = await payer({}, await apart())
    const there = { ...PAY, locations: [OTHER_API] }
    const both = { ...SEE, identifier: 'both', locations: [API, OTHER_API] }
    const code = await application.code({ scope: undefined, authorization_details: details(there, SEE, PAY, both) })
    expect(told(await application.redeem(code))).toBe('400 invalid_scope')
    const first = await application.redeem(code, { resource: API })
    expect(claimsOf(String(first.body['access_token']))).toMatchObject({ aud: API, authorization_details: [SEE, PAY, both] })
    const second = await application.refresh(String(first.body['refresh_token']), { resource: OTHER_API })
    expect(claimsOf(String(second.body['access_token']))).toMatchObject({ aud: OTHER_API, authorization_details: [there, PAY, both] })
  })

  test('RAR-08 RAR-15 a location is compared as it is: one that merely looks the same sees nothing', async () => {
    const application = await payer({}, await apart())
    for (const like of [`${API}/`, API.toUpperCase(), 'https://api.example:443/accounts']) {
      const { access } = await application.tokens({ scope: 'accounts:read', authorization_details: details({ ...SEE, locations: [like] }) })
      expect(claimsOf(access)).not.toHaveProperty('authorization_details')
    }
  })

  test('RAR-08 a location that the client may not use opens no token for it', async () => {
    const held = { ...PAYER, resources: [API] }
    const as = await startServer([held], {
      resources: [ACCOUNTS_API, { ...ACCOUNTS_API, identifier: OTHER_API, scopes: [] }],
      authorizationDetailsTypes: [PAYMENT, ACCOUNTS],
    })
    const application = new Application(as, held)
    const code = await application.code({ scope: 'accounts:read', authorization_details: details({ ...SEE, locations: [OTHER_API] }) })
    expect(told(await application.redeem(code, { resource: OTHER_API }))).toBe('400 invalid_target')
    expect(claimsOf(String((await application.redeem(code)).body['access_token']))).not.toHaveProperty('authorization_details')
  })
})

describe('the refresh token', () => {
  test.each([
    ['rotating', undefined],
    ['bound, not rotating', KEY],
  ])('RAR-12 RFC 9396 §6: the same again unless narrowed, and narrowing does not shrink the grant (%s)', async (_name, dpop) => {
    const one = await payer()
    const application = one.holding(dpop)
    const tokens = await application.tokens(asked, { authorization_details: details(SEE) })
    let refresh = tokens.refresh
    const again = async (sent?: string): Promise<unknown> => {
      const answer = await application.refresh(refresh, sent === undefined ? {} : { authorization_details: sent })
      refresh = typeof answer.body['refresh_token'] === 'string' ? answer.body['refresh_token'] : refresh
      return answer.status === 200 ? (answer.body['authorization_details'] ?? []) : told(answer)
    }
    expect(tokens.answer.body['authorization_details']).toEqual([SEE])
    expect(await again()).toEqual([PAY, SEE])
    expect(await again(details({ ...SEE, actions: ['list'] }))).toEqual([{ ...SEE, actions: ['list'] }])
    expect(await again('[]')).toEqual([])
    expect(await again(details({ ...PAY, creditorName: 'B' }))).toBe(INVALID)
    expect(await again()).toEqual([PAY, SEE])
  })

  test('RAR-06 RAR-12 a refused request rotates nothing: the token is good for the next', async () => {
    const application = await payer()
    const { refresh } = await application.tokens(asked)
    for (const broken of ['{', details({ type: 'x' }), details(PAY, PAY)])
      expect(told(await application.refresh(refresh, { authorization_details: broken }))).toBe(INVALID)
    application.as.clock.advance(100)
    expect(told(await application.refresh(refresh))).toBe('200')
  })

  test('RAR-12 a retry within the grace gets the very same details', async () => {
    const application = await payer()
    const { refresh } = await application.tokens(asked)
    const both = [await application.refresh(refresh), await application.refresh(refresh)]
    expect(both.map(({ body }) => body['authorization_details'])).toEqual([
      [PAY, SEE],
      [PAY, SEE],
    ])
  })
})
