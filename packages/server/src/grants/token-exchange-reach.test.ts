import { describe, expect, it } from 'vitest'
import { KEY, told } from '../test/application.ts'
import { ACCOUNTS, PAYMENT } from '../test/details.ts'
import { adasToken, chain, claimsOf, exchange, exchanged, FILES } from '../test/exchange.ts'
import { introspect, machineToken, PAYMENTS } from '../test/resource-server.ts'
import { API, ISSUER } from '../test/server.ts'

type Parameters = Readonly<Record<string, string | undefined>>

describe('whom it is for (RFC 8693 §2.1)', () => {
  it('TEX-04 RES-01 resource and audience name the same, one of them or both; without either the scopes tell', async () => {
    const { web, accounts } = await chain({ accounts: { scopes: ['payments'] } })
    const token = await adasToken(web)
    for (const over of [
      { resource: PAYMENTS },
      { audience: PAYMENTS },
      { resource: PAYMENTS, audience: PAYMENTS },
      {},
      { scope: 'payments' },
    ])
      expect(claimsOf(await exchanged(accounts, token, over))).toMatchObject({ aud: PAYMENTS, scope: 'payments' })
  })

  it.each<[string, Parameters]>([
    ['TEX-04 an unknown resource', { resource: 'https://else.example' }],
    ['TEX-04 an unknown audience', { audience: 'payments' }],
    ['TEX-04 two that differ', { resource: API, audience: PAYMENTS }],
    ['TEX-04 RES-01 no URI', { resource: 'payments' }],
    ['TEX-04 it is not clear which', {}],
    ['TEX-04 a resource where nothing of it means anything', { resource: FILES, scope: 'accounts:read' }],
    ['TEX-04 userinfo, and openid is not asked for', { resource: ISSUER, scope: 'accounts:read' }],
    ['TEX-04 userinfo together with another API', { scope: 'openid payments' }],
  ])('%s is invalid_target', async (_name, over) => {
    const { web, accounts } = await chain()
    const token = (await web.tokens({ scope: 'openid accounts:read' })).access
    expect(told(await exchange(accounts, token, over))).toBe('400 invalid_target')
  })

  it('TEX-04 a resource that this client may not have is invalid_target, as one that is unknown', async () => {
    const { web, accounts } = await chain({ accounts: { resources: [PAYMENTS] } })
    const token = await adasToken(web)
    expect(told(await exchange(accounts, token, { resource: API }))).toBe('400 invalid_target')
    expect(claimsOf(await exchanged(accounts, token))['aud']).toBe(PAYMENTS)
  })
})

