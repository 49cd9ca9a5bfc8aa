import { encoded, bearerToken, jws, jwsOf, type Over, withBearer } from '../make.ts'
import { ISSUER, RESOURCE, START } from '../apis.ts'
import { ISSUER_ED, ISSUER_KEY, ISSUER_PS256, ISSUER_RSA, type Key, STRANGER } from '../keys.ts'
import { ALLOWED, BAD_BEARER, type Expected, NOT_NOW, type Row } from '../row.ts'

/** JWT access tokens (RFC 9068 §4, RFC 8725). */
export function tokenRows(): readonly Row[] {
  return [...claimRows(), ...headerRows(), ...textRows()]
}

function shown(name: string, token: string, expected: Expected = BAD_BEARER): Row {
  return { name, sent: withBearer(token), expected }
}

function claimRows(): readonly Row[] {
  const claims = (name: string, over: Over, expected?: Expected): Row => shown(name, bearerToken(over), expected)
  return [
    claims('a good token', {}, ALLOWED),
    claims('TOK-12 aud is a list with this API', { aud: ['https://other.example', RESOURCE] }, ALLOWED),
    claims('TOK-12 aud is a list without it', { aud: ['https://other.example', `${RESOURCE}/accounts`] }),
    claims('TOK-12 aud is another API', { aud: 'https://other.example' }),
    claims('TOK-12 aud with a slash more', { aud: `${RESOURCE}/` }),
    claims('TOK-12 aud in another case', { aud: RESOURCE.toUpperCase() }),
    claims('TOK-12 aud that has this API within', { aud: `x ${RESOURCE}` }),
    claims('TOK-12 aud is an empty list', { aud: [] }),
    claims('TOK-12 aud is an object', { aud: { [RESOURCE]: true } }),
    claims('TOK-12 aud is missing', { aud: undefined }),
    claims('TOK-12 iss is another issuer', { iss: 'https://evil.example' }),
    claims('TOK-12 iss with a slash more', { iss: `${ISSUER}/` }),
    claims('TOK-12 iss is a list', { iss: [ISSUER] }),
    claims('TOK-12 iss is missing', { iss: undefined }),
    claims('TOK-12 exp has passed', { exp: START - 60 }),
    claims('TOK-12 exp has passed by less than clocks differ', { exp: START - 9 }, ALLOWED),
    claims('TOK-12 exp has passed by just as much', { exp: START - 10 }),
    claims('TOK-04 exp is a text', { exp: String(START + 300) }),
    claims('TOK-04 exp is missing', { exp: undefined }),
    claims('TOK-04 exp is null', { exp: null }),
    claims('TOK-12 nbf is to come', { nbf: START + 11 }),
    claims('TOK-12 nbf is to come by less than clocks differ', { nbf: START + 10 }, ALLOWED),
    claims('TOK-12 nbf is a text', { nbf: String(START) }),
    claims('TOK-04 iat is missing', { iat: undefined }),
    claims('TOK-04 iat is a text', { iat: String(START) }),
    claims('TOK-04 sub is missing', { sub: undefined }),
    claims('TOK-04 sub is a number', { sub: 5 }),
    claims('TOK-04 client_id is missing', { client_id: undefined }),
    claims('TOK-04 jti is missing', { jti: undefined }),
    claims('a claim that nobody knows', { 'https://x.example/y': { z: [1] } }, ALLOWED),
    claims('a subject beyond ASCII', { sub: 'u_ådå 🥪' }, ALLOWED),
  ]
}

