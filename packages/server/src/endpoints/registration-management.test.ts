import { generateKeyPair, signJws } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { basic, tally, times } from '../test/application.ts'
import { authorizationParameters, Person, VERIFIER } from '../test/person.ts'
import { metadata, METADATA, type Registered, type Registrar, startRegistrar } from '../test/registrar.ts'
import { ISSUER, startServer } from '../test/server.ts'

const idOf = (of: Registered): string => String(of.body['client_id'])

/** The members of an update: all that was registered, without what the server gives. */
function update(of: Registered, over: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return { ...METADATA, client_id: idOf(of), ...over }
}

/** Tokens of a public client, through the browser. */
async function tokens(
  { as }: Registrar,
  clientId: string,
  redirectUri = 'https://budget.example/cb',
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, string>> }> {
  const seen = await new Person(as).through(authorizationParameters({ client_id: clientId, redirect_uri: redirectUri }))
  const code = seen.location?.searchParams.get('code') ?? ''
  const response = await as.fetch(`${ISSUER}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      code_verifier: VERIFIER,
      redirect_uri: redirectUri,
    }).toString(),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

async function refresh({ as }: Registrar, clientId: string, token: string): Promise<number> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId, refresh_token: token }).toString()
  return (await as.fetch(`${ISSUER}/token`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }))
    .status
}

test('REG-20 REG-21 RFC 7592 §2.1: reading shows what was registered, the same token, and never a secret again', async () => {
  const registrar = await startRegistrar()
  const answer = await registrar.register(metadata({ token_endpoint_auth_method: undefined }))
  const read = await registrar.manage('GET', answer)
  const { client_secret: secret, ...rest } = answer.body
  expect([read.status, read.headers.get('cache-control'), read.body]).toEqual([200, 'no-store', rest])
  expect(secret).toBeDefined()
  expect((await registrar.manage('GET', read)).body).toEqual(rest)
})

describe('REG-21 REG-24 RFC 7592 §2.2: an update', () => {
  test('replaces everything, gives a new token, and ends the old one at once', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register(metadata({ client_uri: 'https://budget.example/', scope: 'openid email' }))
    const updated = await registrar.manage('PUT', answer, update(answer, { client_name: 'Budget 2' }))
    expect(updated.status).toBe(200)
    expect(updated.body).toMatchObject({ client_id: idOf(answer), client_name: 'Budget 2', scope: 'openid profile email offline_access' })
    expect(updated.body).not.toHaveProperty('client_uri')
    expect(updated.body['registration_access_token']).not.toBe(answer.body['registration_access_token'])
    for (const method of ['GET', 'PUT', 'DELETE'] as const)
      expect((await registrar.manage(method, answer, method === 'PUT' ? update(answer) : undefined)).status).toBe(401)
    expect((await registrar.manage('GET', updated)).body['client_name']).toBe('Budget 2')
    expect((await registrar.stored(answer)).clientUri).toBeUndefined()
  })
  test('is known to the server within a second', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    const other = 'https://other.example/cb'
    const open = async (): Promise<number> =>
      (await new Person(registrar.as).authorize(authorizationParameters({ client_id: idOf(answer), redirect_uri: other }))).status
    expect(await open()).toBe(400)
    await registrar.manage('PUT', answer, update(answer, { redirect_uris: [other] }))
    registrar.as.clock.advance(1)
    expect(await open()).toBe(303)
  })
  test.each([
    ['client_id of another', { client_id: 'web' }],
    ['no client_id', { client_id: undefined }],
    ['registration_access_token', { registration_access_token: 'x' }],
    ['registration_client_uri', { registration_client_uri: `${ISSUER}/register/x` }],
    ['client_secret_expires_at', { client_secret_expires_at: 0 }],
    ['client_id_issued_at', { client_id_issued_at: 1 }],
    ['another client_secret', { client_secret: 'a secret of its own choice, long enough to count' }],
    ['A47 an implicit grant', { grant_types: ['authorization_code', 'implicit'] }],
    ['A47 A11 a logo that runs', { logo_uri: 'javascript:alert(1)' }],
    ['A47 a scope beyond the policy alone', { scope: 'accounts:write' }],
  ])('with %s is refused, changes nothing and keeps the token', async (_name, over) => {
    const registrar = await startRegistrar()
    const answer = await registrar.register(metadata({ token_endpoint_auth_method: undefined }))
    const refused = await registrar.manage('PUT', answer, update(answer, over))
    expect([refused.status, refused.body['error']]).toEqual([400, 'invalid_client_metadata'])
    const { client_secret: _secret, ...rest } = answer.body
    expect((await registrar.manage('GET', answer)).body).toEqual(rest)
  })
  test('A47 what only an operator may say is not taken in an update either', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    const over = {
      first_party: true,
      profile: 'fapi2',
      unsafe_without_pkce: true,
      protected_resources: ['https://api.example/accounts'],
      resources: ['x'],
      origin: 'operator',
    }
    expect((await registrar.manage('PUT', answer, update(answer, over))).status).toBe(200)
    expect(await registrar.stored(answer)).toMatchObject({
      origin: 'machine',
      profile: 'oauth21',
      firstParty: false,
      unsafeWithoutPkce: false,
      protectedResources: [],
      resources: [],
    })
  })
  test('the secret stays; it goes with its method, and comes anew with it', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register(metadata({ token_endpoint_auth_method: undefined }))
    const same = await registrar.manage(
      'PUT',
      answer,
      update(answer, { token_endpoint_auth_method: 'client_secret_post', client_secret: answer.body['client_secret'] }),
    )
    expect([same.status, 'client_secret' in same.body, same.body['client_secret_expires_at']]).toEqual([200, false, 0])
    const before = (await registrar.stored(answer)).secrets
    expect(before).toHaveLength(1)
    const gone = await registrar.manage('PUT', same, update(answer, { token_endpoint_auth_method: 'none' }))
    expect([(await registrar.stored(answer)).secrets, 'client_secret_expires_at' in gone.body]).toEqual([[], false])
    const again = await registrar.manage('PUT', gone, update(answer, { token_endpoint_auth_method: undefined }))
    expect(again.body['client_secret']).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(again.body['client_secret']).not.toBe(answer.body['client_secret'])
  })
  test('REG-11 A47 a client that registered with a software statement cannot update its claims away', async () => {
    const key = generateKeyPair('ES256')
    const registrar = await startRegistrar({
      open: true,
      softwareStatements: [{ issuer: 'https://trust.example', jwks: { keys: [key.publicJwk] } }],
    })
    const software_statement = signJws({ alg: 'ES256' }, { iss: 'https://trust.example', client_name: 'Certified' }, key.privateKey)
    const answer = await registrar.register(metadata({ software_statement }))
    const without = await registrar.manage('PUT', answer, update(answer, { client_name: 'Other' }))
    expect([without.status, without.body['error']]).toEqual([400, 'invalid_software_statement'])
    const withIt = await registrar.manage('PUT', answer, update(answer, { client_name: 'Other', software_statement }))
    expect([withIt.status, withIt.body['client_name']]).toEqual([200, 'Certified'])
  })
  test('so many in an hour of one client', async () => {
    const registrar = await startRegistrar()
    let last = await registrar.register()
    for (let count = 0; count < 60; count++) last = await registrar.manage('PUT', last, update(last))
    expect((await registrar.manage('PUT', last, update(last))).status).toBe(429)
    expect((await registrar.manage('GET', last)).status).toBe(200)
  })
})

describe('REG-23 REG-25 RFC 7592 §2: who may', () => {
  test('nobody without the token of that very client; an unknown client looks like a wrong token', async () => {
    const registrar = await startRegistrar()
    const [one, other] = [await registrar.register(), await registrar.register()]
    const nowhere = { ...one, body: { ...one.body, registration_client_uri: `${ISSUER}/register/c_${'x'.repeat(22)}` } }
    const configured = { ...one, body: { ...one.body, registration_client_uri: `${ISSUER}/register/web` } }
    const wrong = await registrar.manage('GET', one, undefined, other.body['registration_access_token'])
    expect([wrong.status, wrong.body['error']]).toEqual([401, 'invalid_token'])
    expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"')
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      for (const of of [nowhere, configured]) {
        const answer = await registrar.manage(method, of, method === 'PUT' ? update(of) : undefined)
        expect([answer.status, answer.body]).toEqual([401, wrong.body])
      }
      const bare = await registrar.send(String(one.body['registration_client_uri']), { method })
      expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="holdfast"'])
    }
    expect((await registrar.manage('GET', one)).status).toBe(200)
  })
  test('REG-22 another method is 405', async () => {
    const registrar = await startRegistrar()
    const { body } = await registrar.register()
    const answer = await registrar.send(String(body['registration_client_uri']), { method: 'POST', body: '{}' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE'])
  })
  test('a client that was switched off is 403, and nothing of it works', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    const record = await registrar.as.store.read('client', idOf(answer))
    if (record === undefined) throw new Error('no client')
    const value = { ...record.value, client: { ...record.value.client, disabled: true } }
    await registrar.as.store.commit([{ op: 'replace', kind: 'client', id: record.id, expected: record.version, value }])
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const refused = await registrar.manage(method, answer, method === 'PUT' ? update(answer) : undefined)
      expect([refused.status, refused.body['error']]).toEqual([403, 'access_denied'])
    }
  })
})

describe('REG-22 RFC 7592 §2.3: the end of a client', () => {
  test('204; the client, its grants and its refresh tokens are gone, on every server', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register(metadata({ grant_types: ['authorization_code', 'refresh_token'] }))
    const other = await startServer([], { store: registrar.as.store, clock: registrar.as.clock, registration: { open: true } })
    const given = await tokens(registrar, idOf(answer))
    expect(await refresh({ ...registrar, as: other } as Registrar, idOf(answer), given.body['refresh_token'] ?? '')).toBe(200)
    expect((await registrar.manage('DELETE', answer)).status).toBe(204)
    const { store } = registrar.as
    for (const [kind, index] of [
      ['grant', 'clientId'],
      ['refresh_family', 'clientId'],
      ['consent', 'clientId'],
    ] as const)
      expect((await store.list(kind, index, idOf(answer), { limit: 10 })).items).toEqual([])
    registrar.as.clock.advance(1)
    for (const as of [registrar.as, other]) {
      expect(await refresh({ ...registrar, as } as Registrar, idOf(answer), given.body['refresh_token'] ?? '')).toBe(401)
      expect((await as.fetch(`${ISSUER}/userinfo`, { headers: { authorization: `Bearer ${given.body['access_token']}` } })).status).toBe(
        401,
      )
      expect(
        (await new Person(as).authorize(authorizationParameters({ client_id: idOf(answer), redirect_uri: 'https://budget.example/cb' })))
          .status,
      ).toBe(400)
    }
    for (const method of ['GET', 'DELETE'] as const) expect((await registrar.manage(method, answer)).status).toBe(401)
  })
  test('a secret of a removed client is no longer one', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register(metadata({ token_endpoint_auth_method: undefined }))
    const ask = async (): Promise<number> =>
      (
        await registrar.as.fetch(`${ISSUER}/revoke`, {
          method: 'POST',
          headers: {
            authorization: basic(idOf(answer), String(answer.body['client_secret'])),
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: 'token=x',
        })
      ).status
    expect(await ask()).toBe(200)
    await registrar.manage('DELETE', answer)
    registrar.as.clock.advance(1)
    expect(await ask()).toBe(401)
  })
})

describe('REG-24 fifty at once with one registration access token', () => {
  test('updates: one wins, the others hold an old token', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    const answers = await Promise.all(
      times(50, (index) => registrar.manage('PUT', answer, update(answer, { client_name: `Budget ${index}` }))),
    )
    expect(tally(answers)).toEqual({ '200': 1, '401 invalid_token': 49 })
    const winner = answers.find(({ status }) => status === 200)
    expect((await registrar.stored(answer)).clientName).toBe(winner?.body['client_name'])
    expect((await registrar.manage('GET', winner as Registered)).status).toBe(200)
  })
  test('removals and updates: one wins, and never is half of a client left', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    const answers = await Promise.all(
      times(50, (index) => (index % 2 === 0 ? registrar.manage('PUT', answer, update(answer)) : registrar.manage('DELETE', answer))),
    )
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49)
    const { store } = registrar.as
    const halves = await Promise.all([store.read('client', idOf(answer)), store.read('registration', idOf(answer))])
    expect(halves[0] === undefined).toBe(halves[1] === undefined)
  })
  test('updates of twenty clients at once all succeed, though each moves what caches follow', async () => {
    const registrar = await startRegistrar()
    const all = await Promise.all(times(20, () => registrar.register()))
    expect(tally(await Promise.all(all.map((one) => registrar.manage('PUT', one, update(one)))))).toEqual({ '200': 20 })
  })
})
