import { generateKeyPair, signJws } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { addStoredClient, createInitialAccessToken, removeStoredClient } from '../index.ts'
import { sweepUnused } from '../registration/registered-clients.ts'
import { tally, times } from '../test/application.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { metadata, METADATA, type Registrar, startRegistrar } from '../test/registrar.ts'
import { ISSUER, publicClient } from '../test/server.ts'

const KEY = generateKeyPair('ES256')
const ISSUED_BY = 'https://trust.example'
const BY_VALUE = { issuer: ISSUED_BY, jwks: { keys: [{ ...KEY.publicJwk, kid: 'k' }] } }

function statement(claims: Readonly<Record<string, unknown>> = {}, key = KEY): string {
  return signJws({ typ: 'JWT', alg: 'ES256', kid: 'k' }, { iss: ISSUED_BY, ...claims }, key.privateKey)
}

async function registeredClients({ as }: Registrar): Promise<number> {
  const pages = await Promise.all([
    as.store.list('registration', 'standing', 'unproven', { limit: 1000 }),
    as.store.list('registration', 'standing', 'kept', { limit: 1000 }),
  ])
  return pages.flatMap(({ items }) => items).length
}

describe('REG-02 initial access tokens (RFC 7591 §3)', () => {
  const only = { initialAccessTokens: true }
  const made = ({ as }: Registrar, uses = 1): Promise<string> => createInitialAccessToken(as.store, { uses, lifetime: 600 }, as.clock)

  test('without one: 401 with a bare challenge; with a wrong one: 401 invalid_token; neither reads the body', async () => {
    const registrar = await startRegistrar(only)
    const bare = await registrar.register('not json')
    expect([bare.status, bare.headers.get('www-authenticate'), bare.body]).toEqual([401, 'Bearer realm="holdfast"', {}])
    for (const token of ['x', 'a'.repeat(69), `${(await made(registrar)).slice(0, 68)}_`]) {
      const wrong = await registrar.register('not json', token)
      expect([wrong.status, wrong.body['error']]).toEqual([401, 'invalid_token'])
      expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"')
    }
  })
  test('one registers as many clients as it says, and a refused registration does not use it', async () => {
    const registrar = await startRegistrar(only)
    const token = await made(registrar, 2)
    expect((await registrar.register(metadata({ redirect_uris: [] }), token)).status).toBe(400)
    expect((await registrar.register(METADATA, token)).status).toBe(201)
    expect((await registrar.register(METADATA, token)).status).toBe(201)
    expect((await registrar.register(METADATA, token)).status).toBe(401)
    expect(JSON.stringify(registrar.as.logged)).not.toContain(token)
  })
  test('fifty at once with a token of one use: one client; of five uses: five', async () => {
    for (const uses of [1, 5]) {
      const registrar = await startRegistrar(only)
      const token = await made(registrar, uses)
      const answers = await Promise.all(times(50, () => registrar.register(METADATA, token)))
      expect(tally(answers)).toEqual({ '201': uses, '401 invalid_token': 50 - uses })
      expect(await registeredClients(registrar)).toBe(uses)
    }
  })
  test('it ends', async () => {
    const registrar = await startRegistrar(only)
    const token = await made(registrar)
    registrar.as.clock.advance(600)
    expect((await registrar.register(METADATA, token)).status).toBe(401)
  })
  test('where registration is open too, a wrong token is still refused', async () => {
    const registrar = await startRegistrar({ open: true, ...only })
    expect((await registrar.register(METADATA, 'x')).status).toBe(401)
    expect((await registrar.register()).status).toBe(201)
  })
})