describe('what it allows there (RFC 8693 §5)', () => {
  it.each<[string, Parameters]>([
    ['TEX-08 a scope that the subject token lacks', { scope: 'accounts:write', resource: API }],
    ['TEX-08 one that another scope would become', { scope: 'files', resource: FILES }],
    ['TEX-08 one beside one that is right', { scope: 'payments files', resource: PAYMENTS }],
    ['TEX-08 openid, which the subject token lacks', { scope: 'openid' }],
    ['TEX-08 offline_access', { scope: 'payments offline_access', resource: PAYMENTS }],
    ['TEX-08 a scope that nobody knows', { scope: 'admin' }],
  ])('%s is invalid_scope', async (_name, over) => {
    const { web, accounts } = await chain({
      accounts: { scopes: ['openid', 'offline_access', 'accounts:read', 'accounts:write', 'payments', 'files'] },
    })
    const token = (await web.tokens({ scope: 'openid offline_access accounts:read' }, { resource: API })).access
    expect(told(await exchange(accounts, token, over))).toBe('400 invalid_scope')
  })

  it('TEX-08 what the client is registered for bounds it too', async () => {
    const { web, accounts } = await chain({ accounts: { scopes: ['accounts:read'] } })
    const token = await adasToken(web)
    expect(told(await exchange(accounts, token, { scope: 'payments', resource: PAYMENTS }))).toBe('400 invalid_scope')
    expect(told(await exchange(accounts, token, { resource: PAYMENTS }))).toBe('400 invalid_target')
  })

  it('TEX-08 without a map nothing becomes anything else', async () => {
    const { web, accounts } = await chain({ accounts: { tokenExchange: undefined } })
    const token = await adasToken(web)
    expect(told(await exchange(accounts, token, { scope: 'payments', resource: PAYMENTS }))).toBe('400 invalid_scope')
    expect(claimsOf(await exchanged(accounts, token, { resource: API }))['scope']).toBe('accounts:read')
  })

  it('TEX-08 a scope by the same name at another API is another scope', async () => {
    const all = ['accounts:read', 'accounts:write', 'files', 'payments']
    const { web, accounts, files } = await chain({ accounts: { scopes: all } })
    const token = await adasToken(web, { scope: 'openid accounts:read accounts:write' })
    expect(told(await exchange(accounts, token, { scope: 'accounts:write', resource: FILES }))).toBe('400 invalid_target')
    const there = await exchanged(accounts, token, { resource: FILES })
    expect((await introspect(files, there)).body['scope']).toBe('files')
    expect(claimsOf(await exchanged(accounts, token, { scope: 'accounts:write', resource: API }))['scope']).toBe('accounts:write')
  })

  it('TEX-08 userinfo is opened by a token that opened it, when it is asked for, and never without a word', async () => {
    const { web, accounts } = await chain()
    const both = (await web.tokens({ scope: 'openid accounts:read' })).access
    const token = await exchanged(accounts, both, { scope: 'openid' })
    expect(claimsOf(token)['aud']).toBe(ISSUER)
    expect((await accounts.userinfo(token)).body['sub']).toBe('u_ada')
    expect(claimsOf(await exchanged(accounts, both, { resource: ISSUER }))['scope']).toBe('openid')
    expect(claimsOf(await exchanged(accounts, both, { resource: PAYMENTS, scope: 'openid payments' }))).toMatchObject({
      aud: PAYMENTS,
      scope: 'payments',
    })
    expect(claimsOf(await exchanged(accounts, both, { resource: API }))).toMatchObject({ aud: API, scope: 'accounts:read' })
  })

  it('TEX-08 userinfo needs openid, and no exchange gives offline_access', async () => {
    const { web } = await chain()
    const { access } = await web.tokens({ scope: 'openid profile offline_access accounts:read' })
    expect(told(await exchange(web, access, { scope: 'profile' }))).toBe('400 invalid_target')
    expect(told(await exchange(web, access, { scope: 'profile', resource: ISSUER }))).toBe('400 invalid_target')
    expect(told(await exchange(web, access, { scope: 'openid offline_access' }))).toBe('400 invalid_scope')
    expect(claimsOf(await exchanged(web, access, { resource: ISSUER }))['scope']).toBe('openid profile')
  })

  it('TEX-08 authorization_details go along where they are for the audience, narrowed if asked, never more', async () => {
    const detail = { type: 'account_information', locations: [API, PAYMENTS], actions: ['list', 'read'] }
    const authorizationDetailsTypes = [PAYMENT.type, ACCOUNTS.type]
    const { web, accounts } = await chain(
      { web: { authorizationDetailsTypes }, accounts: { authorizationDetailsTypes: [ACCOUNTS.type] } },
      { authorizationDetailsTypes: [PAYMENT, ACCOUNTS] },
    )
    const pay = { type: PAYMENT.type, instructedAmount: { currency: 'EUR', amount: '1' }, creditorName: 'Shop' }
    const here = { ...detail, locations: [API] }
    const token = await adasToken(web, { authorization_details: JSON.stringify([detail, here, pay]) })
    const answer = await exchange(accounts, token, { resource: PAYMENTS })
    // Neither what is for the accounts API alone, nor a type that this client may not have.
    expect(answer.body['authorization_details']).toEqual([detail])
    expect(claimsOf(String(answer.body['access_token']))['authorization_details']).toEqual([detail])
    const less = { ...detail, locations: [PAYMENTS], actions: ['list'] }
    const narrow = { resource: PAYMENTS, authorization_details: JSON.stringify([less]) }
    expect((await exchange(accounts, token, narrow)).body['authorization_details']).toEqual([less])
    const more = { resource: PAYMENTS, authorization_details: JSON.stringify([{ ...detail, actions: ['delete'] }]) }
    expect(told(await exchange(accounts, token, more))).toBe('400 invalid_authorization_details')
    expect(told(await exchange(accounts, token, { resource: PAYMENTS, authorization_details: '[' }))).toBe(
      '400 invalid_authorization_details',
    )
  })
})

describe('how long it lives', () => {
  it('TEX-08 TOK-06 never longer than the subject token, and not longer than the resource allows', async () => {
    const { web, accounts, files, as } = await chain({ accounts: { dpopBoundAccessTokens: true }, keys: { accounts: KEY } })
    const token = await adasToken(web, { scope: 'openid accounts:read accounts:write' })
    const { exp } = claimsOf(token) as { readonly exp: number }
    const there = async (): Promise<unknown> =>
      (await introspect(files, await exchanged(accounts, token, { resource: FILES, scope: 'files' }))).body['exp']
    expect(await there()).toBe(as.clock.now() + 200)
    as.clock.advance(299)
    expect(await there()).toBe(exp)
    const last = await exchange(accounts, token, { resource: PAYMENTS })
    expect(last.body).toMatchObject({ expires_in: 1, token_type: 'DPoP' })
  })

  it('TEX-08 the token of a machine gives nothing about a person', async () => {
    const { robot, accounts } = await chain()
    const token = await machineToken(robot, { resource: API })
    expect(told(await exchange(accounts, token, { scope: 'openid' }))).toBe('400 invalid_scope')
    expect(told(await exchange(accounts, token, { resource: ISSUER }))).toBe('400 invalid_target')
  })
})
