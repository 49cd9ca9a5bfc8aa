import { describe, expect, it } from 'vitest'
import { KEY, OTHER_KEY, told } from '../test/application.ts'
import { adasToken, chain, claimsOf, exchange, exchanged, FILES } from '../test/exchange.ts'
import { introspect, machineToken, PAYMENTS } from '../test/resource-server.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { API, PASSWORD } from '../test/server.ts'
import { ACCESS_TOKEN } from './token-exchange.ts'

const actor = (token: string): Record<string, string> => ({ actor_token: token, actor_token_type: ACCESS_TOKEN, resource: PAYMENTS })

describe('delegation and impersonation (RFC 8693 §1.1)', () => {
  it('TEX-09 RFC 8693 §4.1: the subject of actor_token is the actor', async () => {
    const { web, accounts } = await chain()
    const own = await machineToken(accounts, { scope: 'payments', resource: PAYMENTS })
    const token = await exchanged(accounts, await adasToken(web), actor(own))
    expect(claimsOf(token)['act']).toEqual({ sub: 'accounts-api', client_id: 'accounts-api' })
  })

  it('TEX-09 RFC 8693 §4.1: a person can be the actor: support acts for Ada', async () => {
    const { web, as } = await chain()
    const hers = await adasToken(web)
    as.people.set('u_bob', { sub: 'u_bob', username: 'bob', displayName: 'Bob', claims: {}, disabled: false })
    const bob = new Person(as)
    const asked = await bob.authorize(authorizationParameters({ scope: 'accounts:read' }))
    const signedIn = await bob.signIn(asked, { username: 'bob', password: PASSWORD })
    const seen = await bob.submit(await bob.go(signedIn.location ?? ''), { answer: 'allow' })
    const his = await web.redeem(seen.location?.searchParams.get('code') ?? '')
    const token = await exchanged(web, hers, { ...actor(String(his.body['access_token'])), resource: API })
    expect(claimsOf(token)).toMatchObject({ sub: 'u_ada', act: { sub: 'u_bob', client_id: 'web' } })
  })

  it('TEX-03 an actor token must be the own of the client, live, and not itself used by an actor', async () => {
    const { web, accounts, robot } = await chain()
    const subject = await adasToken(web)
    const hers = await machineToken(robot, { resource: API })
    // It is for this API, which may exchange it as a subject; as an actor it would say that the robot did what the API does.
    expect(told(await exchange(accounts, hers, { resource: PAYMENTS }))).toBe('200')
    expect(told(await exchange(accounts, subject, actor(hers)))).toBe('400 invalid_request')
    const own = await machineToken(accounts, { scope: 'payments', resource: PAYMENTS })
    const delegated = await exchanged(accounts, hers, { resource: PAYMENTS })
    expect(told(await exchange(accounts, subject, actor(delegated)))).toBe('400 invalid_request')
    expect(told(await exchange(accounts, subject, actor(own)))).toBe('200')
    expect((await accounts.post('/revoke', { token: own })).status).toBe(200)
    expect(told(await exchange(accounts, subject, actor(own)))).toBe('400 invalid_request')
  })

  it('TEX-09 with the operator’s leave the new token names no actor, and still those who acted before', async () => {
    const scopes = { 'accounts:read': ['payments'], payments: ['files'] }
    const { web, accounts, payments, files } = await chain({ accounts: { tokenExchange: { impersonation: true, scopes } } })
    const second = await exchanged(accounts, await adasToken(web), { resource: PAYMENTS })
    expect(claimsOf(second)).toMatchObject({ sub: 'u_ada', client_id: 'accounts-api' })
    expect(claimsOf(second)).not.toHaveProperty('act')
    const third = await exchanged(payments, second, { resource: FILES })
    expect((await introspect(files, third)).body['act']).toEqual({ sub: 'payments-api', client_id: 'payments-api' })
    const both = await chain({ payments: { tokenExchange: { impersonation: true, scopes } } })
    const before = await exchanged(both.accounts, await adasToken(both.web), { resource: PAYMENTS })
    const after = await exchanged(both.payments, before, { resource: FILES })
    expect((await introspect(both.files, after)).body['act']).toEqual({ sub: 'accounts-api', client_id: 'accounts-api' })
  })
})

