import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import { newSecret } from '@holdfast/protocol/secret'
import { afterAll, describe, expect, test } from 'vitest'
import type { TrustedIssuer } from '../config/trusted-issuers.ts'
import type { Client } from '../index.ts'
import { type Answer, Application, KEY, type Parameters, tally, times, told } from '../test/application.ts'
import { Places } from '../test/places.ts'
import { client, ISSUER, publicClient, startServer } from '../test/server.ts'
import { JWT_BEARER } from './jwt-bearer.ts'

const PARTNER = 'https://partner.example'
const partnerKey = generateKeyPair('ES256')
const stranger = generateKeyPair('ES256')

function issuer(over: Partial<TrustedIssuer> = {}): TrustedIssuer {
  return {
    issuer: PARTNER,
    jwks: { keys: [{ ...partnerKey.publicJwk, kid: 'p1' }] },
    jwksUri: undefined,
    algorithms: ['ES256'],
    subjectClaim: 'sub',
    subjectIs: 'username',
    scopes: ['accounts:read'],
    clients: ['web', 'app'],
    disabled: false,
    ...over,
  }
}

const grantTypes = [JWT_BEARER]
const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing) await close()
})

async function made(
  over: Partial<TrustedIssuer> = {},
  of: Partial<Client> = {},
  dpop?: KeyPair,
  places = new Places(),
): Promise<Application> {
  const one = client({ grantTypes, ...of })
  const others = [publicClient({ grantTypes }), client({ clientId: 'other', grantTypes }), client({ clientId: 'plain' })]
  const as = await startServer([one, ...others], { trustedIssuers: [issuer(over)], outbound: places, dpopNonce: 'off' })
  closing.push(() => as.server.close())
  return new Application(as, one, { dpop })
}

type Members = Readonly<Record<string, unknown>>

function assertion(one: Application, claims: Members = {}, header: Members = {}, key = partnerKey): string {
  const now = one.as.clock.now()
  return signJws(
    { typ: 'authorization-grant+jwt', alg: key.alg, kid: 'p1', ...header },
    { iss: PARTNER, sub: 'ada', aud: ISSUER, iat: now, exp: now + 120, jti: newSecret(), ...claims },
    key.privateKey,
  )
}

function ask(one: Application, jwt: string = assertion(one), over: Parameters = {}): Promise<Answer> {
  return one.post('/token', { grant_type: JWT_BEARER, assertion: jwt, ...over })
}

