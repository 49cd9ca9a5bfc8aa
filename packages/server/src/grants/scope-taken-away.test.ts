import { expect, test } from 'vitest'
import { Application, type Tokens, told } from '../test/application.ts'
import { client, startServer } from '../test/server.ts'

const ASKED = 'openid accounts:read accounts:write'

/** The same store under a configuration where the client is registered for less. */
async function narrowed(one: Application, scopes: readonly string[]): Promise<Application> {
  const as = await startServer([client({ scopes })], { store: one.as.store, clock: one.as.clock })
  return new Application(as, client({ scopes }))
}

async function granted(): Promise<{ readonly one: Application; readonly tokens: Tokens }> {
  const one = new Application(await startServer([client()]), client())
  return { one, tokens: await one.tokens({ scope: ASKED }) }
}

test('OA-26 RT-07 a scope that an operator took away from a client is in no token refreshed since, and back when it is given back', async () => {
  const { one, tokens } = await granted()
  const less = await narrowed(one, ['openid', 'accounts:read'])
  const answer = await less.refresh(tokens.refresh)
  expect(answer.body['scope']).toBe('openid accounts:read')
  expect(answer.body['id_token']).toBeTypeOf('string')
  expect((await one.refresh(String(answer.body['refresh_token']))).body['scope']).toBe(ASKED)
})

test('OA-26 OA-59 asking for it by name is invalid_scope, and spends nothing', async () => {
  const { one, tokens } = await granted()
  const less = await narrowed(one, ['openid', 'accounts:read'])
  expect(told(await less.refresh(tokens.refresh, { scope: 'accounts:write' }))).toBe('400 invalid_scope')
  expect(told(await less.refresh(tokens.refresh))).toBe('200')
})

test('OA-26 without any scope left there is no token, and without openid no ID token', async () => {
  const { one, tokens } = await granted()
  expect(told(await (await narrowed(one, ['email'])).refresh(tokens.refresh))).toBe('400 invalid_scope')
  const { body } = await (await narrowed(one, ['accounts:read'])).refresh(tokens.refresh)
  expect(body['scope']).toBe('accounts:read')
  expect(body['id_token']).toBeUndefined()
})

test('OA-26 a code that was made before gives what the client may have when it is redeemed', async () => {
  const one = new Application(await startServer([client()]), client())
  const code = await one.code({ scope: ASKED })
  const { body } = await (await narrowed(one, ['accounts:read'])).redeem(code)
  expect(body['scope']).toBe('accounts:read')
  expect(body['id_token']).toBeUndefined()
})
