import { afterEach, describe, expect, test } from 'vitest'
import { closeAll, type Handled, type Sent, type Setup, type World, world } from '../test/proxy-world.ts'

afterEach(closeAll)

async function refused(
  status: number,
  challenge: string | readonly string[],
  setup: Setup = {},
  sent: Sent = {},
): Promise<Handled & { readonly world: World }> {
  const it = await world(setup)
  it.answer = (_request, response) => response.writeHead(status, { 'www-authenticate': challenge as string[] }).end('{"secret":"inner"}')
  return { ...(await it.handle(sent)), world: it }
}

describe('STEP-24 BFF-48 what an API lacks, as pages can use it', () => {
  const mfa = 'DPoP error="insufficient_user_authentication", error_description="x", acr_values="urn:x:mfa urn:x:hw", algs="ES256"'
  test.each<[string, number, string | readonly string[], number, Record<string, unknown>]>([
    [
      'another level',
      401,
      mfa,
      401,
      {
        error: 'insufficient_user_authentication',
        acr_values: 'urn:x:mfa urn:x:hw',
        login_url: '/bff/login?acr_values=urn%3Ax%3Amfa%20urn%3Ax%3Ahw&return_to=',
      },
    ],
    [
      'an age, quoted',
      401,
      'Bearer error="insufficient_user_authentication", max_age="300"',
      401,
      { error: 'insufficient_user_authentication', max_age: 300, login_url: '/bff/login?max_age=300&return_to=' },
    ],
    [
      'STEP-28 an age, as a token',
      401,
      'Bearer error=insufficient_user_authentication, max_age=0',
      401,
      { error: 'insufficient_user_authentication', max_age: 0, login_url: '/bff/login?max_age=0&return_to=' },
    ],
    [
      'STEP-37 all together',
      401,
      'Bearer error="insufficient_user_authentication", max_age=5, acr_values="a", scope="pay read"',
      401,
      {
        error: 'insufficient_user_authentication',
        acr_values: 'a',
        max_age: 5,
        scope: 'pay read',
        login_url: '/bff/login?acr_values=a&max_age=5&scope=pay%20read&return_to=',
      },
    ],
    [
      'neither',
      401,
      'Bearer error="insufficient_user_authentication"',
      401,
      { error: 'insufficient_user_authentication', login_url: '/bff/login?return_to=' },
    ],
    [
      'a scope',
      403,
      'DPoP error="insufficient_scope", scope="orders.write"',
      403,
      { error: 'insufficient_scope', scope: 'orders.write', login_url: '/bff/login?scope=orders.write&return_to=' },
    ],
    ['a scope that it does not name: no sign-in would help', 403, 'DPoP error="insufficient_scope"', 403, { error: 'insufficient_scope' }],
    ['in the second challenge', 401, `Basic realm="a, b", ${mfa}`, 401, { error: 'insufficient_user_authentication' }],
    ['in the second line', 401, ['Basic realm="a"', mfa], 401, { error: 'insufficient_user_authentication' }],
    [
      'what cannot be used in an address is not',
      401,
      'Bearer error="insufficient_user_authentication", max_age="-1", acr_values="a  b", scope="\\"<x>"',
      401,
      { error: 'insufficient_user_authentication', login_url: '/bff/login?return_to=' },
    ],
    [
      'nor what is too long',
      401,
      `Bearer error="insufficient_user_authentication", acr_values="${'x'.repeat(1001)}"`,
      401,
      { error: 'insufficient_user_authentication', login_url: '/bff/login?return_to=' },
    ],
    [
      'nor what would begin another parameter',
      403,
      'Bearer error="insufficient_scope", scope="a&return_to=//evil.example#"',
      403,
      { login_url: '/bff/login?scope=a%26return_to%3D%2F%2Fevil.example%23&return_to=' },
    ],
  ])('%s', async (_name, status, challenge, expectedStatus, expected) => {
    const { status: got, json, headers, world: it } = await refused(status, challenge)
    expect(got).toBe(expectedStatus)
    expect(json).toMatchObject(expected)
    if (!('login_url' in expected) && expected['error'] === 'insufficient_scope') expect(json).not.toHaveProperty('login_url')
    expect(headers['cache-control']).toBe('no-store')
    expect(headers).not.toHaveProperty('www-authenticate')
    expect(headers).not.toHaveProperty('location')
    expect(it.seen).toHaveLength(1)
    expect(it.asked).toEqual(['ada /api/orders'])
    expect(it.events).toMatchObject([{ type: 'api.token_refused', api: '/api/orders' }])
  })

  test('STEP-21 scopes that the route has are asked for again', async () => {
    const { json } = await refused(403, 'Bearer error="insufficient_scope", scope="write read"', { route: { scope: 'read list' } })
    expect(json).toMatchObject({ scope: 'write read', login_url: '/bff/login?scope=read%20list%20write&return_to=' })
  })

  test.each([
    [401, 'Basic realm="x"'],
    [401, 'Bearer error="insufficient_user_authentication'],
    [401, 'Bearer error="unheard_of"'],
    [403, 'Bearer realm="x"'],
    [400, 'Bearer error="insufficient_scope"'],
    [200, 'Bearer error="invalid_token"'],
  ])('%i with %s is the API’s own answer, without its challenge', async (status, challenge) => {
    const { status: got, text, headers } = await refused(status, challenge)
    expect([got, text]).toEqual([status, '{"secret":"inner"}'])
    expect(headers).not.toHaveProperty('www-authenticate')
  })

  test.each([
    [401, 'Bearer error="insufficient_user_authentication", acr_values="a"'],
    [403, 'Bearer error="insufficient_scope", scope="a"'],
  ])('STEP-23 a page that comes back from signing in and meets %i again is not sent there again', async (status, challenge) => {
    const { status: got, json } = await refused(status, challenge, {}, { headers: { 'x-holdfast-retried': '1' } })
    expect([got, json['error']]).toEqual([403, 'step_up_failed'])
    expect(json).toMatchObject({ challenge: /error="(\w+)"/.exec(challenge)?.[1] })
    expect(json).not.toHaveProperty('login_url')
  })
  test('STEP-23 and what is enough now is answered as always', async () => {
    const { handle } = await world()
    expect((await handle({ headers: { 'x-holdfast-retried': '1' } })).status).toBe(200)
  })
})

