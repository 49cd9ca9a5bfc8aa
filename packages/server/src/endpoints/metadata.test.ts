import { describe, expect, test } from 'vitest'
import { authorizationParameters, Person } from '../test/person.ts'
import { startRegistrar } from '../test/registrar.ts'
import { API, ISSUER, startServer, type TestServer } from '../test/server.ts'

type Metadata = Readonly<Record<string, unknown>>

async function metadata(as: TestServer): Promise<Metadata> {
  return (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Metadata
}

describe('RFC 8414', () => {
  test('META-02 META-11 RFC 9700 §2.6: metadata and keys are JSON, read from every origin, and may be kept for minutes', async () => {
    const as = await startServer()
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration', '/jwks']) {
      const { status, headers } = await as.fetch(ISSUER + path, { headers: { origin: 'https://anywhere.example' } })
      expect([path, status, headers.get('access-control-allow-origin'), headers.get('cache-control')]).toEqual([
        path,
        200,
        '*',
        'public, max-age=300',
      ])
      expect(headers.get('content-type')).toMatch(/^application\/(?:jwk-set\+)?json$/)
      expect((await as.fetch(ISSUER + path, { method: 'POST' })).status).toBe(405)
    }
  })
  test('META-03 META-07 the issuer is the base, without query and fragment; every address is https and under it', async () => {
    const document = await metadata((await startRegistrar({ open: true, clientIdMetadataDocuments: { enabled: true } })).as)
    expect(document['issuer']).toBe(ISSUER)
    const addresses = Object.entries(document).filter(([name]) => /_(?:endpoint|uri)$/.test(name))
    expect(addresses.length).toBeGreaterThan(5)
    for (const [, address] of addresses) expect(String(address).startsWith(`${ISSUER}/`)).toBe(true)
    const { keys } = (await (await (await startServer()).fetch(`${ISSUER}/jwks`)).json()) as { keys: { use?: string }[] }
    expect(keys.map(({ use }) => use).toSorted()).toEqual(['enc', 'sig', 'sig', 'sig', 'sig'])
  })
  test('META-04 META-05 what has a default that we do not have is said', async () => {
    const document = await metadata(await startServer())
    for (const member of [
      'response_types_supported',
      'authorization_endpoint',
      'token_endpoint',
      'grant_types_supported',
      'token_endpoint_auth_methods_supported',
      'response_modes_supported',
      'code_challenge_methods_supported',
    ])
      expect(document).toHaveProperty(member)
    expect(document['grant_types_supported']).not.toContain('implicit')
  })
  test('META-06 where assertions are taken their algorithms are listed, and none is not among them', async () => {
    const document = await metadata(await startServer())
    const methods = Object.keys(document).filter((name) => name.endsWith('_endpoint_auth_methods_supported'))
    expect(methods.length).toBeGreaterThan(1)
    for (const name of methods) {
      expect(document[name]).toContain('private_key_jwt')
      const algorithms = document[name.replace('_auth_methods_', '_auth_signing_alg_values_')] as string[]
      expect(algorithms.length).toBeGreaterThan(0)
      expect(algorithms).not.toContain('none')
    }
  })
  test('META-08 META-12 registration is announced where it is, in both documents', async () => {
    const { as } = await startRegistrar({ initialAccessTokens: true })
    const openid = (await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()) as Metadata
    expect(openid).toEqual(await metadata(as))
    expect(openid['registration_endpoint']).toBe(`${ISSUER}/register`)
    expect(openid).toMatchObject({
      pushed_authorization_request_endpoint: `${ISSUER}/par`,
      authorization_response_iss_parameter_supported: true,
    })
    expect((await as.fetch(`${ISSUER}/register`, { method: 'POST' })).status).toBe(401)
  })
  test('META-10 §4: names are compared as they are written: a spelling that reads the same is another client', async () => {
    const registrar = await startRegistrar({ clientIdMetadataDocuments: { enabled: true } })
    const client_id = 'https://editor.example/caf%C3%A9.json'
    const document = { client_id, client_name: 'Editor', redirect_uris: ['https://editor.example/cb'] }
    for (const place of [client_id, 'https://editor.example/caf%c3%a9.json', 'https://editor.example/cafe%CC%81.json'])
      registrar.places.put(place, document)
    const open = async (id: string): Promise<number> =>
      (await new Person(registrar.as).authorize(authorizationParameters({ client_id: id, redirect_uri: 'https://editor.example/cb' })))
        .status
    expect(await open(client_id)).toBe(303)
    for (const id of [
      'https://editor.example/caf%c3%a9.json',
      'https://editor.example/cafe%CC%81.json',
      'https://editor.example/caf\u00e9.json',
      'https://editor.example/cafe\u0301.json',
      'https://Editor.example/caf%C3%A9.json',
      'https://editor.example:443/caf%C3%A9.json',
    ])
      expect([id, await open(id)]).toEqual([id, 400])
  })
})

test('PRM-06 RFC 9728 §4: the resources that tokens are issued for are listed; without one the member is absent', async () => {
  expect((await metadata(await startServer()))['protected_resources']).toEqual([API])
  expect(await metadata(await startServer(undefined, { resources: [] }))).not.toHaveProperty('protected_resources')
})

test('ISS-01 RFC 9207 §2: iss is in a code and in a refusal of a client that registered itself', async () => {
  const registrar = await startRegistrar()
  const { body } = await registrar.register()
  const parameters = { client_id: String(body['client_id']), redirect_uri: 'https://budget.example/cb' }
  const given = await new Person(registrar.as).through(authorizationParameters(parameters))
  const refused = await new Person(registrar.as).authorize(authorizationParameters({ ...parameters, scope: 'nothing' }))
  for (const { location } of [given, refused]) expect(location?.searchParams.get('iss')).toBe(ISSUER)
  expect([given.location?.searchParams.has('code'), refused.location?.searchParams.get('error')]).toEqual([true, 'invalid_scope'])
})
