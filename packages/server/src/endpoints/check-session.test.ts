import { webcrypto } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { authorizationParameters, Person } from '../test/person.ts'
import { endSessionUrl, plain, signedInAt } from '../test/logout.ts'
import { API, ISSUER, PASSWORD, publicClient, startServer, type TestServer } from '../test/server.ts'

const on = { sessions: { thirdPartyFrames: true } }
const COOKIE = '__Host-holdfast-state'

/** The frame as a browser runs it: its script, its cookie, and what it answers to a message. */
async function ask(
  as: TestServer,
  cookie: string,
  data: unknown,
  origin = 'https://app.example',
): Promise<readonly [unknown, string] | undefined> {
  const page = await (await as.fetch(`${ISSUER}/check-session`)).text()
  const script = await (await as.fetch(ISSUER + (/<script src="([^"]+)"/.exec(page)?.[1] ?? ''))).text()
  const listeners: ((event: object) => Promise<void>)[] = []
  const browser = {
    document: { cookie, documentElement: { dataset: { cookie: / data-cookie="([^"]+)"/.exec(page)?.[1] } } },
    addEventListener: (name: string, listener: (event: object) => Promise<void>) => name === 'message' && listeners.push(listener),
    crypto: webcrypto,
    TextEncoder,
    btoa,
    window: {},
  }
  runInNewContext(script, browser)
  let answer: readonly [unknown, string] | undefined
  await listeners[0]?.({ data, origin, source: { postMessage: (text: unknown, to: string) => (answer = [text, to]) } })
  return answer
}

const cookieOf = (person: Person): string => `other=1; ${COOKIE}=${person.cookies.get(COOKIE) ?? ''}`

/** Signs in and returns the `session_state` of the answer. */
async function state(person: Person, over: Readonly<Record<string, string>> = {}): Promise<string> {
  return (await person.through(authorizationParameters(over))).location?.searchParams.get('session_state') ?? ''
}

describe('LOGO-22 Session Management §3: the check frame', async () => {
  const as = await startServer([plain()], on)
  const person = new Person(as)
  const sessionState = await state(person)

  test('session_state has no space, and the frame finds it unchanged', async () => {
    expect(sessionState).toMatch(/^[\w-]{43}\.[\w-]{16}$/)
    expect(await ask(as, cookieOf(person), `web ${sessionState}`)).toEqual(['unchanged', 'https://app.example'])
  })
  test('another origin, another client, another cookie and none at all: changed, told to who asked', async () => {
    expect(await ask(as, cookieOf(person), `web ${sessionState}`, 'https://evil.example')).toEqual(['changed', 'https://evil.example'])
    expect(await ask(as, cookieOf(person), `other ${sessionState}`)).toEqual(['changed', 'https://app.example'])
    expect(await ask(as, `${COOKIE}=x`, `web ${sessionState}`)).toEqual(['changed', 'https://app.example'])
    expect(await ask(as, '', `web ${sessionState}`)).toEqual(['changed', 'https://app.example'])
  })
  test.each(['', 'web', 'web x', `web ${'a'.repeat(43)}`, ` ${'a'.repeat(43)}.b`, `web ${'a'.repeat(43)}.b c`, 7, null, {}])(
    '%j is an error',
    async (data) => {
      expect(await ask(as, cookieOf(person), data)).toEqual(['error', 'https://app.example'])
    },
  )
  test('nobody is answered who has no origin', async () => {
    expect(await ask(as, cookieOf(person), `web ${sessionState}`, 'null')).toBeUndefined()
  })
  test('two answers in one session differ in their salt, and both are unchanged', async () => {
    const second = await state(person)
    expect(second).not.toBe(sessionState)
    expect(await ask(as, cookieOf(person), `web ${second}`)).toEqual(['unchanged', 'https://app.example'])
  })
  test('the cookie tells nothing of the session', () => {
    const cookie = person.cookies.get(COOKIE) ?? ''
    expect(cookie).toMatch(/^[\w-]{43}$/)
    for (const [name, value] of person.cookies) if (name !== COOKIE) expect(value).not.toContain(cookie)
  })
})

test('LOGO-22 it changes at the sign-out, at a switch of person and at a new sign-in', async () => {
  const as = await startServer([plain()], on)
  as.people.set('u_bob', { sub: 'u_bob', username: 'bob', displayName: 'Bob', claims: {}, disabled: false })
  const { app, idToken } = await signedInAt(as, plain())
  const { person } = app
  const first = await state(person)
  await person.go(endSessionUrl({ id_token_hint: idToken }))
  expect(await ask(as, cookieOf(person), `web ${first}`)).toEqual(['changed', 'https://app.example'])
  const second = await state(person)
  expect(await ask(as, cookieOf(person), `web ${first}`)).toEqual(['changed', 'https://app.example'])
  expect(await ask(as, cookieOf(person), `web ${second}`)).toEqual(['unchanged', 'https://app.example'])
  const opened = await person.authorize(authorizationParameters({ prompt: 'login' }))
  await person.signIn(opened, { username: 'bob', password: PASSWORD })
  expect(await ask(as, cookieOf(person), `web ${second}`)).toEqual(['changed', 'https://app.example'])
})

test('LOGO-22 session_state is for OpenID Connect, and for who can have a frame', async () => {
  const native = publicClient()
  const as = await startServer([plain({ scopes: ['openid', 'accounts:read'] }), native], on)
  expect(await state(new Person(as), { scope: 'accounts:read', resource: API })).toBe('')
  expect(await state(new Person(as), { client_id: 'app', redirect_uri: 'com.example.app:/callback' })).toBe('')
  expect(await state(new Person(as), { scope: 'openid' })).not.toBe('')
})

test('LOGO-22 the frame may be framed by everybody, is the same for everybody, and has nothing to press', async () => {
  const as = await startServer([plain()], on)
  const answer = await as.fetch(`${ISSUER}/check-session`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-frame-options')).toBeNull()
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; script-src 'self'; form-action 'none'; base-uri 'none'")
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(await answer.text()).not.toMatch(/<form|<a |<input/)
  // All others may not be.
  for (const path of ['/end-session', '/sign-in/device']) {
    const page = await new Person(as).arrive(ISSUER + path)
    expect(page.headers.get('x-frame-options')).toBe('DENY')
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  }
})

test('LOGO-22 off, as it is by default: no frame, no session_state, no cookie of it, SameSite=Lax', async () => {
  const as = await startServer([plain()])
  const person = new Person(as)
  expect(await state(person)).toBe('')
  expect([...person.cookies.keys()]).not.toContain(COOKIE)
  expect((await as.fetch(`${ISSUER}/check-session`)).status).toBe(404)
  const discovered = (await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()) as object
  expect(discovered).not.toHaveProperty('check_session_iframe')
  expect((await as.fetch(`${ISSUER}/sign-in/device`)).headers.get('set-cookie')).toMatch(/; SameSite=Lax; Secure$/)
})

test('LOGO-22 on: announced, and cookies go along in frames of other sites', async () => {
  const as = await startServer([plain()], on)
  expect(await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()).toMatchObject({
    check_session_iframe: `${ISSUER}/check-session`,
  })
  const opened = await as.fetch(`${ISSUER}/sign-in/device`)
  expect(opened.headers.get('set-cookie')).toMatch(/^__Host-holdfast-as=[^;]+; Path=\/; HttpOnly; SameSite=None; Secure$/)
  const person = new Person(as)
  const asked = await person.arrive(`${ISSUER}/sign-in/device`)
  const entered = await person.submit(asked, { username: 'ada', password: PASSWORD })
  const line = entered.headers.getSetCookie().find((one) => one.startsWith(COOKIE))
  expect(line).toMatch(/^__Host-holdfast-state=[\w-]{43}; Path=\/; Max-Age=43200; SameSite=None; Secure$/)
})

test('LOGO-22 plain loopback cannot have SameSite=None, which needs Secure; there every port is one site', async () => {
  const as = await startServer([plain()], { ...on, issuer: 'http://localhost:4000' })
  const page = await as.fetch('http://localhost:4000/sign-in/device')
  expect(page.headers.get('set-cookie')).toMatch(/^holdfast-as=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
})