describe('BFF-48 a token that the API does not take', () => {
  const good = (it: World, token: string): void => {
    it.answer = (request, response) =>
      request.headers.authorization === `DPoP ${token}`
        ? response.end(`${request.method} ${request.body}`)
        : response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_token"' }).end()
  }
  test.each<[Sent, string]>([
    [{}, 'GET '],
    [{ method: 'DELETE' }, 'DELETE '],
    [{ method: 'POST', body: 'x=1' }, 'POST x=1'],
    [{ method: 'POST', body: 'x'.repeat(65_536) }, `POST ${'x'.repeat(65_536)}`],
  ])('row %#: is renewed once, and the request sent again', async (sent, text) => {
    const it = await world()
    good(it, 'ada-2')
    const { status, text: got, headers } = await it.handle(sent)
    expect([status, got]).toEqual([200, text])
    expect(it.asked).toEqual(['ada /api/orders', 'ada /api/orders anew'])
    expect(headers['set-cookie']).toEqual(['session=ada; renewed'])
  })
  test.each(['DPoP error="invalid_token"', 'Bearer', 'DPoP algs="ES256"', 'Bearer realm="x", DPoP algs="ES256"'])(
    'by %s: twice, and there is nothing left but to sign in',
    async (challenge) => {
      const { status, json, headers, world: it } = await refused(401, challenge)
      expect([status, json]).toEqual([
        401,
        { error: 'login_required', error_description: expect.any(String), login_url: '/bff/login?return_to=' },
      ])
      expect(headers['set-cookie']).toEqual(['session=ada; renewed'])
      expect(it.seen).toHaveLength(2)
    },
  )
  test('the answer that refused it is not read to its end', async () => {
    const it = await world()
    const closed = new Promise<void>((resolve) => {
      it.answer = (request, response) => {
        if (request.headers.authorization === 'DPoP ada-2') return response.end('fine')
        response.on('close', resolve).writeHead(401, { 'www-authenticate': 'DPoP error="invalid_token"' }).write('and so on')
      }
    })
    expect((await it.handle({})).text).toBe('fine')
    await closed
  })
  test('a session that has ended meanwhile answers for itself', async () => {
    const reply = { status: 401, headers: { 'set-cookie': 'session=' }, body: 'ended' }
    const { status, text } = await refused(401, 'DPoP error="invalid_token"', {
      credentialFor: async (_request, _api, renew) =>
        renew
          ? { kind: 'refused', reply }
          : { kind: 'credential', setCookie: [], credential: { headers: async () => ({}), learn: () => false } },
    })
    expect([status, text]).toEqual([401, 'ended'])
  })
  test('a body that was too large to keep is not sent in half: the page is told to send it again', async () => {
    const it = await world()
    good(it, 'ada-2')
    const { status, json, headers } = await it.handle({ method: 'POST', body: 'x'.repeat(65_537) })
    expect([status, json['error'], headers['retry-after']]).toEqual([503, 'temporarily_unavailable', '1'])
    expect(it.seen).toHaveLength(1)
    expect(it.asked).toEqual(['ada /api/orders', 'ada /api/orders anew'])
  })
  test('nobody’s request is not renewed: it is told to sign in', async () => {
    const {
      status,
      json,
      world: it,
    } = await refused(401, 'Bearer realm="x"', { route: { anonymous: 'pass' } }, { headers: { cookie: [] } })
    expect([status, json['error']]).toEqual([401, 'login_required'])
    expect(it.seen).toHaveLength(1)
  })
  test('DPOP-63 DPOP-65 a nonce that the API asks for is used at once, and once', async () => {
    const it = await world()
    it.answer = (request, response) =>
      String(request.headers['dpop']).endsWith(' n1')
        ? response.end(request.body)
        : response.writeHead(401, { 'dpop-nonce': 'n1', 'www-authenticate': 'DPoP error="use_dpop_nonce"' }).end()
    expect((await it.handle({ method: 'POST', body: 'x=1' })).text).toBe('x=1')
    expect(it.seen).toHaveLength(2)
    const never = await refused(401, 'DPoP error="use_dpop_nonce"')
    expect([never.status, never.json['error'], never.world.seen.length]).toEqual([502, 'bad_gateway', 2])
  })
  test('a nonce, then a new token: three times in all', async () => {
    const it = await world()
    it.answer = (request, response) => {
      const challenge = it.seen.length === 1 ? 'DPoP error="use_dpop_nonce"' : 'DPoP error="invalid_token"'
      if (request.headers.authorization === 'DPoP ada-2') response.end('fine')
      else response.writeHead(401, { 'dpop-nonce': 'n', 'www-authenticate': challenge }).end()
    }
    expect((await it.handle({})).text).toBe('fine')
    expect(it.seen).toHaveLength(3)
  })
  test('a proof that the API does not take is our fault, and no reason to sign in', async () => {
    expect((await refused(401, 'DPoP error="invalid_dpop_proof"')).status).toBe(502)
  })
})

test('A60 two hundred requests of twenty people at once, a third with tokens that have to be renewed: each gets its own answer', async () => {
  const it = await world()
  const stale = new Set(Array.from({ length: 20 }, (_none, i) => `person${i}`).filter((_name, i) => i % 3 === 0))
  it.answer = (request, response) => {
    const [name = '', version] = String(request.headers.authorization).slice('DPoP '.length).split('-')
    setImmediate(() =>
      stale.has(name) && version === '1'
        ? response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_token"' }).end()
        : response.setHeader('x-name', name).end(`${name} ${request.body}`),
    )
  }
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_none, i) =>
      it.handle({ method: 'POST', body: `body ${i}`, headers: { cookie: `session=person${i % 20}`, 'x-holdfast-csrf': '1' } }),
    ),
  )
  answers.forEach(({ text, headers }, i) => {
    const name = `person${i % 20}`
    expect([text, headers['x-name']]).toEqual([`${name} body ${i}`, name])
    expect(headers['set-cookie']).toEqual(stale.has(name) ? [`session=${name}; renewed`] : undefined)
  })
})
