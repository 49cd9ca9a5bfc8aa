import { json } from '@holdfast/protocol/http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { generateKeyPair } from '@holdfast/proof/node'
import type { NamedCheck } from '@holdfast/protocol/witness'
import { headerChecks, originChecks } from './csrf.ts'
import { sessionChecks } from './sessions/session-checks.ts'
import { FOREIGN } from './test/foreign-server.ts'
import { type Heard, hearing } from './test/heard.ts'
import { call, COOKIE, CSRF, sessionOf, SHOP, signIn, startWorld, type World } from './test/world.ts'

let world: World
let heard: Heard
const begin = (over: Parameters<typeof startWorld>[0] = {}): void => {
  world = startWorld(over)
  heard = hearing(world)
}
beforeEach(() => begin())
afterEach(() => expect(world.net.faults).toEqual([]))

const about = (subject: string, ...checks: readonly string[]): readonly string[] => checks.map((check) => `${subject}: ${check}`)
const REQUEST = about('request', 'csrf header', 'Origin', 'Fetch Metadata')
const SESSION = about('session', 'cookie known', 'application', 'idle end', 'absolute end', 'opens')
const LOGIN = about('request', 'navigation')
const RESPONSE = about(
  'authorization response',
  'one state',
  'transaction cookie',
  'state',
  'issuer of the transaction',
  'age of the transaction',
  'iss and state',
  'error',
)
const TOKENS = [
  ...about('token response', 'error'),
  ...about('ID token', 'claims', 'signature', 'aud', 'iat', 'acr where asked for'),
  ...about('token response', 'access token'),
]
const last = (): unknown => {
  const { about: subject, check, rule, refused } = heard.findings.at(-1) ?? {}
  expect(heard.findings.slice(0, -1).filter((finding) => finding.refused !== undefined)).toEqual([])
  return [`${subject}: ${check}`, rule, refused]
}

describe('a call of a page', () => {
  test('BFF-32 BFF-34 BFF-06: every check of the request and of the session, in order, at the session endpoint and before an API', async () => {
    const browser = await signIn(world)
    for (const ask of [() => sessionOf(browser), () => call(browser), () => call(browser)]) {
      heard.forget()
      await ask()
      expect(heard.names()).toEqual([...REQUEST, ...SESSION])
      expect(heard.findings.filter(({ refused }) => refused !== undefined)).toEqual([])
    }
  })

  test('BFF-05: what is renewed or asked for again is told once', async () => {
    const browser = await signIn(world)
    heard.forget()
    expect((await call(browser, '/api/refuses')).status).toBe(401)
    expect(heard.names()).toEqual([...REQUEST, ...SESSION])
  })

  test('BFF-08 of a session in a cookie', async () => {
    begin({ sessions: 'cookie' })
    const browser = await signIn(world)
    heard.forget()
    await sessionOf(browser)
    expect(heard.names()).toEqual([...REQUEST, ...about('session', 'cookie known', 'not ended', 'application', 'idle end', 'absolute end')])
  })

  test('BFF-30: where nobody must be signed in, the lack of a session is no refusal', async () => {
    begin({ apis: [{ path: '/api', upstream: 'https://orders.example/v1', anonymous: 'pass' }] })
    const headers = Object.entries(CSRF.headers as Record<string, string>)
    expect((await world.net.send(`${SHOP}/api/orders`, { headers })).status).toBe(200)
    expect(heard.names()).toEqual(REQUEST)
  })

  test.each<[string, string, RequestInit, string]>([
    ['request: csrf header', 'BFF-32', {}, 'the header x-holdfast-csrf is missing'],
    ['request: Origin', 'BFF-34', { headers: { ...CSRF.headers, origin: 'https://blog.shop.example' } }, 'the header Origin is not'],
    ['request: Fetch Metadata', 'BFF-34', { headers: { ...CSRF.headers, 'sec-fetch-site': 'same-site' } }, 'the header Sec-Fetch-Site'],
  ])('the list ends in what refused it: %s', async (name, rule, init, words) => {
    const headers = Object.entries((init.headers ?? {}) as Record<string, string>)
    const reply = await world.net.send(`${SHOP}/bff/session`, { headers })
    const { error_description: description } = JSON.parse(reply.body) as Record<string, string>
    expect(description).toContain(words)
    expect(last()).toEqual([name, rule, description])
    expect(heard.names()).toEqual(REQUEST.slice(0, REQUEST.indexOf(name) + 1))
  })

  test.each<[string, string, (browser: Awaited<ReturnType<typeof signIn>>) => unknown]>([
    ['session: cookie known', 'BFF-08', (browser) => browser.cookies.set(SHOP, `${COOKIE}=another; Path=/; Secure; HttpOnly`)],
    ['session: idle end', 'BFF-06', () => world.clock.advance(1800)],
  ])('the list ends in what refused it: %s', async (name, rule, breaks) => {
    const browser = await signIn(world)
    breaks(browser)
    heard.forget()
    expect((await call(browser)).status).toBe(401)
    expect(last()).toEqual([name, rule, expect.any(String)])
    expect(heard.names()).toEqual([...REQUEST, ...SESSION.slice(0, SESSION.indexOf(name) + 1)])
  })

  test('BFF-06 the absolute end, however busy the session is', async () => {
    begin({ lifetime: { idle: 1800, absolute: 1800 } })
    const browser = await signIn(world)
    world.clock.advance(1799)
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    // The record is moved on, as if it had been used.
    const rows = sessionChecks as unknown as NamedCheck<never, never>[]
    const [idle] = rows.splice(1, 1)
    try {
      world.clock.advance(1)
      heard.forget()
      await call(browser)
      expect(last()).toEqual(['session: absolute end', 'BFF-06', 'the session is older than any may be'])
    } finally {
      rows.splice(1, 0, idle as NamedCheck<never, never>)
    }
  })

  test('BFF-35: the link that signs out, of this session and of another', async () => {
    const browser = await signIn(world)
    const { logout_url: link } = await sessionOf(browser)
    heard.forget()
    await browser.goto(`${SHOP}/bff/logout?t=x`)
    expect(last()).toEqual(['request: sign-out link', 'BFF-35', expect.stringContaining('sign-out needs the header')])
    heard.forget()
    await browser.goto(SHOP + String(link))
    expect(heard.names()[0]).toBe('request: sign-out link')
    expect(heard.findings[0]?.refused).toBeUndefined()
  })
})

