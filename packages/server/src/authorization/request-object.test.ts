import { generateKeyPair, signJws } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, startServer, type TestServer } from '../test/server.ts'
import { jwkOf, objectClaims, requestObject, RSA_SIGNER, signedQuery, SIGNER, signingClient } from '../test/signed-requests.ts'

const CALLBACK = 'https://app.example/callback'
const told = (seen: Seen): string => `${seen.status} ${seen.location?.searchParams.get('error') ?? seen.location?.pathname.split('/')[1]}`
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Sends a request object with the redirect URI beside it, so that a refusal comes back to the client. */
async function ask(object: (as: TestServer) => string, over: Parameters<typeof signingClient>[0] = {}): Promise<string> {
  const as = await startServer([signingClient(over)])
  return told(await new Person(as).authorize(signedQuery(object(as), { redirect_uri: CALLBACK })))
}

const GOOD = '303 interaction'
const BAD = '303 invalid_request_object'

describe('a signed request', () => {
  test('JAR-01 JAR-04 JAR-10 RFC 9101 §5: its parameters are those inside, and what stands outside counts for nothing', async () => {
    const as = await startServer([signingClient({ redirectUris: [CALLBACK, 'https://app.example/other'] })])
    const object = requestObject(as, {
      state: 'inside',
      max_age: 3600,
      resource: ['https://api.example/accounts'],
      scope: 'openid accounts:read',
    })
    const outside = {
      redirect_uri: 'https://app.example/other',
      state: 'outside',
      response_mode: 'fragment',
      scope: 'email',
      prompt: 'none',
    }
    const { location } = await new Person(as).through(signedQuery(object, outside))
    expect([location?.origin, location?.pathname, location?.hash]).toEqual(['https://app.example', '/callback', ''])
    expect([location?.searchParams.get('state'), location?.searchParams.has('code')]).toEqual(['inside', true])
  })

  test('JAR-04 what stands outside is not there for the request: PKCE in the URL does not help an object without', async () => {
    const outside = Object.fromEntries(authorizationParameters())
    const as = await startServer([signingClient()])
    const object = requestObject(as, { code_challenge: undefined, code_challenge_method: undefined })
    const seen = await new Person(as).authorize(signedQuery(object, outside))
    expect(told(seen)).toBe('303 invalid_request')
    expect(seen.location?.searchParams.get('error_description')).toContain('code_challenge')
  })

  test.each([
    ['JAR-08 FMS-05 RFC 9101 §10.8: typ oauth-authz-req+jwt', { typ: 'oauth-authz-req+jwt' }, GOOD],
    ['JAR-08 typ JWT', { typ: 'JWT' }, GOOD],
    ['JAR-08 no typ', { typ: undefined }, GOOD],
    ['JAR-08 typ of an assertion', { typ: 'client-authentication+jwt' }, BAD],
    ['JAR-08 typ of a DPoP proof', { typ: 'dpop+jwt' }, BAD],
    ['JAR-08 typ of an access token', { typ: 'at+jwt' }, BAD],
    ['JAR-08 typ in another case', { typ: 'OAuth-Authz-Req+JWT' }, BAD],
    ['JAR-08 typ that is no text', { typ: ['JWT'] }, BAD],
    ['JAR-05 RFC 9101 §6.2: the kid of the key', { kid: 'k1' }, GOOD],
    ['JAR-05 the kid of another key of the client', { kid: 'k2' }, BAD],
    ['JAR-05 an unknown kid', { kid: 'k9' }, BAD],
    ['JAR-05 a kid that is no text', { kid: 7 }, BAD],
    ['RFC 7515 §4.1.11: crit', { crit: ['exp'] }, BAD],
    ['JAR-05 a key of its own in the header', { jwk: SIGNER.publicJwk, kid: 'k9' }, BAD],
  ])('%s', async (_name, header, outcome) => {
    expect(await ask((as) => requestObject(as, {}, header))).toBe(outcome)
  })

  test.each([
    ['JAR-02 RFC 9101 §5: client_id is missing inside', { client_id: undefined }, BAD],
    ['JAR-02 client_id is another inside', { client_id: 'app' }, BAD],
    ['JAR-07 RFC 9101 §4: iss is another', { iss: 'app' }, BAD],
    ['JAR-07 iss may be absent', { iss: undefined }, GOOD],
    ['JAR-07 aud is another server', { aud: 'https://other.example' }, BAD],
    ['JAR-07 aud is the token endpoint', { aud: `${ISSUER}/token` }, BAD],
    ['JAR-07 FMS-02 aud is a list with the issuer', { aud: ['https://other.example', ISSUER] }, GOOD],
    ['JAR-07 aud may be absent where the client is under no FAPI rule', { aud: undefined }, GOOD],
    ['JAR-07 exp is past', { exp: 1_800_000_000 }, BAD],
    ['JAR-07 exp is text', { exp: '1900000000' }, BAD],
    ['JAR-07 FAPI-21 nbf 10 s ahead is another clock', { nbf: 1_800_000_010 }, GOOD],
    ['JAR-07 FAPI-21 nbf 61 s ahead', { nbf: 1_800_000_061 }, BAD],
    ['JAR-07 FAPI-21 iat 61 s ahead', { iat: 1_800_000_061 }, BAD],
    ['JAR-09 RFC 9101 §10.8: sub is the client, as in an assertion', { sub: 'web' }, BAD],
    ['JAR-03 request inside', { request: 'e30.e30.' }, BAD],
    ['JAR-03 request_uri inside', { request_uri: 'https://app.example/r' }, BAD],
    ['JAR-10 claims is JSON, not text', { claims: '{}' }, BAD],
    ['JAR-10 authorization_details is JSON, not text', { authorization_details: '[]' }, BAD],
    ['JAR-10 scope is a list', { scope: ['openid'] }, BAD],
    ['JAR-10 prompt is null', { prompt: null }, BAD],
    ['JAR-10 resource has a list in the list', { resource: ['https://api.example/accounts', ['x']] }, BAD],
    ['JAR-10 max_age is a number', { max_age: 60 }, GOOD],
    ['OA-02 an unknown parameter is ignored', { something: 'else', another: true }, GOOD],
    ['JAR-01 a wrong parameter inside is what it is outside', { scope: undefined }, '303 invalid_scope'],
  ])('%s', async (_name, claims, outcome) => {
    expect(await ask((as) => requestObject(as, claims))).toBe(outcome)
  })
})