describe('an assertion of a trusted issuer (RFC 7523 §2.1)', () => {
  test('CAUTH-35 becomes an access token for the person, in the scopes of the issuer, without a refresh or ID token', async () => {
    const one = await made()
    const answer = await ask(one)
    expect(told(answer)).toBe('200')
    expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: 'accounts:read', expires_in: 120 })
    expect(Object.keys(answer.body).toSorted()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
    const payload = JSON.parse(Buffer.from(String(answer.body['access_token']).split('.')[1] ?? '', 'base64url').toString()) as Members
    expect(payload).toMatchObject({ sub: 'u_ada', client_id: 'web', aud: 'https://api.example/accounts' })
  })

  test('CAUTH-35 the token endpoint as aud, and a list with others, are taken, unlike for client authentication', async () => {
    const one = await made()
    expect(told(await ask(one, assertion(one, { aud: `${ISSUER}/token` })))).toBe('200')
    expect(told(await ask(one, assertion(one, { aud: ['https://else.example', ISSUER] })))).toBe('200')
  })

  test('the token is bound to the key of a proof, and ends with the grant that the client may revoke', async () => {
    const one = await made({ scopes: ['openid'] }, { scopes: ['openid'] }, KEY)
    const answer = await ask(one)
    expect(answer.body['token_type']).toBe('DPoP')
    const access = String(answer.body['access_token'])
    expect((await one.userinfo(access)).body['sub']).toBe('u_ada')
    expect((await one.post('/revoke', { token: access })).status).toBe(200)
    expect((await one.userinfo(access)).status).toBe(401)
  })

  type Case = [name: string, claims: (now: number) => Members, expected: string, header?: Members]
  test.each<Case>([
    ['another aud', () => ({ aud: 'https://else.example' }), '400 invalid_grant'],
    ['the PAR endpoint as aud', () => ({ aud: `${ISSUER}/par` }), '400 invalid_grant'],
    ['no aud', () => ({ aud: undefined }), '400 invalid_grant'],
    ['no exp', () => ({ exp: undefined }), '400 invalid_grant'],
    ['expired now', (now) => ({ exp: now }), '400 invalid_grant'],
    ['expired within this second', (now) => ({ exp: now + 0.5 }), '400 invalid_grant'],
    ['exp more than an hour ahead', (now) => ({ exp: now + 3601 }), '400 invalid_grant'],
    ['nbf ahead', (now) => ({ nbf: now + 11 }), '400 invalid_grant'],
    ['iat ahead', (now) => ({ iat: now + 11 }), '400 invalid_grant'],
    ['no jti', () => ({ jti: undefined }), '400 invalid_grant'],
    ['a person who is not here', () => ({ sub: 'eve' }), '400 invalid_grant'],
    ['nobody', () => ({ sub: undefined }), '400 invalid_grant'],
    ['an issuer that is not trusted', () => ({ iss: 'https://evil.example' }), '400 invalid_grant'],
    ['no issuer', () => ({ iss: undefined }), '400 invalid_grant'],
    ['an ID token of the issuer', () => ({}), '400 invalid_grant', { typ: 'id+jwt' }],
    ['an access token of the issuer', () => ({}), '400 invalid_grant', { typ: 'at+jwt' }],
    ['a client assertion', () => ({}), '400 invalid_grant', { typ: 'client-authentication+jwt' }],
    ['without typ', () => ({}), '200', { typ: undefined }],
  ])('CAUTH-35 %s', async (_name, claims, expected, header) => {
    const one = await made()
    expect(told(await ask(one, assertion(one, claims(one.as.clock.now()), header)))).toBe(expected)
  })

  test('CAUTH-35 A37 by a stranger, by an algorithm that is not agreed, and of an issuer that is disabled, it is worth nothing', async () => {
    const one = await made()
    expect(told(await ask(one, assertion(one, {}, {}, stranger)))).toBe('400 invalid_grant')
    expect(told(await ask(one, assertion(one, {}, { jwk: stranger.publicJwk, kid: undefined }, stranger)))).toBe('400 invalid_grant')
    const other = await made({ algorithms: ['PS256'] })
    expect(told(await ask(other))).toBe('400 invalid_grant')
    const off = await made({ disabled: true })
    expect(told(await ask(off))).toBe('400 invalid_grant')
    expect(told(await ask(one, 'x.y'))).toBe('400 invalid_grant')
    expect(told(await ask(one, ''))).toBe('400 invalid_request')
  })

  test('CAUTH-35 only clients that the operator named may bring it, and none that is public or lacks the grant', async () => {
    const one = await made()
    const { as } = one
    const other = new Application(as, client({ clientId: 'other', grantTypes }))
    expect(told(await ask(other, assertion(one)))).toBe('400 invalid_grant')
    expect(told(await ask(new Application(as, publicClient({ grantTypes })), assertion(one)))).toBe('400 unauthorized_client')
    expect(told(await ask(new Application(as, client({ clientId: 'plain' })), assertion(one)))).toBe('400 unauthorized_client')
  })

  test('A38 neither the issuer nor the client can have more than the operator gave it', async () => {
    const one = await made({ scopes: ['accounts:read', 'accounts:write'] }, { scopes: ['accounts:read'] })
    expect((await ask(one)).body['scope']).toBe('accounts:read')
    expect(told(await ask(one, assertion(one), { scope: 'accounts:write' }))).toBe('400 invalid_scope')
    expect(told(await ask(await made(), undefined, { scope: 'accounts:write' }))).toBe('400 invalid_scope')
    expect(told(await ask(one, assertion(one), { resource: 'https://else.example' }))).toBe('400 invalid_target')
  })

  test('a disabled account is nobody', async () => {
    const one = await made()
    const ada = one.as.people.get('u_ada')
    if (ada !== undefined) one.as.people.set('u_ada', { ...ada, disabled: true })
    expect(told(await ask(one))).toBe('400 invalid_grant')
  })

  test('CAUTH-35 of fifty uses of one assertion at once one is answered, and none later', async () => {
    const one = await made()
    const jwt = assertion(one)
    const answers = await Promise.all(times(50, () => ask(one, jwt)))
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': 49 })
    expect(told(await ask(one, jwt))).toBe('400 invalid_grant')
  })

  test('keys at a jwks_uri are fetched; while they cannot be, the assertion is refused and not used up', async () => {
    const places = new Places()
    const one = await made({ jwks: undefined, jwksUri: `${PARTNER}/jwks` }, {}, undefined, places)
    const jwt = assertion(one)
    places.cut(`${PARTNER}/jwks`)
    expect(told(await ask(one, jwt))).toBe('400 invalid_grant')
    places.put(`${PARTNER}/jwks`, { keys: [{ ...partnerKey.publicJwk, kid: 'p1' }] })
    one.as.clock.advance(11)
    expect(told(await ask(one, jwt))).toBe('200')
  })

  test('the person may be named by another claim, as sub of an account here', async () => {
    const one = await made({ subjectClaim: 'holdfast_sub', subjectIs: 'sub' })
    expect(told(await ask(one, assertion(one, { holdfast_sub: 'u_ada' })))).toBe('200')
    expect(told(await ask(one))).toBe('400 invalid_grant')
  })
})
