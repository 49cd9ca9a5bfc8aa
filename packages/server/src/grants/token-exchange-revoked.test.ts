import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type Application, tally, times, told } from '../test/application.ts'
import { adasToken, type Chain, chain, claimsOf, exchange, exchanged, FILES } from '../test/exchange.ts'
import { introspect, machineToken, PAYMENTS } from '../test/resource-server.ts'
import { API } from '../test/server.ts'

async function active(by: Application, token: string): Promise<boolean> {
  return (await introspect(by, token)).body['active'] === true
}

/** Ada's token and what came of it: at the payments API, and behind it an opaque one at the files API. */
async function three(over: Parameters<typeof chain>[0] = {}): Promise<Chain & { readonly tokens: readonly [string, string, string] }> {
  const parties = await chain(over)
  const first = await adasToken(parties.web)
  const second = await exchanged(parties.accounts, first, { resource: PAYMENTS })
  return { ...parties, tokens: [first, second, await exchanged(parties.payments, second, { resource: FILES })] }
}

async function liveOf({ accounts, payments, files, tokens }: Awaited<ReturnType<typeof three>>): Promise<readonly boolean[]> {
  return Promise.all([active(accounts, tokens[0]), active(payments, tokens[1]), active(files, tokens[2])])
}

describe('what an exchanged token stands on (RFC 8693 §2.1)', () => {
  it('TEX-07 REV-06 when the grant is revoked, everything that came of its tokens is over', async () => {
    const all = await three()
    expect(await liveOf(all)).toEqual([true, true, true])
    await all.web.post('/revoke', { token: all.tokens[0] })
    expect(await liveOf(all)).toEqual([false, false, false])
    for (const [by, token] of [
      [all.accounts, all.tokens[0]],
      [all.payments, all.tokens[1]],
    ] as const)
      expect(told(await exchange(by, token))).toBe('400 invalid_request')
  })

  it('TEX-07 REV-04 REV-06 who exchanged a token can revoke what it got, with all that came of it, and no more', async () => {
    const all = await three()
    await all.payments.post('/revoke', { token: all.tokens[1] })
    expect(await liveOf(all)).toEqual([true, true, true])
    await all.accounts.post('/revoke', { token: all.tokens[1] })
    expect(await liveOf(all)).toEqual([true, false, false])
    expect(told(await exchange(all.payments, all.tokens[1], { resource: FILES }))).toBe('400 invalid_request')
    const again = await all.accounts.post('/revoke', { token: all.tokens[1] })
    expect(again.status).toBe(200)
    expect(await active(all.payments, await exchanged(all.accounts, all.tokens[0], { resource: PAYMENTS }))).toBe(true)
  })

  it('TEX-07 REV-06 an opaque one that is revoked is gone, and the rest is there', async () => {
    const all = await three()
    await all.payments.post('/revoke', { token: all.tokens[2] })
    expect(await liveOf(all)).toEqual([true, true, false])
  })

  it('TEX-07 REV-06 userinfo too is over with the one token that was revoked', async () => {
    const { web, accounts } = await chain()
    const token = await exchanged(accounts, (await web.tokens({ scope: 'openid accounts:read' })).access, { scope: 'openid' })
    expect((await accounts.userinfo(token)).status).toBe(200)
    await accounts.post('/revoke', { token })
    expect((await accounts.userinfo(token)).status).toBe(401)
  })

  it.each(['jwt', 'opaque'])('TEX-07 REV-06 a machine that revokes its %s token ends what came of it', async (format) => {
    const at = format === 'jwt' ? API : FILES
    const scopes = { 'accounts:read': ['payments'], files: ['payments'] }
    const { robot, accounts, payments } = await chain({
      accounts: { protectedResources: [at], tokenExchange: { impersonation: false, scopes } },
    })
    const own = await machineToken(robot, { resource: at, scope: format === 'jwt' ? 'accounts:read' : 'files' })
    const token = await exchanged(accounts, own, { resource: PAYMENTS })
    expect(await active(payments, token)).toBe(true)
    await robot.post('/revoke', { token: own })
    expect(await active(payments, token)).toBe(false)
    expect(told(await exchange(accounts, own, { resource: PAYMENTS }))).toBe('400 invalid_request')
  })

  it('TEX-07 a person who is disabled has no tokens, exchanged ones neither', async () => {
    const all = await three()
    const ada = all.as.people.get('u_ada')
    if (ada === undefined) throw new Error('no ada')
    all.as.people.set('u_ada', { ...ada, disabled: true })
    expect(await liveOf(all)).toEqual([false, false, false])
    expect(told(await exchange(all.accounts, all.tokens[0], { resource: PAYMENTS }))).toBe('400 invalid_request')
  })

  it('TEX-07 what an application that is disabled was given ends, in other hands too', async () => {
    const all = await three()
    const off = await chain({ web: { disabled: true } }, { store: all.as.store, clock: all.as.clock })
    expect(await liveOf({ ...off, tokens: all.tokens })).toEqual([false, false, false])
  })

  it.each(['grant', 'token'])('TEX-07 of fifty exchanges while the %s is revoked, none gives a token that is alive after', async (what) => {
    const { web, robot, accounts, payments } = await chain()
    const [owner, token] = what === 'grant' ? [web, await adasToken(web)] : [robot, await machineToken(robot, { resource: API })]
    const asked = times(50, (index) =>
      index === 25 ? owner.post('/revoke', { token }) : exchange(accounts, token, { resource: PAYMENTS }),
    )
    const answers = (await Promise.all(asked)).filter((_answer, index) => index !== 25)
    const got = answers.flatMap(({ body }) => (typeof body['access_token'] === 'string' ? [body['access_token']] : []))
    expect(got.length + (tally(answers)['400 invalid_request'] ?? 0)).toBe(49)
    expect(await Promise.all(got.map((one) => active(payments, one)))).toEqual(got.map(() => false))
    expect(told(await exchange(accounts, token, { resource: PAYMENTS }))).toBe('400 invalid_request')
  })

  test('TEX-07 a revocation between reading and storing wins: no token leaves the server', async () => {
    const { web, accounts, as } = await chain()
    const token = await adasToken(web)
    const commit = as.store.commit.bind(as.store)
    let between = true
    as.store.commit = async (changes) => {
      if (between) {
        between = false
        await web.post('/revoke', { token })
      }
      return commit(changes)
    }
    expect(told(await exchange(accounts, token, { resource: PAYMENTS }))).toBe('400 invalid_request')
  })

  test('a store that is down is 503, and no token', async () => {
    const { web, accounts, as } = await chain()
    const token = await adasToken(web)
    as.store.read = () => Promise.reject(new Error('down'))
    const answer = await exchange(accounts, token, { resource: PAYMENTS })
    expect(answer.status).toBeGreaterThanOrEqual(500)
    expect(answer.body).not.toHaveProperty('access_token')
  })
})