describe('REG-11 software statements (RFC 7591 §2.3, §3.1.1)', () => {
  test('its claims override the members beside it, and it comes back as it was', async () => {
    const registrar = await startRegistrar({ softwareStatements: [BY_VALUE] })
    const signed = statement({
      client_name: 'Certified',
      redirect_uris: ['https://certified.example/cb'],
      first_party: true,
      profile: 'fapi2',
    })
    const answer = await registrar.register(metadata({ software_statement: signed, client_name: 'Other' }))
    expect([answer.status, answer.body['client_name'], answer.body['software_statement']]).toEqual([201, 'Certified', signed])
    expect(await registrar.stored(answer)).toMatchObject({
      redirectUris: ['https://certified.example/cb'],
      firstParty: false,
      profile: 'oauth21',
    })
  })
  const future = 1_800_000_000 + 100
  test.each([
    ['of nobody', statement({ iss: undefined }), 'unapproved_software_statement'],
    ['of an issuer that is not trusted', statement({ iss: 'https://other.example' }), 'unapproved_software_statement'],
    ['signed by another key', statement({}, generateKeyPair('ES256')), 'invalid_software_statement'],
    [
      'without a signature',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(`{"iss":"${ISSUED_BY}"}`).toString('base64url')}.`,
      'invalid_software_statement',
    ],
    ['no JWT', 'x.y', 'invalid_software_statement'],
    ['no text', 5, 'invalid_software_statement'],
    ['that is over', statement({ exp: 1_800_000_000 }), 'invalid_software_statement'],
    ['of the future', statement({ nbf: future }), 'invalid_software_statement'],
    ['issued in the future', statement({ iat: future }), 'invalid_software_statement'],
    ['for another server', statement({ aud: 'https://other.example' }), 'invalid_software_statement'],
  ])('one %s is refused', async (_name, software_statement, code) => {
    const answer = await (await startRegistrar({ open: true, softwareStatements: [BY_VALUE] })).register(metadata({ software_statement }))
    expect([answer.status, answer.body['error']]).toEqual([400, code])
  })
  test('REG-13 its keys may be at a jwks_uri, which is fetched through the guarded client and only after the issuer is known', async () => {
    const registrar = await startRegistrar({ softwareStatements: [{ issuer: ISSUED_BY, jwksUri: 'https://trust.example/jwks' }] })
    registrar.places.put('https://trust.example/jwks', { keys: [{ ...KEY.publicJwk, kid: 'k' }] })
    expect((await registrar.register(metadata({ software_statement: statement({ iss: 'https://other.example' }) }))).status).toBe(400)
    expect(registrar.places.asked).toHaveLength(0)
    expect((await registrar.register(metadata({ software_statement: statement({ aud: [ISSUER, 'x'] }) }))).status).toBe(201)
    expect(registrar.places.asked.map(({ url }) => url)).toEqual(['https://trust.example/jwks'])
  })
  test('where only statements count, one is needed; where none count, it is ignored', async () => {
    expect((await (await startRegistrar({ softwareStatements: [BY_VALUE] })).register()).body['error']).toBe('invalid_software_statement')
    const open = await (await startRegistrar()).register(metadata({ software_statement: statement({ client_name: 'Certified' }) }))
    expect([open.status, open.body['client_name'], 'software_statement' in open.body]).toEqual([201, 'Budget', false])
  })
})

describe('registration cannot fill the store', () => {
  test('REG-02 so many from one address in an hour: 429 before the body is read', async () => {
    const registrar = await startRegistrar({ open: true, perAddress: 2 })
    expect(tally(await Promise.all(times(5, () => registrar.register())))).toEqual({ '201': 2, '429 temporarily_unavailable': 3 })
    const refused = await registrar.register('not json')
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
    registrar.as.clock.advance(3600)
    expect((await registrar.register()).status).toBe(201)
  })
  test('REG-02 fifty at once where ten may be: ten, and 503; one that goes makes room', async () => {
    const registrar = await startRegistrar({ open: true, mostClients: 10 })
    const answers = await Promise.all(times(50, () => registrar.register()))
    expect(tally(answers)).toEqual({ '201': 10, '503 temporarily_unavailable': 40 })
    expect(await registeredClients(registrar)).toBe(10)
    const [first, second] = answers.filter(({ status }) => status === 201)
    expect((await registrar.manage('DELETE', first as never)).status).toBe(204)
    expect(await removeStoredClient(registrar.as.store, String(second?.body['client_id']), registrar.as.clock)).toBe('removed')
    expect(tally(await Promise.all(times(3, () => registrar.register())))).toEqual({ '201': 2, '503 temporarily_unavailable': 1 })
  })
  test('REG-02 strangers who took all the room do not shut out who has a token of the operator', async () => {
    const registrar = await startRegistrar({ open: true, initialAccessTokens: true, mostClients: 2 })
    const token = await createInitialAccessToken(registrar.as.store, { uses: 1, lifetime: 60 }, registrar.as.clock)
    expect(tally(await Promise.all(times(3, () => registrar.register())))).toEqual({ '201': 2, '503 temporarily_unavailable': 1 })
    expect((await registrar.register(undefined, token)).status).toBe(201)
    expect((await registrar.register()).status).toBe(503)
  })
  test('a removal by the operator ends the registration access token too', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    await removeStoredClient(registrar.as.store, String(answer.body['client_id']), registrar.as.clock)
    expect((await registrar.manage('GET', answer)).status).toBe(401)
    expect(await registrar.as.store.read('registration', String(answer.body['client_id']))).toBeUndefined()
  })
  test('an open registration that nobody uses ends; one that a person allowed something, and one by token, stay', async () => {
    const registrar = await startRegistrar({ open: true, initialAccessTokens: true, unusedAfter: 100 })
    const { as } = registrar
    const [unused, used] = [await registrar.register(), await registrar.register()]
    const vouched = await registrar.register(METADATA, await createInitialAccessToken(as.store, { uses: 1, lifetime: 60 }, as.clock))
    await addStoredClient(as.store, publicClient(), as.clock)
    await new Person(as).through(
      authorizationParameters({ client_id: String(used.body['client_id']), redirect_uri: 'https://budget.example/cb' }),
    )
    as.clock.advance(99)
    expect(await sweepUnused(as.store, as.clock.now(), 100)).toBe(0)
    as.clock.advance(1)
    expect(await sweepUnused(as.store, as.clock.now(), 100)).toBe(1)
    for (const [one, kept] of [
      [unused, false],
      [used, true],
      [vouched, true],
    ] as const)
      expect((await as.store.read('client', String(one.body['client_id']))) !== undefined).toBe(kept)
    expect(await as.store.read('client', 'app')).toBeDefined()
    expect((await as.store.read('registration', String(used.body['client_id'])))?.value.standing).toBe('kept')
    expect(await sweepUnused(as.store, as.clock.now() + 1000, 100)).toBe(0)
  })
})
