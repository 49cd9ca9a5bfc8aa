import { neighbourhood } from '@holdfast/protocol/neighbourhood'
import { createProcessMemory } from '@holdfast/proof/memory'
import { describe, expect, test } from 'vitest'
import { times } from '../test/application.ts'
import { startRegistrar } from '../test/registrar.ts'
import { HeldClock } from '../test/server.ts'
import { SignInLimit } from './sign-in-limit.ts'
import { attemptUserCode } from './user-code-limit.ts'

const clock = new HeldClock()
const NOW = clock.now()
const limit = (): SignInLimit => new SignInLimit(createProcessMemory({ clock }))

async function allowed(count: number, attempt: (index: number) => Promise<{ readonly allowed: boolean }>): Promise<number> {
  let passed = 0
  for (let index = 0; index < count; index++) if ((await attempt(index)).allowed) passed++
  return passed
}

describe('whom a limit by address counts as one', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8::1:2:3:4', '2001:db8:0:0'],
    ['2001:0db8:0000:0000:0001:0002:0003:0004', '2001:db8:0:0'],
    ['2001:db8:0:7::', '2001:db8:0:7'],
    ['::1', '0:0:0:0'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('%s', (address, one) => {
    expect(neighbourhood(address)).toBe(one)
  })
  test('REG-02 a /64 full of zeros registers no more clients than any other', async () => {
    const { as } = await startRegistrar({ open: true, perAddress: 3 })
    const statuses = []
    for (const last of ['1', 'a:b:c:d', 'ffff:1:2:3', '2:2:2:2']) {
      const body = new TextEncoder().encode(JSON.stringify({ redirect_uris: ['https://b.example/cb'], token_endpoint_auth_method: 'none' }))
      const reply = await as.server.handler({
        method: 'POST',
        path: '/register',
        query: '',
        clientAddress: `2001:db8::${last}`,
        clientCertificate: undefined,
        headers: (name) => (name === 'content-type' ? ['application/json'] : []),
        body: () => Promise.resolve(body),
      })
      statuses.push(reply.status)
    }
    expect(statuses).toEqual([201, 201, 201, 429])
  })
  test('forty sign-ins of a /64, whatever the names and addresses', async () => {
    const signIn = limit()
    expect(await allowed(60, (index) => signIn.attempt(`name-${index}`, `2001:db8:1:2::${index + 1}`, false, NOW))).toBe(40)
  })
})

describe('where addresses are unknown', () => {
  test('strangers who try names lock nobody else out', async () => {
    const signIn = limit()
    await allowed(500, (index) => signIn.attempt(`name-${index}`, '', false, NOW))
    expect((await signIn.attempt('ada', '', false, NOW)).allowed).toBe(true)
  })
  test('strangers who try one name lock it for strangers, and a known device has its own count', async () => {
    const signIn = limit()
    expect(await allowed(80, () => signIn.attempt('ada', '', false, NOW))).toBe(50)
    expect(await allowed(20, () => signIn.attempt('ada', '', true, NOW))).toBe(10)
  })
  test('DEV-13 RFC 8628 §5.1: people who guess user codes lock nobody else out', async () => {
    const memory = createProcessMemory({ clock })
    const guess = (index: number): ReturnType<typeof attemptUserCode> =>
      attemptUserCode(memory, { sessionId: `s${index}`, subject: `u_${index}`, address: '' }, NOW)
    await Promise.all(times(40, guess))
    expect((await guess(99)).allowed).toBe(true)
  })
})