/** Of either form. */
async function saidBy(files: Application, token: string): Promise<Readonly<Record<string, unknown>>> {
  return token.startsWith('at_') ? (await introspect(files, token)).body : claimsOf(token)
}

describe('chains of exchanges', () => {
  test('TEX-08 scopes grow by the operator’s map alone, expiry never, and the subject and sign-in stay', { timeout: 30_000 }, async () => {
    const everything = ['accounts:read', 'accounts:write', 'payments', 'files', 'openid']
    const names = ['accounts:read', 'accounts:write', 'payments', 'files']
    const map = fc.dictionary(fc.constantFrom(...names), fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }))
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 90 }),
      resource: fc.constantFrom(API, PAYMENTS, undefined),
      scope: fc.option(fc.uniqueArray(fc.constantFrom(...everything), { minLength: 1 }), { nil: undefined }),
    })
    const start = fc.uniqueArray(fc.constantFrom('accounts:read', 'accounts:write', 'payments'), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(map, start, fc.array(step, { minLength: 1, maxLength: 9 }), async (scopes, begun, steps) => {
        const { web, files, as } = await chain({ web: { scopes: everything, tokenExchange: { impersonation: false, scopes } } })
        const code = await web.tokens({ scope: ['openid', ...begun].join(' ') }, { resource: begun.includes('payments') ? PAYMENTS : API })
        let token = code.access
        for (const { wait, resource, scope } of steps) {
          as.clock.advance(wait)
          const answer = await exchange(web, token, { resource, scope: scope?.join(' ') })
          if (answer.status !== 200) continue
          const got = String(answer.body['access_token'])
          const [before, after] = [await saidBy(files, token), await saidBy(files, got)]
          const held = String(before['scope']).split(' ')
          const allowed = [...held, ...held.flatMap((one) => scopes[one] ?? [])]
          for (const one of String(after['scope']).split(' ')) {
            expect(allowed).toContain(one)
            if (scope !== undefined) expect(scope).toContain(one)
          }
          expect(Number(after['exp'])).toBeLessThanOrEqual(Number(before['exp']))
          expect([after['sub'], after['auth_time']]).toEqual([before['sub'], before['auth_time']])
          expect((after['act'] as { readonly act?: unknown }).act).toEqual(before['act'])
          token = got
        }
      }),
      { numRuns: 40 },
    )
  })
})
