import { afterEach, expect, test } from 'vitest'
import { StoreUnavailable } from '@holdfast/store'
import { json } from '@holdfast/protocol/http'
import { API, call, hosting, sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'

let world: World
afterEach(() => expect(world.net.faults).toEqual([]))

test('BFF-05: a lease that ran out, and another process that renewed for another API: an old refresh token that is refused ends nothing', async () => {
  world = startWorld({
    apis: [
      { path: '/api', upstream: API },
      { path: '/second', upstream: 'https://orders.example/v2' },
    ],
  })
  const browser = await signIn(world)
  world.clock.advance(400)
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  world.server.instead = async () => {
    begun.resolve()
    await gate.promise
    return json(400, { error: 'invalid_grant' })
  }
  const slow = call(browser)
  await begun.promise
  world.server.instead = undefined
  world.clock.advance(11)
  world.net.host(SHOP, hosting(world.another()))
  expect((await call(browser, '/second')).status).toBe(200)
  gate.resolve()
  expect((await slow).status).toBe(503)
  expect(await sessionOf(browser)).toMatchObject({ active: true })
  expect((await call(browser)).status).toBe(200)
})

test('BFF-10: a session that could not be written leaves no refresh token behind', async () => {
  world = startWorld()
  world.store.commit = () => Promise.reject(new StoreUnavailable('away'))
  const browser = await world.browser().goto(`${SHOP}/bff/login`)
  expect(browser.status).toBe(503)
  expect(world.server.revoked).toHaveLength(1)
})