describe('signatures', () => {
  const stranger = generateKeyPair('ES256')
  test.each([
    ['JAR-01 JAR-05 alg none', (as: TestServer) => `${b64({ alg: 'none' })}.${b64(objectClaims(as))}.`, {}],
    ['JAR-01 an HMAC under the public key', (as: TestServer) => `${b64({ alg: 'HS256' })}.${b64(objectClaims(as))}.${'A'.repeat(43)}`, {}],
    ['JAR-05 a key that the client did not register', (as: TestServer) => requestObject(as, {}, {}, stranger), {}],
    ['JAR-05 a client without keys', (as: TestServer) => requestObject(as), { jwks: undefined }],
    [
      'JAR-05 a key of the client that is for encryption',
      (as: TestServer) => requestObject(as),
      { jwks: { keys: [jwkOf(SIGNER, { use: 'enc' })] } },
    ],
    [
      'JAR-05 OIDC-53 RFC 9101 §6.2: another algorithm than the registered one',
      (as: TestServer) => requestObject(as),
      { requestObjectSigningAlg: 'PS256' },
    ],
    [
      'FAPI-70 RS256 under FAPI 2.0',
      (as: TestServer) => signJws({ alg: 'RS256' }, objectClaims(as), RSA_SIGNER.privateKey),
      { profile: 'fapi2' },
    ],
    ['JAR-01 one character of the claims changed', (as: TestServer) => tampered(requestObject(as)), {}],
    ['JAR-01 the signature cut off', (as: TestServer) => requestObject(as).replace(/\.[^.]*$/, '.'), {}],
  ] as const)('%s', async (_name, object, over) => {
    expect(await ask(object, over as never)).toBe(BAD)
  })

  test('JAR-05 the algorithms that fit its keys, PS256 and RS256 among them', async () => {
    expect(await ask((as) => requestObject(as, {}, {}, RSA_SIGNER))).toBe(GOOD)
    expect(await ask((as) => signJws({ alg: 'RS256' }, objectClaims(as), RSA_SIGNER.privateKey))).toBe(GOOD)
    expect(await ask((as) => requestObject(as, {}, {}, RSA_SIGNER), { requestObjectSigningAlg: 'PS256' })).toBe(GOOD)
  })

  test('JAR-02 an object of one client is none of another, not even with the same key', async () => {
    const as = await startServer([signingClient(), signingClient({ clientId: 'twin' })])
    const seen = await new Person(as).authorize(signedQuery(requestObject(as), { client_id: 'twin', redirect_uri: CALLBACK }))
    expect(told(seen)).toBe(BAD)
  })

  test('JAR-02 client_id is needed outside too, to know whose keys', async () => {
    const as = await startServer([signingClient()])
    const seen = await new Person(as).authorize(new URLSearchParams({ request: requestObject(as) }))
    expect([seen.status, seen.location]).toEqual([400, undefined])
  })

  function tampered(object: string): string {
    const [header, , signature] = object.split('.')
    const payload = JSON.parse(Buffer.from(object.split('.')[1] ?? '', 'base64url').toString()) as object
    return `${header}.${b64({ ...payload, scope: 'openid email' })}.${signature}`
  }
})