describe('a sign-in', () => {
  test('BFF-07 MCP-51 OIDC-37: every check, in order', async () => {
    await signIn(world)
    expect(heard.names()).toEqual([...LOGIN, ...RESPONSE, ...TOKENS])
    expect(heard.findings.filter(({ refused }) => refused !== undefined)).toEqual([])
  })

  test.each<[string, string, () => unknown]>([
    ['authorization response: one state', 'BFF-07', () => (world.server.response = { state: undefined })],
    ['authorization response: transaction cookie', 'BFF-07', () => (world.server.response = { state: 'another' })],
    ['authorization response: iss and state', 'MCP-51', () => (world.server.response = { iss: 'https://evil.example' })],
    ['authorization response: error', 'OA-34', () => (world.server.response = { code: undefined, error: 'access_denied' })],
    ['token response: error', 'OA-34', () => (world.server.response = { code: 'another' })],
    ['ID token: claims', 'OIDC-37', () => (world.server.claims = { nonce: 'another' })],
    ['ID token: signature', 'OIDC-37', () => (world.server.key = { ...world.server.key, privateKey: generateKeyPair('ES256').privateKey })],
    ['ID token: aud', 'OIDC-37', () => (world.server.claims = { aud: ['shop', 'other'], azp: 'shop' })],
    ['ID token: iat', 'OIDC-37', () => (world.server.claims = { iat: world.clock.now() + 11 })],
    ['token response: access token', 'DPOP-62', () => (world.server.tokens = { token_type: 'Bearer' })],
  ])('the list ends in what refused it: %s', async (name, rule, breaks) => {
    breaks()
    await world.browser().goto(`${SHOP}/bff/login`)
    expect(last()).toEqual([name, rule, expect.stringMatching(/./)])
    const all = [...LOGIN, ...RESPONSE, ...TOKENS]
    expect(heard.names()).toEqual(all.slice(0, all.indexOf(name) + 1))
  })

  test('STEP-23: a level that was asked for and not met', async () => {
    world.server.claims = { acr: 'low' }
    await world.browser().goto(`${SHOP}/bff/login?acr_values=high`)
    expect(last()).toMatchObject(['ID token: acr where asked for', 'STEP-23', expect.any(String)])
  })

  test('BFF-04: what is no navigation', async () => {
    await world.net.send(`${SHOP}/bff/login`, { headers: [['sec-fetch-mode', 'cors']] })
    expect(last()).toMatchObject(['request: navigation', 'BFF-04', expect.any(String)])
  })

  test('an outage is no refusal', async () => {
    world.server.instead = () => ({ status: 503, headers: {}, body: '' })
    await world.browser().goto(`${SHOP}/bff/login`)
    expect(heard.names()).toEqual([...LOGIN, ...RESPONSE])
  })

  test('DPOP-65: a nonce that is asked for is no refusal, and nothing is told twice', async () => {
    let asked = false
    const { handler } = world.server
    world.net.host(FOREIGN, (request) => {
      if (asked || request.path !== '/token') return handler(request)
      asked = true
      return Promise.resolve(json(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n1' }))
    })
    await signIn(world)
    expect(asked).toBe(true)
    expect(heard.names()).toEqual([...LOGIN, ...RESPONSE, ...TOKENS])
  })
})

describe('what decides is what is heard', () => {
  test.each([
    ['request: csrf header', headerChecks, {}],
    ['request: Origin', originChecks, { ...CSRF.headers, origin: 'https://evil.example' }],
  ] as const)('a row that is taken out is heard of no more, and refuses no more: %s', async (name, table, headers) => {
    const rows = table as unknown as NamedCheck<never, never>[]
    const [row] = rows.splice(0, 1)
    try {
      const reply = await world.net.send(`${SHOP}/bff/session`, { headers: Object.entries(headers) })
      expect([reply.status, heard.names()]).toEqual([200, [...REQUEST.filter((one) => one !== name), 'session: cookie known']])
    } finally {
      rows.unshift(row as NamedCheck<never, never>)
    }
  })

  test('BFF-02: what it hears holds no code, no token, no state, no cookie and no person', async () => {
    const browser = await signIn(world)
    await call(browser)
    const text = JSON.stringify(heard.findings)
    const values = world.net.traffic.flatMap(({ url, requestBody }) => [
      ...new URL(url).searchParams.values(),
      ...new URLSearchParams(requestBody).values(),
    ])
    const secrets = [
      ...values.filter((value) => value.length > 20 && !value.startsWith('http') && !value.startsWith('urn:')),
      ...world.shown,
      ...browser.cookies.all().map(({ value }) => value),
    ]
    expect(secrets.length).toBeGreaterThan(8)
    for (const secret of secrets) expect(text).not.toContain(secret)
  })
})
