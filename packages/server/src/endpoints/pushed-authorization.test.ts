import { describe, expect, test } from 'vitest'
import { authorizationParameters, Person } from '../test/person.ts'
import { client, ISSUER, publicClient, SECRET, startServer, type TestServer } from '../test/server.ts'

const BASIC = `Basic ${Buffer.from(`web:${encodeURIComponent(SECRET).replaceAll('%20', '+')}`).toString('base64')}`

async function push(
  as: TestServer,
  over: Readonly<Record<string, string | undefined>> = {},
  headers: Readonly<Record<string, string>> = { authorization: BASIC },
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }> {
  const response = await as.fetch(`${ISSUER}/par`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: authorizationParameters(over).toString(),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> }
}

const pushedUrl = (body: Record<string, unknown>, clientId = 'web'): URLSearchParams =>
  new URLSearchParams({ client_id: clientId, request_uri: String(body['request_uri']) })

describe('pushing', () => {
  test('PAR-08 PAR-09 JAR-15 RFC 9126 §2.2: 201 with an unguessable request_uri and its lifetime, not to be stored', async () => {
    const { status, headers, body } = await push(await startServer())
    expect([status, headers.get('cache-control'), body['expires_in']]).toEqual([201, 'no-store', 300])
    expect(body['request_uri']).toMatch(/^urn:ietf:params:oauth:request_uri:[0-9a-z]{26}[\w-]{43}$/)
  })
  test('FAPI-38 PAR-08 the lifetime is under 600 s', async () => {
    expect((await push(await startServer())).body['expires_in']).toBeLessThan(600)
  })
  test('PAR-03 the client authenticates as at the token endpoint', async () => {
    const { status, body } = await push(await startServer(), {}, { authorization: BASIC.slice(0, -4) })
    expect([status, body['error']]).toEqual([401, 'invalid_client'])
  })
  test('PAR-03 a public client may push with its client_id', async () => {
    expect((await push(await startServer(), { client_id: 'app', redirect_uri: 'http://127.0.0.1:1/callback' }, {})).status).toBe(201)
  })
  test('PAR-04 client_id is needed in the body, and is that of the client', async () => {
    const as = await startServer()
    expect((await push(as, { client_id: undefined })).body['error']).toBe('invalid_request')
    expect((await push(as, { client_id: 'app' })).body['error']).toBe('invalid_client')
  })
  test('PAR-05 RFC 9126 §2.1: request_uri must not be pushed', async () => {
    expect((await push(await startServer(), { request_uri: 'urn:ietf:params:oauth:request_uri:x' })).body['error']).toBe('invalid_request')
  })
  test.each([
    ['redirect_uri', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['scope', { scope: 'accounts:read unknown' }, 'invalid_scope'],
    ['code_challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['response_type', { response_type: 'token' }, 'unsupported_response_type'],
    ['resource', { resource: 'https://other.example' }, 'invalid_target'],
    ['dpop_jkt', { dpop_jkt: 'x' }, 'invalid_request'],
    ['prompt', { prompt: 'none login' }, 'invalid_request'],
  ])('PAR-06 RFC 9126 §2.3: a wrong %s is told as JSON with 400', async (_name, over, code) => {
    const { status, body } = await push(await startServer(), over)
    expect([status, body['error']]).toEqual([400, code])
  })
  test('PAR-01 only POST with a form', async () => {
    const as = await startServer()
    expect((await as.fetch(`${ISSUER}/par`)).status).toBe(405)
    expect(
      (
        await as.fetch(`${ISSUER}/par`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: BASIC },
          body: '{}',
        })
      ).status,
    ).toBe(400)
  })
})

describe('using what was pushed', () => {
  test('PAR-18 PAR-19 client_id and request_uri are enough, and other parameters of the URL count for nothing', async () => {
    const as = await startServer()
    const url = pushedUrl((await push(as)).body)
    const { location } = await new Person(as).through(
      `${url}&scope=accounts%3Awrite&redirect_uri=https%3A%2F%2Fevil.example&state=other&prompt=none`,
    )
    expect([location?.origin, location?.searchParams.get('state'), location?.searchParams.has('code')]).toEqual([
      'https://app.example',
      'state of the client',
      true,
    ])
  })
  test('PAR-17 FAPI-41 RFC 9126 §7.3: a look does not use it up, the answer does', async () => {
    const as = await startServer()
    const url = pushedUrl((await push(as)).body).toString()
    for (let looks = 0; looks < 3; looks++) expect((await new Person(as).authorize(url)).status).toBe(303)
    const person = new Person(as)
    expect((await person.through(url)).location?.searchParams.has('code')).toBe(true)
    const seen = await person.authorize(url)
    expect([seen.status, seen.location]).toEqual([400, undefined])
  })
  test('PAR-17 of two tabs that finish one request, one gets the code', async () => {
    const as = await startServer()
    const first = new Person(as)
    await first.through()
    const url = pushedUrl((await push(as, { scope: 'openid email' })).body).toString()
    const pages = [await first.go((await first.authorize(url)).location ?? ''), await first.go((await first.authorize(url)).location ?? '')]
    const answers = await Promise.all(pages.map((page) => first.submit(page, { answer: 'allow' })))
    expect(answers.filter((seen) => seen.location?.searchParams.has('code') === true).length).toBe(1)
    expect(answers.filter((seen) => seen.status === 400).length).toBe(1)
  })
  test('PAR-17 a refusal uses it up too', async () => {
    const as = await startServer()
    const url = pushedUrl((await push(as)).body).toString()
    const person = new Person(as)
    await person.through()
    const asked = pushedUrl((await push(as, { prompt: 'consent' })).body).toString()
    await person.submit(await person.go((await person.authorize(asked)).location ?? ''), { answer: 'deny' })
    expect((await person.authorize(asked)).status).toBe(400)
    expect((await person.authorize(url)).status).toBe(303)
  })
  test('PAR-15 an expired, unknown or made-up request_uri ends on a page', async () => {
    const as = await startServer()
    const { body } = await push(as)
    const known = String(body['request_uri'])
    for (const made of [`${known.slice(0, -1)}_`, 'urn:ietf:params:oauth:request_uri:x'])
      expect((await new Person(as).authorize(pushedUrl({ request_uri: made }).toString())).status).toBe(400)
    as.clock.advance(300)
    expect((await new Person(as).authorize(pushedUrl(body).toString())).status).toBe(400)
  })
  test('PAR-16 JAR-15 FAPI-42 a request_uri of another client ends on a page', async () => {
    const as = await startServer()
    const seen = await new Person(as).authorize(pushedUrl((await push(as)).body, 'app').toString())
    expect([seen.status, seen.location]).toEqual([400, undefined])
  })
  test('PAR-21 a client that was removed between push and use is refused', async () => {
    const as = await startServer([client(), publicClient()])
    const { body } = await push(as)
    const without = await startServer([publicClient()], { store: as.store })
    expect((await new Person(without).authorize(pushedUrl(body).toString())).status).toBe(400)
  })
  test('PAR-07 RFC 9126 §4: what cannot be known at the push is checked at the authorization endpoint', async () => {
    const as = await startServer()
    const { body } = await push(as, { prompt: 'none' })
    expect((await new Person(as).authorize(pushedUrl(body).toString())).location?.searchParams.get('error')).toBe('login_required')
  })
  test('PAR-02 discovery tells where to push', async () => {
    const metadata = (await (await (await startServer()).fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Record<
      string,
      unknown
    >
    expect(metadata['pushed_authorization_request_endpoint']).toBe(`${ISSUER}/par`)
  })
})