describe('JAR-09 RFC 9101 §10.8: a request object is no assertion, and an assertion no request object', () => {
  test.each(['oauth-authz-req+jwt', 'JWT'])('with typ %s', async (typ) => {
    const as = await startServer([signingClient({ tokenEndpointAuthMethod: 'private_key_jwt', secrets: [] })])
    const body = new URLSearchParams({
      ...Object.fromEntries(authorizationParameters()),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: requestObject(as, {}, { typ }),
    })
    const response = await as.fetch(`${ISSUER}/par`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([401, 'invalid_client'])
  })
  test('an assertion with the claims of a request', async () => {
    expect(await ask((as) => requestObject(as, { sub: 'web', jti: 'x' }, { typ: 'JWT' }))).toBe(BAD)
  })
})

describe('where a refusal goes', () => {
  test('JAR-11 RFC 9101 §7: to the client only where the redirect URI outside is one of its own', async () => {
    const as = await startServer([signingClient()])
    const person = new Person(as)
    const object = requestObject(as, { exp: 1 })
    for (const redirect_uri of ['https://evil.example/', '', 'javascript:alert(1)']) {
      const seen = await person.authorize(signedQuery(object, { redirect_uri }))
      expect([seen.status, seen.location]).toEqual([400, undefined])
    }
    const seen = await person.authorize(signedQuery(object, { redirect_uri: CALLBACK, state: 's', response_mode: 'fragment' }))
    expect(new URLSearchParams(seen.location?.hash.slice(1)).get('error')).toBe('invalid_request_object')
    expect(new URLSearchParams(seen.location?.hash.slice(1)).get('state')).toBe('s')
  })

  test('OA-04 a parameter that is repeated outside is refused, though nothing outside would count', async () => {
    const as = await startServer([signingClient()])
    const seen = await new Person(as).authorize(`${signedQuery(requestObject(as), { redirect_uri: CALLBACK })}&nonce=a&nonce=b`)
    expect(told(seen)).toBe('303 invalid_request')
    const twice = await new Person(as).authorize(`${signedQuery(requestObject(as), { redirect_uri: CALLBACK })}&request=e30.e30.`)
    expect(told(twice)).toBe('303 invalid_request')
  })

  test('A01 JAR-04 the redirect URI inside is matched as one outside', async () => {
    const as = await startServer([signingClient()])
    const seen = await new Person(as).authorize(
      signedQuery(requestObject(as, { redirect_uri: 'https://evil.example/' }), { redirect_uri: CALLBACK }),
    )
    expect([seen.status, seen.location]).toEqual([400, undefined])
  })

  test('JAR-03 RFC 9101 §5: request and request_uri together', async () => {
    const as = await startServer([signingClient()])
    const seen = await new Person(as).authorize(
      signedQuery(requestObject(as), { request_uri: 'https://app.example/r.jwt', redirect_uri: CALLBACK }),
    )
    expect(told(seen)).toBe('303 invalid_request')
  })

  test.each([
    [
      'JAR-11 JAR-13 OIDC-50 RFC 9101 §10.4: a remote request_uri is not fetched',
      'https://app.example/r.jwt',
      '303 request_uri_not_supported',
    ],
    ['JAR-12 RFC 9101 §5.2: over http', 'http://app.example/r.jwt', '303 request_uri_not_supported'],
    ['JAR-12 a URN of others', 'urn:example:r', '303 request_uri_not_supported'],
    ['JAR-12 longer than 512 characters', `https://app.example/${'r'.repeat(513)}`, '400 undefined'],
  ])('%s', async (_name, request_uri, outcome) => {
    for (const requireSignedRequestObject of [false, true]) {
      const as = await startServer([signingClient({ requireSignedRequestObject })])
      expect(told(await new Person(as).authorize(authorizationParameters({ request_uri })))).toBe(outcome)
    }
  })
})

describe('JAR-14 RFC 9101 §10.5: where requests must be signed', () => {
  test('an unsigned one is invalid_request, by the client or by the server', async () => {
    for (const as of [
      await startServer([signingClient({ requireSignedRequestObject: true })]),
      await startServer([signingClient()], { requireSignedRequestObject: true }),
    ]) {
      expect(told(await new Person(as).authorize())).toBe('303 invalid_request')
      expect(told(await new Person(as).authorize(signedQuery(requestObject(as))))).toBe(GOOD)
      expect(told(await new Person(as).authorize(`${authorizationParameters()}&request=`))).toBe('303 invalid_request')
    }
  })
  test('JAR-14 PAR-20 the server tells so, and what it can verify', async () => {
    const read = async (as: TestServer): Promise<Record<string, unknown>> =>
      (await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
    const strict = await read(await startServer([client()], { requireSignedRequestObject: true, requirePushedAuthorizationRequests: true }))
    expect(strict).toMatchObject({ require_signed_request_object: true, require_pushed_authorization_requests: true })
    const usual = await read(await startServer())
    expect(usual).toMatchObject({
      request_parameter_supported: true,
      request_uri_parameter_supported: false,
      request_object_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'RS256'],
      request_object_encryption_alg_values_supported: ['ECDH-ES'],
    })
    expect([usual['require_signed_request_object'], usual['require_pushed_authorization_requests']]).toEqual([undefined, undefined])
  })
})
