import { afterEach, describe, expect, test, vi } from 'vitest'
import { call, CSRF, sessionOf, SHOP, signIn, startWorld } from './test/world.ts'
import type { BffOptions } from './options.ts'

afterEach(() => vi.restoreAllMocks())

describe.each<[string, BffOptions['onEvent'] & object]>([
  [
    'throws',
    () => {
      throw new Error('the log is away')
    },
  ],
  ['rejects', (() => Promise.reject(new Error('the log is away'))) as () => void],
])('an onEvent that %s', (_name, onEvent) => {
  test('breaks no request, and what it was told is on stderr', async () => {
    const lines: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
    const world = startWorld({ onEvent, unsafeWithoutPar: true })
    const browser = await signIn(world)
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    world.clock.advance(400)
    world.server.instead = () => ({ status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":"invalid_grant"}' })
    expect((await call(browser)).status).toBe(401)
    expect((await browser.fetch(`${SHOP}/bff/logout`, { ...CSRF, method: 'POST' })).status).toBe(200)
    expect(world.net.faults).toEqual([])
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['option.unsafe', 'session.started', 'session.ended'])
  })
})

test.each([
  ['a line of its own', 'secret\ntoken'],
  ['a letter of no header', 'secrét token €'],
  ['a space', 'secret token'],
])('BFF-02: a token with %s is in no header, and not in what the operator is told', async (_name, token) => {
  const events: unknown[] = []
  const world = startWorld({ onEvent: (event) => events.push(event) })
  world.server.tokens = { access_token: token }
  const browser = await world.browser().goto(`${SHOP}/bff/login`)
  expect([browser.status, browser.text('h1')]).toEqual([400, 'Sign-in did not work'])
  expect(events).toEqual([expect.objectContaining({ type: 'login.failed', kind: 'unsound', code: 'access_token' })])
  expect(JSON.stringify([events, world.net.faults])).not.toContain('secr')
})
