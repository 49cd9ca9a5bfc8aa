import { parseJws } from '@holdfast/proof'
import { thumbprint } from '@holdfast/proof/node'
import { generateKeyPair } from '@holdfast/proof/node'
import { StoreUnavailable } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import type { Client, Resource } from '../index.ts'
import { type Answer, Application, KEY, type Parameters, tally, times, told } from '../test/application.ts'
import { openCountedStore } from '../test/counted-store.ts'
import { ACCOUNTS_API, API, client, ISSUER, publicClient, startServer } from '../test/server.ts'

const PAYMENTS = 'https://api.example/payments'
const PAYMENTS_API: Resource = { ...ACCOUNTS_API, identifier: PAYMENTS, scopes: [{ name: 'payments', description: 'Pay' }] }
const BARE = 'https://bare.example'
const BARE_API: Resource = { ...ACCOUNTS_API, identifier: BARE, scopes: [] }
const RESOURCES = [ACCOUNTS_API, PAYMENTS_API, BARE_API]

function machine(over: Partial<Client> = {}): Client {
  return client({
    clientId: 'robot',
    redirectUris: [],
    grantTypes: ['client_credentials'],
    scopes: ['accounts:read', 'accounts:write'],
    ...over,
  })
}

async function robot(over: Partial<Client> = {}, keys: ConstructorParameters<typeof Application>[2] = {}): Promise<Application> {
  const one = machine(over)
  return new Application(await startServer([one, publicClient()], { resources: RESOURCES }), one, keys)
}

const ask = (one: Application, over: Parameters = {}): Promise<Answer> => one.post('/token', { grant_type: 'client_credentials', ...over })

/** `audience: scopes`, or the refusal. */
function seen(answer: Answer): string {
  if (answer.status !== 200) return told(answer)
  const { aud, scope } = parseJws(String(answer.body['access_token']), { maxLength: 8192 })?.payload ?? {}
  return `${String(aud)}: ${String(scope ?? '')}`
}

describe('OAuth 2.1 §4.2: a token for the client itself', () => {
  test('OA-56 TOK-05 RFC 9068 §2.2: its subject is the client, there is no person, no refresh token and no ID token', async () => {
    const one = await robot()
    const answer = await ask(one, { scope: 'accounts:read' })
    expect(answer.body).toEqual({
      access_token: expect.any(String) as string,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'accounts:read',
    })
    expect(parseJws(String(answer.body['access_token']), { maxLength: 8192 })?.payload).toEqual({
      iss: ISSUER,
      sub: 'robot',
      aud: API,
      client_id: 'robot',
      iat: one.as.clock.now(),
      exp: one.as.clock.now() + 300,
      jti: expect.any(String) as string,
      scope: 'accounts:read',
    })
  })

  test('DPOP-25 RFC 9449 §5: bound to the key of the proof, which is used up', async () => {
    const one = await robot({}, { dpop: KEY })
    const dpop = (): Promise<string> => one.learnNonce().then(() => one.proof('/token'))
    const used = await dpop()
    const answers = await Promise.all(times(50, () => one.post('/token', { grant_type: 'client_credentials' }, { dpop: used })))
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_dpop_proof': 49 })
    const { token_type: type, access_token: token } = answers.find(({ status }) => status === 200)?.body ?? {}
    expect(type).toBe('DPoP')
    expect(parseJws(String(token), { maxLength: 8192 })?.payload['cnf']).toEqual({ jkt: thumbprint(KEY.publicJwk) })
  })

  test('DPOP-26 RFC 9449 §5.2: a client whose tokens are bound must send a proof', async () => {
    expect(told(await ask(await robot({ dpopBoundAccessTokens: true })))).toBe('400 invalid_request')
  })

  test('CAUTH-27 with private_key_jwt an assertion works once, also of 50 at once', async () => {
    const assertion = generateKeyPair('ES256')
    const one = await robot(
      { tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwks: { keys: [{ ...assertion.publicJwk }] } },
      { assertion },
    )
    const parameters = one.asserting()
    const answers = await Promise.all(
      times(50, () => one.post('/token', { grant_type: 'client_credentials' }, { credentials: { parameters } })),
    )
    expect(tally(answers)).toEqual({ '200': 1, '401 invalid_client': 49 })
  })
})

describe('who', () => {
  test('OA-56 OAuth 2.1 §4.2: never a public client, even one that is registered for it', async () => {
    const open = publicClient({ grantTypes: ['client_credentials'], scopes: ['accounts:read'] })
    const one = new Application(await startServer([open]), open)
    expect(told(await ask(one))).toBe('400 unauthorized_client')
  })

  test('OA-56 only a client that is registered for it', async () => {
    expect(told(await ask(await robot({ grantTypes: ['authorization_code'] })))).toBe('400 unauthorized_client')
  })

  test('INT-01 OA-45 nobody without credentials', async () => {
    const one = await robot()
    const bare = { credentials: { parameters: { client_id: 'robot' } } }
    expect(told(await one.post('/token', { grant_type: 'client_credentials' }, bare))).toBe('401 invalid_client')
  })
})

