import { describe, expect, test } from 'vitest'
import { addStoredClient, removeStoredClient } from '../index.ts'
import { Application, told } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { client, publicClient, startServer, type TestServer } from '../test/server.ts'

/** Two servers on one store and one clock, and a client that was stored through neither. */
async function two(): Promise<{
  readonly first: TestServer
  readonly second: TestServer
  readonly one: Application
  readonly other: Application
}> {
  const first = await startServer([])
  const second = await startServer([], { store: first.store, clock: first.clock })
  await addStoredClient(first.store, client(), first.clock)
  return { first, second, one: new Application(first, client()), other: new Application(second, client()) }
}

describe('PAR-21 RT-09 a stored client that was removed is refused within a second, by every server', () => {
  test('at the token, PAR, revocation and authorization endpoints', async () => {
    const { first, one, other } = await two()
    const { refresh, access } = await one.tokens()
    // The second server knows it too, and has it cached.
    expect(told(await other.refresh('x'))).toBe('400 invalid_grant')
    expect(await removeStoredClient(first.store, 'web', first.clock)).toBe('removed')
    first.clock.advance(1)
    const pushed = Object.fromEntries(authorizationParameters())
    for (const each of [one, other]) {
      expect(told(await each.refresh(refresh))).toBe('401 invalid_client')
      expect(told(await each.post('/par', pushed))).toBe('401 invalid_client')
      expect(told(await each.post('/revoke', { token: refresh }))).toBe('401 invalid_client')
      expect(told(await each.userinfo(access))).toBe('401 invalid_token')
      expect((await each.person.authorize()).status).toBe(400)
    }
  })

  test('in the same second the commit catches what the cache does not: nothing is issued', async () => {
    const { first, one, other } = await two()
    const code = await other.code()
    expect(told(await other.refresh('x'))).toBe('400 invalid_grant')
    await removeStoredClient(first.store, 'web', first.clock)
    expect(told(await other.redeem(code))).not.toBe('200')
    expect(told(await other.post('/par', Object.fromEntries(authorizationParameters())))).toBe('401 invalid_client')
    expect(told(await one.post('/par', Object.fromEntries(authorizationParameters())))).toBe('401 invalid_client')
  })

  test('a client that was removed and added again starts without the old grants', async () => {
    const { first, one } = await two()
    const { refresh, access } = await one.tokens()
    await removeStoredClient(first.store, 'web', first.clock)
    await addStoredClient(first.store, client(), first.clock)
    first.clock.advance(1)
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
    expect(told(await one.userinfo(access))).toBe('401 invalid_token')
    expect((await one.tokens()).answer.status).toBe(200)
  })

  test('REG-22 and without the consents: people are asked anew about whoever has that client_id now', async () => {
    const { first, one } = await two()
    await one.tokens()
    const consents = async (): Promise<number> => (await first.store.list('consent', 'clientId', 'web', { limit: 10 })).items.length
    expect(await consents()).toBe(1)
    await removeStoredClient(first.store, 'web', first.clock)
    expect(await consents()).toBe(0)
  })
})

test('a stored client is known at once, and a changed one within a second', async () => {
  const { first, second } = await two()
  const late = publicClient({ clientId: 'late' })
  const app = new Application(second, late)
  expect(told(await app.refresh('x'))).toBe('401 invalid_client')
  await addStoredClient(first.store, late, first.clock)
  expect(told(await app.refresh('x'))).toBe('400 invalid_grant')
})

test('a client that is both configured and stored stops the start', async () => {
  const { first } = await two()
  await expect(startServer([client()], { store: first.store })).rejects.toThrow('both configured and stored')
})