describe('may_act (RFC 8693 §4.4)', () => {
  it('TEX-10 INT-07 it stands in the tokens of the client that registered it, JWT and opaque', async () => {
    const mayAct = { client_id: 'accounts-api' }
    const { web, accounts, robot, files } = await chain({ web: { mayAct }, robot: { mayAct: { sub: 'x' } } })
    const token = await adasToken(web)
    expect(claimsOf(token)['may_act']).toEqual(mayAct)
    expect((await introspect(accounts, token)).body['may_act']).toEqual(mayAct)
    const opaque = await machineToken(robot, { scope: 'files', resource: FILES })
    expect((await introspect(files, opaque)).body['may_act']).toEqual({ sub: 'x' })
  })

  it.each<[string, { client_id?: string; sub?: string }, string]>([
    ['the client', { client_id: 'accounts-api' }, '200'],
    ['the subject', { sub: 'accounts-api' }, '200'],
    ['both', { sub: 'accounts-api', client_id: 'accounts-api' }, '200'],
    ['another client', { client_id: 'agent' }, '400 invalid_request'],
    ['another subject', { sub: 'u_bob' }, '400 invalid_request'],
    ['the right client and another subject', { sub: 'u_bob', client_id: 'accounts-api' }, '400 invalid_request'],
    ['the right subject and another client', { sub: 'accounts-api', client_id: 'agent' }, '400 invalid_request'],
  ])('TEX-10 it names %s', async (_name, mayAct, expected) => {
    for (const impersonation of [false, true]) {
      const tokenExchange = { impersonation, scopes: { 'accounts:read': ['payments'] } }
      const { web, accounts } = await chain({ web: { mayAct }, accounts: { tokenExchange } })
      const token = await adasToken(web)
      expect(told(await exchange(accounts, token, { resource: PAYMENTS }))).toBe(expected)
      const own = await machineToken(accounts, { scope: 'payments', resource: PAYMENTS })
      expect(told(await exchange(accounts, token, actor(own)))).toBe(expected)
    }
  })
})

describe('bound tokens (RFC 9449, RFC 8693 §2.1)', () => {
  it('TEX-11 A69 a bound token is exchanged by its client with a proof by its key, and not as bearer or by another key', async () => {
    const { web } = await chain({ keys: { web: KEY } })
    const token = await adasToken(web)
    expect(claimsOf(token)).toHaveProperty('cnf.jkt')
    for (const thief of [undefined, OTHER_KEY])
      expect(told(await exchange(web.holding(thief), token, { resource: API }))).toBe('400 invalid_request')
    const answer = await exchange(web, token, { resource: API })
    expect(answer.body['token_type']).toBe('DPoP')
    expect(claimsOf(String(answer.body['access_token']))['cnf']).toEqual(claimsOf(token)['cnf'])
  })

  it('TEX-11 A69 a third party cannot exchange a bound token, with whatever key', async () => {
    const { web, third } = await chain({ keys: { web: KEY } })
    const token = await adasToken(web)
    for (const key of [undefined, KEY, OTHER_KEY])
      expect(told(await exchange(third.holding(key), token, { resource: API }))).toBe('400 invalid_request')
  })

  it('TEX-11 A69 the API that it is for exchanges it without its key, and gets a token bound to a key of its own, never a bearer token', async () => {
    const { web, accounts } = await chain({ keys: { web: KEY } })
    const token = await adasToken(web)
    expect(told(await exchange(accounts, token, { resource: PAYMENTS }))).toBe('400 invalid_request')
    const answer = await exchange(accounts.holding(OTHER_KEY), token, { resource: PAYMENTS })
    expect(answer.body['token_type']).toBe('DPoP')
    const cnf = claimsOf(String(answer.body['access_token']))['cnf']
    expect(cnf).toHaveProperty('jkt')
    expect(cnf).not.toEqual(claimsOf(token)['cnf'])
  })

  it('TEX-11 an actor token that is bound needs its key too', async () => {
    const { web, accounts } = await chain({ keys: { accounts: KEY } })
    const own = await machineToken(accounts, { scope: 'payments', resource: PAYMENTS })
    const subject = await adasToken(web)
    expect(told(await exchange(accounts.holding(OTHER_KEY), subject, actor(own)))).toBe('400 invalid_request')
    expect(told(await exchange(accounts.holding(undefined), subject, actor(own)))).toBe('400 invalid_request')
    expect(told(await exchange(accounts, subject, actor(own)))).toBe('200')
  })
})
