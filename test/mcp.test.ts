import { describe, expect, test } from 'vitest'
import { Application, KEY, told } from '../packages/server/src/test/application.ts'
import { claimsOf } from '../packages/server/src/test/details.ts'
import { authorizationParameters, Person } from '../packages/server/src/test/person.ts'
import { CALLBACK, opened, published, start, URL_OF_CLIENT } from '../packages/server/src/test/published.ts'
import { metadata, startRegistrar } from '../packages/server/src/test/registrar.ts'
import { API, client, ISSUER, publicClient, startServer } from '../packages/server/src/test/server.ts'

/** What MCP asks of the authorization server, beside what its clients try in `npm run interop -- --client mcp-host`. */

const SIGNING = client({
  clientId: 'machine',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['accounts:read'],
  tokenEndpointAuthMethod: 'private_key_jwt',
  secrets: [],
  jwks: { keys: [{ ...KEY.publicJwk, kid: 'k', alg: 'ES256', use: 'sig' }] },
})
const MCP = { scope: 'accounts:read', resource: API }

test.each([
  ['public', publicClient()],
  ['confidential', client()],
])('MCP-01 MCP-12 Overview: a %s client gets a token for that MCP server alone, and MCP-13 a short-lived one', async (_kind, one) => {
  const app = new Application(await startServer([one]), one)
  const { access, answer } = await app.tokens(MCP, { resource: API })
  expect(claimsOf(access)).toMatchObject({ aud: API, client_id: one.clientId })
  expect(answer.body['expires_in']).toBeLessThanOrEqual(3600)
})

test.each([
  ['a secret', client({ ...SIGNING, tokenEndpointAuthMethod: 'client_secret_basic', secrets: client().secrets, jwks: undefined })],
  ['a signed JWT', SIGNING],
])('MCP-01 MCP-70 client credentials: a machine with %s gets a token for that server, and no refresh token', async (_with, machine) => {
  const app = new Application(await startServer([machine]), machine, { assertion: KEY })
  const answer = await app.post('/token', { grant_type: 'client_credentials', ...MCP })
  expect([told(answer), answer.body['refresh_token']]).toEqual(['200', undefined])
  expect(claimsOf(String(answer.body['access_token']))).toMatchObject({ aud: API, sub: 'machine' })
})

test('MCP-13 MCP-16 Token Theft: a public client gets a new refresh token each time, and the old one ends them', async () => {
  const app = new Application(await startServer(), publicClient())
  const { refresh } = await app.tokens(MCP)
  const next = await app.refresh(refresh, { resource: API })
  expect([told(next), next.body['refresh_token'] === refresh]).toEqual(['200', false])
  app.as.clock.advance(3600)
  expect(told(await app.refresh(refresh))).toBe('400 invalid_grant')
  expect(told(await app.refresh(String(next.body['refresh_token'])))).toBe('400 invalid_grant')
})

describe('MCP-11 Resource Parameter', () => {
  const refusalAt = async (resource: string): Promise<string | null | undefined> => {
    const { location } = await new Person(await startServer()).through(authorizationParameters({ scope: 'accounts:read', resource }))
    return location?.searchParams.get('error')
  }
  test.each(['/accounts', 'accounts', `${API}#part`, 'https://api.example/another', `${API}/`])(
    '%s is invalid_target where the person is sent',
    async (resource) => {
      expect(await refusalAt(resource)).toBe('invalid_target')
    },
  )
  test.each(['/accounts', `${API}#part`, 'https://api.example/another'])('%s is invalid_target at the token endpoint', async (resource) => {
    const app = new Application(await startServer(), client())
    expect(told(await app.redeem(await app.code(MCP), { resource }))).toBe('400 invalid_target')
  })
})

describe('MCP-14 MCP-15 Security', () => {
  test.each(['http://tools.example/cb', 'https://tools.example/cb#f', 'ftp://tools.example/cb'])(
    '%s is registered by nobody',
    async (uri) => {
      const { status, body } = await (await startRegistrar()).register(metadata({ redirect_uris: [uri] }))
      expect([status, body['error']]).toEqual([400, 'invalid_redirect_uri'])
    },
  )
  test('every address of the metadata is https', async () => {
    const document = (await (await (await startServer()).fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as object
    const addresses = Object.entries(document).filter(([name]) => name === 'issuer' || name.endsWith('_endpoint') || name === 'jwks_uri')
    expect(addresses.length).toBeGreaterThan(4)
    expect(addresses.filter(([, url]) => !String(url).startsWith('https://'))).toEqual([])
  })
  test.each([`${CALLBACK}/`, `${CALLBACK}?next=https://evil.example`, 'https://evil.example/cb'])(
    'to %s nobody is redirected: it is not in the document',
    async (redirect_uri) => {
      expect(await opened(await start(published()), { redirect_uri })).toBe(400)
    },
  )
})

test('MCP-10 Authorization Response Validation: iss is announced, and in a code and in a refusal', async () => {
  const as = await startServer()
  const document = (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Record<string, unknown>
  expect(document['authorization_response_iss_parameter_supported']).toBe(true)
  const answers = [await new Person(as).through(), await new Person(as).through(authorizationParameters({ scope: 'unknown' }))]
  expect(answers.map(({ location }) => location?.searchParams.get('iss'))).toEqual([ISSUER, ISSUER])
  expect(answers.map(({ location }) => location?.searchParams.has('code'))).toEqual([true, false])
})

test('MCP-19 AS Binding: nobody can register the client_id of another, and the URL of a document is that document’s', async () => {
  const registrar = await startRegistrar({ open: true, clientIdMetadataDocuments: { enabled: true } })
  registrar.places.put(URL_OF_CLIENT, published())
  const wanted = metadata({ client_id: URL_OF_CLIENT })
  const [one, other] = [await registrar.register(wanted), await registrar.register(wanted)]
  expect(new Set([one.body['client_id'], other.body['client_id'], URL_OF_CLIENT]).size).toBe(3)
  expect(await opened(registrar)).toBe(303)
})

test.each([
  [CALLBACK, 'app.example'],
  ['http://127.0.0.1:33418/callback', 'an app on this device (127.0.0.1)'],
])('MCP-08 Localhost Redirect URI Risks: a person is told that %s is %s, before she allows', async (redirect_uri, said) => {
  const document = published({ application_type: 'native', redirect_uris: [CALLBACK, 'http://127.0.0.1/callback'] })
  const person = new Person((await start(document)).as)
  const page = await person.signIn(await person.authorize(authorizationParameters({ client_id: URL_OF_CLIENT, redirect_uri })))
  const consent = page.location === undefined ? page : await person.go(page.location)
  expect(consent.text).toContain(`<bdi>${said}</bdi>`)
})
