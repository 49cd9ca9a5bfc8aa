import { json, type Reply } from '@holdfast/protocol/http'
import { Form } from '@holdfast/protocol/form'
import { generateKeyPair, type KeyPair } from '@holdfast/proof/node'
import { Internet } from '@holdfast/testing/internet'
import { describe, expect, test } from 'vitest'
import { createGuard, type GuardOptions, type IntrospectionOptions, type TrustedIssuer } from './index.ts'
import { accessToken, API, type Answer, requestOf, START, verdictOf } from './test/api.ts'
import { activeAnswer, BEARER } from './test/asked-issuer.ts'

const A = 'https://a.example'
const B = 'https://b.example/tenant'
const keys: Readonly<Record<string, KeyPair>> = { [A]: generateKeyPair('ES256'), [B]: generateKeyPair('ES256') }
const key = (issuer: string): KeyPair => keys[issuer] as KeyPair

/** Two issuers, each with a key of the same `kid`, and an API that trusts both. */
function startTwo(options: Partial<GuardOptions> = { issuer: [A, B] }) {
  const net = new Internet()
  const asked: string[] = []
  const known = new Map<string, Readonly<Record<string, unknown>>>()
  for (const issuer of [A, B]) {
    const { origin } = new URL(issuer)
    net.host(origin, async (request): Promise<Reply> => {
      if (request.path.endsWith('/jwks')) return json(200, { keys: [{ ...key(issuer).publicJwk, kid: 'k1' }] })
      if (!request.path.endsWith('/introspect'))
        return json(200, { issuer, jwks_uri: `${issuer}/jwks`, introspection_endpoint: `${issuer}/introspect` })
      const token = String(((await Form.read(request)) as Form).one('token'))
      asked.push(`${issuer} ${token}`)
      return json(200, known.get(`${issuer} ${token}`) ?? { active: false })
    })
  }
  const clock = { time: START, now: () => clock.time }
  const guard = createGuard({ resource: API, clock, fetch: net.fetch as typeof fetch, ...options })
  const bearer = (token: string): Promise<Answer> => verdictOf(guard, { token, scheme: 'Bearer' })
  return { net, guard, clock, asked, known, bearer }
}

const from = (iss: string, by: string, header = {}): string => accessToken({ iss, cnf: undefined }, header, key(by))

describe('several issuers: iss of a JWT chooses', () => {
  test('TOK-12 TOK-16 the token of each comes in by the key of each, and the route is told whose it is', async () => {
    const { guard, net } = startTwo()
    for (const iss of [A, B]) {
      const verdict = await guard.check(requestOf({ token: from(iss, iss), scheme: 'Bearer' }))
      expect(verdict).toMatchObject({ kind: 'allowed', access: { issuer: iss, subject: 'u_ada' } })
    }
    expect(net.traffic.map(({ url }) => url)).toEqual([
      `${A}/.well-known/oauth-authorization-server`,
      `${A}/jwks`,
      'https://b.example/.well-known/oauth-authorization-server/tenant',
      `${B}/jwks`,
    ])
  })
  test('TOK-12 BCP-13 a token that one signed in the name of the other is refused, also when each has shown good ones', async () => {
    const { bearer } = startTwo()
    for (const iss of [A, B]) expect((await bearer(from(iss, iss))).allowed).toBe(true)
    for (const header of [{}, { kid: undefined }, { jku: `${B}/jwks`, jwk: key(B).publicJwk }]) {
      expect(await bearer(from(A, B, header))).toMatchObject({ status: 401, error: 'invalid_token' })
      expect(await bearer(from(B, A, header))).toMatchObject({ status: 401, error: 'invalid_token' })
    }
  })
  test.each(['https://c.example', `${A}/`, 'https://A.example', '', undefined, 7, [A], '__proto__'])(
    'TOK-12 a token of nobody who is trusted (iss %s) is refused, and nobody is asked',
    async (iss) => {
      const { bearer, net } = startTwo()
      const answer = await bearer(accessToken({ iss, cnf: undefined }, {}, key(A)))
      expect([answer.status, answer.error, net.traffic.length]).toEqual([401, 'invalid_token', 0])
    },
  )
  test('one that is away takes its own tokens along, and no other', async () => {
    const { bearer, net } = startTwo()
    net.cut(A)
    expect([(await bearer(from(A, A))).status, (await bearer(from(B, B))).status]).toEqual([503, 200])
  })
  test('a token seen before comes in while the issuers are away', async () => {
    const { bearer, net } = startTwo()
    const token = from(B, B)
    await bearer(token)
    net.cut(A)
    net.cut('https://b.example')
    expect((await bearer(token)).allowed).toBe(true)
  })
  test('PRM-03 MCP-30 the metadata names all of them', () => {
    const reply = startTwo().guard.metadata(requestOf({ path: '/.well-known/oauth-protected-resource/accounts' }))
    expect(JSON.parse(reply?.body ?? '')).toMatchObject({ authorization_servers: [A, B] })
  })
})

