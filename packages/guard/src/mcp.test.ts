import { describe, expect, test } from 'vitest'
import type { GuardOptions, Need } from './index.ts'
import { accessToken, API, ISSUER, proofFor, requestOf, START, startApi } from './test/api.ts'
import { activeAnswer, BEARER, startAsked } from './test/asked-issuer.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Resource metadata as a client sees it; undefined: not this guard's. */
function metadata(path: string, over: Partial<GuardOptions> = {}): Readonly<Record<string, unknown>> | undefined {
  const reply = startApi(over).guard.metadata(requestOf({ path }))
  return reply && (JSON.parse(reply.body) as Readonly<Record<string, unknown>>)
}

/** The values of a challenge's parameters. */
function parametersOf(challenge: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries([...(challenge ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]))
}

const bearer = (claims = {}): { token: string; scheme: string } => ({ token: accessToken({ cnf: undefined, ...claims }), scheme: 'Bearer' })

describe('discovery', () => {
  test('MCP-30 MCP-31 each 401 names the metadata, which stands there and names the issuer', async () => {
    const api = startApi()
    for (const call of [{}, { token: accessToken({ exp: START - 60 }), scheme: 'Bearer' }, { token: accessToken() }]) {
      const { status, challenges } = await api.call(call)
      expect([status, challenges.length > 0]).toEqual([401, true])
      for (const challenge of challenges) {
        const { resource_metadata: url = '' } = parametersOf(challenge)
        expect(metadata(new URL(url).pathname)).toMatchObject({ resource: API, authorization_servers: [ISSUER] })
      }
    }
  })
  test('MCP-31 RFC 9728 §3.1: with a path in it, of an API at the root at the root', () => {
    expect(metadata(`${WELL_KNOWN}/accounts`)?.['resource']).toBe(API)
    expect(metadata(WELL_KNOWN)).toBeUndefined()
    for (const resource of ['https://api.example', 'https://api.example/']) {
      expect(metadata(WELL_KNOWN, { resource })?.['resource']).toBe(resource)
      expect(metadata(`${WELL_KNOWN}/`, { resource })).toBeUndefined()
    }
  })
  test('MCP-31 for clients that look at the root last, where the operator says so', () => {
    const over = { metadataAtRoot: true }
    expect([metadata(WELL_KNOWN, over), metadata(`${WELL_KNOWN}/accounts`, over)]).toEqual([
      expect.objectContaining({ resource: API }),
      expect.objectContaining({ resource: API }),
    ])
    expect(metadata(`${WELL_KNOWN}/other`, over)).toBeUndefined()
  })
  test('MCP-41 RFC 9728 §3.3: two endpoints of one host have metadata of their own, each with the address that a client called', () => {
    for (const path of ['/mcp', '/tenants/7/mcp']) {
      const over = { resource: `https://api.example${path}` }
      expect(metadata(`${WELL_KNOWN}${path}`, over)?.['resource']).toBe(`https://api.example${path}`)
      expect(metadata(`${WELL_KNOWN}/accounts`, over)).toBeUndefined()
    }
  })
  test('MCP-40 offline_access is in no metadata and in no challenge: a fault of the program', async () => {
    expect(() => startApi({ scopes: ['accounts:read', 'offline_access'] })).toThrow(/^scopes must not hold offline_access/)
    for (const need of [{ scopes: ['offline_access'] }, { anyScope: ['a', 'offline_access'] }])
      await expect(startApi().call({}, need)).rejects.toThrow(TypeError)
  })
})