describe('what for', () => {
  test.each<[string, Partial<Client>, Parameters, string]>([
    ['TOK-09 without scope: all that is registered', {}, {}, `${API}: accounts:read accounts:write`],
    ['A38 a scope that is not registered', {}, { scope: 'accounts:read payments' }, '400 invalid_scope'],
    ['A38 a scope that nobody knows', {}, { scope: 'accounts:admin' }, '400 invalid_scope'],
    ['OA-56 openid: there is no person', { scopes: ['openid', 'accounts:read'] }, { scope: 'openid accounts:read' }, '400 invalid_scope'],
    ['OA-56 offline_access', { scopes: ['offline_access', 'accounts:read'] }, { scope: 'offline_access' }, '400 invalid_scope'],
    [
      'OA-56 a registered openid is not given without being asked for',
      { scopes: ['openid', 'accounts:read'] },
      {},
      `${API}: accounts:read`,
    ],
    ['OA-26 a malformed scope', {}, { scope: 'accounts:read  accounts:write' }, '400 invalid_scope'],
    ['RES-01 a resource that nobody knows', {}, { resource: 'https://unknown.example' }, '400 invalid_target'],
    ['RES-01 a resource that is no URI', {}, { resource: 'accounts' }, '400 invalid_target'],
    ['RES-01 A41 a resource of other clients', { resources: [API] }, { resource: PAYMENTS }, '400 invalid_target'],
    [
      'RES-02 RES-05 a named resource, and the scopes that mean something there',
      {},
      { resource: API },
      `${API}: accounts:read accounts:write`,
    ],
    [
      'RES-05 TOK-07 RFC 8707 §2.2: scopes of another resource are left out',
      { scopes: ['accounts:read', 'payments'] },
      { resource: PAYMENTS, scope: 'accounts:read payments' },
      `${PAYMENTS}: payments`,
    ],
    [
      'RES-05 none of the scopes belongs to the resource',
      { scopes: ['accounts:read', 'payments'] },
      { resource: PAYMENTS, scope: 'accounts:read' },
      '400 invalid_scope',
    ],
    ['TOK-09 TOK-10 scopes of two resources and none named', { scopes: ['accounts:read', 'payments'] }, {}, '400 invalid_scope'],
    ['TOK-09 the only registered resource', { scopes: ['accounts:read', 'payments'], resources: [PAYMENTS] }, {}, `${PAYMENTS}: payments`],
    ['TOK-11 the issuer is no resource for a machine', {}, { resource: ISSUER }, '400 invalid_target'],
    ['TOK-09 nothing registered and nothing named', { scopes: [] }, {}, '400 invalid_target'],
    ['A38 a resource without scopes, to whom it is not listed', { scopes: [] }, { resource: BARE }, '400 invalid_scope'],
    ['RES-02 a resource without scopes, where it is listed', { scopes: [], resources: [BARE] }, {}, `${BARE}: `],
  ])('%s', async (_name, over, parameters, expected) => {
    expect(seen(await ask(await robot(over), parameters))).toBe(expected)
  })

  test('OA-56 the refusal of openid says why: there is no person', async () => {
    const { body } = await ask(await robot({ scopes: ['openid'] }), { scope: 'openid' })
    expect(body['error_description']).toBe('scope openid is about a person, and client_credentials has none')
  })

  test('RES-06 RFC 8707 §3: two resources for one token', async () => {
    const one = await robot({ scopes: ['accounts:read', 'payments'] })
    const resources = [API, PAYMENTS].map((each) => `resource=${encodeURIComponent(each)}`).join('&')
    const answer = await one.send(`${ISSUER}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...one.credentials().headers },
      body: `grant_type=client_credentials&${resources}`,
    })
    expect(told(answer)).toBe('400 invalid_target')
  })
})

describe('the audit trail (docs/decisions/0010)', () => {
  test('a JWT for a secret stores nothing; the sum of a minute is one event for each client and audience', async () => {
    const store = openCountedStore()
    const one = machine()
    const as = await startServer([one], { store, resources: RESOURCES })
    const app = new Application(as, one)
    const before = store.rows()
    await Promise.all(times(200, (index) => ask(app, { scope: index % 2 === 0 ? 'accounts:read' : 'accounts:write' })))
    expect(store.rows() - before).toBe(0)
    await as.server.close()
    expect(store.rows() - before).toBe(1)
  })

  test('the event says who, for whom, with what and how often; a refusal is not counted', async () => {
    const one = await robot()
    const told: object[] = []
    const commit = one.as.store.commit.bind(one.as.store)
    one.as.store.commit = (changes) => {
      for (const change of changes) if (change.kind === 'audit_event' && change.op === 'insert') told.push(change.value)
      return commit(changes)
    }
    await ask(one, { scope: 'accounts:read' })
    await ask(one)
    await ask(one, { scope: 'payments' })
    await one.as.server.close()
    expect(told.filter((each) => (each as { type: string }).type === 'tokens.issued')).toEqual([
      {
        type: 'tokens.issued',
        at: one.as.clock.now(),
        clientId: 'robot',
        subject: 'robot',
        detail: { grantType: 'client_credentials', audience: [API], scopes: ['accounts:read', 'accounts:write'], count: 2 },
      },
    ])
  })

  test('sums that could not be stored are stored the next time', async () => {
    const one = await robot()
    await ask(one)
    const commit = one.as.store.commit.bind(one.as.store)
    let stored: readonly { readonly kind: string; readonly op: string }[] = []
    one.as.store.commit = () => Promise.reject(new StoreUnavailable('away'))
    await expect(one.as.server.close()).rejects.toThrow('away')
    one.as.store.commit = (changes) => {
      stored = [...stored, ...changes]
      return commit(changes)
    }
    await ask(one)
    await one.as.server.close()
    expect(stored).toMatchObject([{ kind: 'audit_event', value: { type: 'tokens.issued', detail: { count: 2 } } }])
  })
})