describe('several issuers that are asked', () => {
  const asking = (tokenPrefix?: string, over: Partial<IntrospectionOptions> = {}): IntrospectionOptions => ({
    clientId: 'api',
    clientSecret: 's',
    ...(tokenPrefix !== undefined && { tokenPrefix }),
    ...over,
  })
  const two = (a: IntrospectionOptions | undefined, b: IntrospectionOptions | undefined) =>
    startTwo({
      issuers: [
        { issuer: A, ...(a && { introspection: a }) },
        { issuer: B, ...(b && { introspection: b }) },
      ],
    })
  const knownBy = (issuer: string, token: string): readonly [string, Readonly<Record<string, unknown>>] => [
    `${issuer} ${token}`,
    activeAnswer({ ...BEARER, iss: issuer }),
  ]

  test('INT-06 the prefix of an opaque token chooses, the longest first, and nobody else sees it', async () => {
    const { bearer, known, asked } = two(asking(''), asking('b_'))
    known.set(...knownBy(A, 'x1')).set(...knownBy(B, 'b_1'))
    expect([(await bearer('x1')).status, (await bearer('b_1')).status, (await bearer('b_2')).status]).toEqual([200, 200, 401])
    expect(asked).toEqual([`${A} x1`, `${B} b_1`, `${B} b_2`])
  })
  test('INT-06 a token of no prefix is refused and shown to nobody', async () => {
    const { bearer, asked } = two(asking('a_'), asking('b_'))
    expect([(await bearer('c_1')).status, asked]).toEqual([401, []])
  })
  test('INT-06 one that is asked and one that is not: opaque tokens are the first one’s', async () => {
    const { bearer, known } = two(undefined, asking())
    known.set(...knownBy(B, 'x1'))
    expect((await bearer('x1')).allowed).toBe(true)
    expect((await bearer(from(A, A))).allowed).toBe(true)
  })
  test('INT-06 with one prefix they are asked in order, and each answers for itself alone', async () => {
    const { bearer, known, asked } = two(asking('at_'), asking('at_'))
    known.set(...knownBy(B, 'at_1'))
    known.set(`${A} at_2`, activeAnswer({ ...BEARER, iss: B }))
    expect([(await bearer('at_1')).status, (await bearer('at_2')).status]).toEqual([200, 401])
    expect(asked).toEqual([`${A} at_1`, `${B} at_1`, `${A} at_2`, `${B} at_2`])
  })
  test('INT-06 while one of them is away, a yes of the other counts and a no does not', async () => {
    const { bearer, known, net } = two(asking('at_'), asking('at_'))
    known.set(...knownBy(B, 'at_1'))
    net.cut(A)
    expect([(await bearer('at_1')).status, (await bearer('at_2')).status]).toEqual([200, 503])
  })
  test('FAPI-61 tokens: all is a matter of each: its JWTs are asked about, and by it alone', async () => {
    const { bearer, known, asked } = two(asking('a_', { tokens: 'all' }), undefined)
    const token = from(A, A)
    expect((await bearer(token)).status).toBe(401)
    const other = from(A, A)
    known.set(...knownBy(A, other))
    expect([(await bearer(other)).status, (await bearer(from(B, B))).status]).toEqual([200, 200])
    expect(asked).toEqual([`${A} ${token}`, `${A} ${other}`])
  })

  const TWO: readonly [TrustedIssuer, TrustedIssuer] = [{ issuer: A }, { issuer: B }]
  test.each<[string, Partial<GuardOptions>]>([
    ['neither issuer nor issuers', {}],
    ['both', { issuer: A, issuers: TWO }],
    ['none', { issuers: [] as unknown as typeof TWO }],
    ['one twice', { issuer: [A, A] }],
    ['a key set that would serve two', { issuer: [A, B], jwksUri: `${A}/jwks` }],
    ['a secret that would go to two', { issuer: [A, B], introspection: asking() }],
    ['a secret beside issuers', { issuers: [{ issuer: A }], introspection: asking() }],
    [
      'opaque tokens that could be anybody’s',
      {
        issuers: [
          { issuer: A, introspection: asking('a_') },
          { issuer: B, introspection: asking() },
        ],
      },
    ],
  ])('%s is refused at the start', (_name, options) => {
    expect(() => startTwo(options)).toThrow(TypeError)
  })
})