describe('who comes in', () => {
  test('MCP-32 401 without a good token, 403 without its scope, 400 for what cannot be read', async () => {
    const api = startApi()
    const need = { scopes: ['accounts:write'] }
    const calls = [{}, { token: 'made-up', scheme: 'Bearer' }, bearer({ exp: START - 60 }), bearer(), { authorization: ['Bearer a b'] }]
    const statuses = await Promise.all(calls.map(async (call) => (await api.call(call, need)).status))
    expect(statuses).toEqual([401, 401, 401, 403, 400])
  })
  test('MCP-36 a token for another API is 401, whatever else it may do', async () => {
    for (const aud of [
      'https://api.example',
      'https://api.example/accounts/7',
      'https://other.example/accounts',
      [ISSUER, 'web'],
      undefined,
    ])
      expect(await startApi().call(bearer({ aud }))).toMatchObject({ status: 401, error: 'invalid_token' })
  })
  test('MCP-37 the token is in nothing that a route is given: it cannot be passed on', async () => {
    const call = bearer({ scope: 'accounts:read', act: { sub: 'x' } })
    const verdict = await startApi().guard.check(requestOf(call))
    expect(verdict.kind).toBe('allowed')
    expect(JSON.stringify(verdict)).not.toContain(call.token.split('.')[2])
  })
  test('MCP-38 each request needs the token: a session that was opened with one is nothing', async () => {
    const api = startApi()
    const session = { headers: { 'mcp-session-id': ['1868a90c'], cookie: ['session=1868a90c'] } }
    expect((await api.call({ ...bearer(), ...session })).allowed).toBe(true)
    expect(await api.call({ ...session })).toMatchObject({ allowed: false, status: 401 })
  })
  test('MCP-39 OA-66 a token in the query is no token; beside one in the header it is 400', async () => {
    const api = startApi()
    const { token } = bearer()
    expect(await api.call({ query: `a=b&access_token=${token}` })).toMatchObject({ status: 401, error: undefined })
    for (const query of [`access_token=${token}`, 'a=b&access_token=', 'access_token=x&a=b'])
      expect(await api.call({ ...bearer(), query })).toMatchObject({ allowed: false, status: 400, error: 'invalid_request' })
    for (const query of ['a=access_token', 'no_access_token=x', 'access_tokens=x'])
      expect((await api.call({ ...bearer(), query })).allowed).toBe(true)
  })
  test('MCP-42 scheme and host in capitals, in the configuration, are the same API; the token is compared as it is', async () => {
    const resource = 'HTTPS://API.Example/Accounts'
    const canonical = 'https://api.example/Accounts'
    const api = startApi({ resource })
    for (const aud of [canonical, resource, [ISSUER, canonical]]) expect((await api.call(bearer({ aud }))).allowed).toBe(true)
    for (const aud of ['https://API.example/Accounts', 'https://api.example/accounts', `${canonical}/`])
      expect((await api.call(bearer({ aud }))).error).toBe('invalid_token')
    expect((await startApi({ resource: canonical }).call(bearer({ aud: resource }))).error).toBe('invalid_token')
    expect(metadata(`${WELL_KNOWN}/Accounts`, { resource })?.['resource']).toBe(canonical)
    const token = accessToken({ aud: canonical })
    expect((await api.call({ token, path: '/Accounts', proof: proofFor(token, { htu: canonical }) })).allowed).toBe(true)
  })
})

describe('the scopes that a client should ask for', () => {
  const need: Need = { scopes: ['accounts:read'], anyScope: ['pay', 'pay:all'], acr: ['urn:x:mfa'], maxAge: 60 }
  test('MCP-33 without a token, or with one that is no good, 401 names what the operation needs', async () => {
    const told = async (call: object): Promise<readonly (string | undefined)[]> =>
      (await startApi().call(call, need)).challenges.map((one) => parametersOf(one)['scope'])
    expect(await told({})).toEqual(['accounts:read pay', 'accounts:read pay'])
    expect(await told(bearer({ exp: START - 60 }))).toEqual(['accounts:read pay'])
    expect((await startApi().call({})).challenges.join()).not.toContain('scope')
  })
  test('MCP-34 403 names all that the operation needs in one challenge, and the metadata', async () => {
    const answer = await startApi().call(bearer({ scope: 'accounts:read' }), { scopes: ['accounts:read'], anyScope: ['pay', 'pay:all'] })
    expect([answer.status, answer.challenges.length]).toEqual([403, 1])
    expect(parametersOf(answer.challenges[0])).toMatchObject({
      error: 'insufficient_scope',
      scope: 'accounts:read pay',
      resource_metadata: `https://api.example${WELL_KNOWN}/accounts`,
    })
  })
  test('STEP-22 MCP-34 a client need not look into its token: with one that it cannot read it is told the same', async () => {
    const claims = { acr: 'urn:x:pwd', scope: 'other' }
    const asked = startAsked()
    asked.tokens.set('at_1', activeAnswer({ ...BEARER, ...claims }))
    for (const answer of [await startApi().call(bearer(claims), need), await asked.call({ token: 'at_1', scheme: 'Bearer' }, need)])
      expect(parametersOf(answer.challenges[0])).toMatchObject({
        error: 'insufficient_user_authentication',
        scope: 'accounts:read pay',
        acr_values: 'urn:x:mfa',
        max_age: '60',
      })
  })
})