function headerRows(): readonly Row[] {
  const header = (name: string, over: Over, expected?: Expected, key: Key = ISSUER_KEY): Row =>
    shown(name, bearerToken({}, over, key), expected)
  return [
    header('TOK-03 typ with application/', { typ: 'application/at+jwt' }, ALLOWED),
    header('TOK-03 typ in another case', { typ: 'AT+JWT' }, ALLOWED),
    header('TOK-03 typ of an ID token', { typ: 'JWT' }),
    header('TOK-03 typ of a proof', { typ: 'dpop+jwt' }),
    header('TOK-03 typ of a logout token', { typ: 'logout+jwt' }),
    header('TOK-03 typ with a blank more', { typ: 'at+jwt ' }),
    header('TOK-03 typ is a list', { typ: ['at+jwt'] }),
    header('TOK-03 typ is missing', { typ: undefined }),
    header('alg none', { alg: 'none' }),
    header('alg None with a signature', { alg: 'None' }),
    header('alg HS256 with the public key as the secret', { alg: 'HS256' }),
    header('alg ES384 over a signature by ES256', { alg: 'ES384' }),
    header('alg in lower case', { alg: 'es256' }),
    header('alg RS256 over a signature by ES256', { alg: 'RS256', kid: 'rs' }),
    header('alg is missing', { alg: undefined }),
    header('alg is a list', { alg: ['ES256'] }),
    header('RS256', {}, ALLOWED, ISSUER_RSA),
    header('PS256', {}, ALLOWED, ISSUER_PS256),
    header('EdDSA', {}, ALLOWED, ISSUER_ED),
    header('Ed25519 by its own name', { alg: 'Ed25519' }, ALLOWED, ISSUER_ED),
    header('RS256 signed as PS256', { alg: 'RS256', kid: 'rs' }, BAD_BEARER, ISSUER_PS256),
    header('kid of nobody', { kid: 'nobody' }),
    header('kid of another key', { kid: 'ed' }),
    header('kid of a key for encryption', { kid: 'enc' }, BAD_BEARER, STRANGER),
    header('kid is missing', { kid: undefined }, ALLOWED),
    header('crit', { crit: ['exp'] }),
    header('crit is empty', { crit: [] }),
    header('b64 in crit', { b64: false, crit: ['b64'] }),
    header('a key of its own in jwk', { jwk: STRANGER.publicJwk, kid: undefined }, BAD_BEARER, STRANGER),
    header('a key of its own in jku', { jku: 'https://evil.example/jwks', kid: 'x' }, BAD_BEARER, STRANGER),
    header('the kid of the issuer over another’s signature', {}, BAD_BEARER, STRANGER),
    {
      name: 'an algorithm that this API does not take',
      sent: withBearer(bearerToken({}, {}, ISSUER_RSA), '/api/narrow'),
      expected: BAD_BEARER,
    },
    { name: 'the algorithm that it takes', sent: withBearer(bearerToken(), '/api/narrow'), expected: ALLOWED },
    { name: 'the keys of the issuer cannot be had', sent: withBearer(bearerToken(), '/api/away'), expected: NOT_NOW },
    { name: 'they still cannot', sent: withBearer(bearerToken(), '/api/away'), expected: NOT_NOW },
    { name: 'what needs no key is refused all the same', sent: withBearer(bearerToken({ exp: 1 }), '/api/away'), expected: BAD_BEARER },
  ]
}

function textRows(): readonly Row[] {
  const token = bearerToken()
  const [header = '', payload = '', signature = ''] = token.split('.')
  const typed = { typ: 'at+jwt', alg: 'ES256', kid: 'es' }
  return [
    shown('an opaque token where JWTs alone come in', 'at_0123456789'),
    shown('two parts', `${header}.${payload}`),
    shown('no signature', `${header}.${payload}.`),
    shown('four parts', `${token}.${signature}`),
    shown('five parts, as encrypted ones have', `${token}.${payload}.${signature}`),
    shown('nothing but dots', '..'),
    shown('half a token', token.slice(0, token.length / 2)),
    shown('the last letter is missing', token.slice(0, -1)),
    shown('a letter more', `${token}A`),
    shown('padding', `${token}==`),
    shown('another signature of the same length', `${header}.${payload}.${'A'.repeat(86)}`),
    shown('the payload of another token', `${header}.${encoded({ iss: ISSUER, aud: RESOURCE, sub: 'u_eve' })}.${signature}`),
    shown(
      'a signature in DER',
      `${header}.${payload}.${Buffer.concat([Buffer.from('3044', 'hex'), Buffer.alloc(68, 1)]).toString('base64url')}`,
    ),
    shown('plain base64', `${header}.${Buffer.from('{"a":"???>>>"}').toString('base64').replaceAll('=', '')}.${signature}`),
    shown('a header that is no JSON', jwsOf(Buffer.from('{typ').toString('base64url'), payload, ISSUER_KEY)),
    shown('a payload that is a list', jws(typed, [{ iss: ISSUER }], ISSUER_KEY)),
    shown('a payload that is null', jws(typed, null, ISSUER_KEY)),
    shown('a payload that is not UTF-8', jwsOf(header, Buffer.from('7b2261223a22ff227d', 'hex').toString('base64url'), ISSUER_KEY)),
    shown('the longest that fits a header line and is a JWT', bearerToken({ pad: 'x'.repeat(5000) }), ALLOWED),
  ]
}
