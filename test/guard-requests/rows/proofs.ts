import { ORIGIN, START } from '../apis.ts'
import { CLIENT_ED, CLIENT_KEY, CLIENT_RSA, type Key, STRANGER } from '../keys.ts'
import { ask, boundToken, bearerToken, encoded, jwsOf, type Over, proofFor, proved, withProof } from '../make.ts'
import { ALLOWED, BAD_BEARER, BAD_PROOF, BAD_TOKEN, type Expected, type Row, type Sent, WANTS_DPOP } from '../row.ts'

const at = '/api/accounts'
const URL = `${ORIGIN}${at}`

/** Tokens that are bound to a key, and the proofs for them (RFC 9449 §4.3, §7). */
export function proofRows(): readonly Row[] {
  return [...bindingRows(), ...headerRows(), ...claimRows(), ...targetRows(), ...replayRows(), ...textRows()]
}

const claims = (name: string, over: Over, expected: Expected = BAD_PROOF): Row => ({ name, sent: proved(over), expected })
const header = (name: string, over: Over, expected: Expected = BAD_PROOF, key: Key = CLIENT_KEY): Row => ({
  name,
  sent: proved({}, over, key),
  expected,
})
const lines = (token: string, ...proofs: readonly string[]): Sent =>
  ask(at, [['Authorization', `DPoP ${token}`], ...proofs.map((proof) => ['DPoP', proof] as const)])

function bindingRows(): readonly Row[] {
  const token = boundToken()
  const plain = bearerToken()
  const odd = (cnf: unknown): string => boundToken({ cnf })
  const other = boundToken({}, STRANGER)
  return [
    { name: 'DPOP-46 a good proof', sent: proved(), expected: ALLOWED },
    { name: 'DPOP-46 dpop in lower case', sent: shownAs('dpop'), expected: ALLOWED },
    { name: 'DPOP-46 DPOP in upper case', sent: shownAs('DPOP'), expected: ALLOWED },
    { name: 'DPOP-49 A69 a bound token as Bearer', sent: ask(at, [['Authorization', `Bearer ${token}`]]), expected: WANTS_DPOP },
    { name: 'DPOP-49 A69 a bound token as Bearer with its proof', sent: shownAs('Bearer'), expected: WANTS_DPOP },
    { name: 'DPOP-50 a token that is not bound as DPoP', sent: withProof(plain, proofFor(plain)), expected: BAD_TOKEN },
    { name: 'a token that is not bound with a proof beside it', sent: withBearerAnd(plain, proofFor(plain)), expected: ALLOWED },
    { name: 'DPOP-48 a proof by another key', sent: withProof(token, proofFor(token, {}, {}, STRANGER)), expected: BAD_TOKEN },
    { name: 'DPOP-48 a token that is bound to another key', sent: withProof(other, proofFor(other)), expected: BAD_TOKEN },
    { name: 'DPOP-51 no proof', sent: lines(token), expected: BAD_PROOF },
    { name: 'DPOP-51 an empty proof', sent: lines(token, ''), expected: BAD_PROOF },
    { name: 'DPOP-60 an empty cnf', sent: withProof(odd({}), proofFor(odd({}))), expected: BAD_TOKEN },
    { name: 'DPOP-60 cnf is a text', sent: ask(at, [['Authorization', `Bearer ${odd('x')}`]]), expected: BAD_BEARER },
    { name: 'DPOP-60 cnf is null', sent: ask(at, [['Authorization', `Bearer ${odd(null)}`]]), expected: BAD_BEARER },
    { name: 'DPOP-60 jkt is a number', sent: ask(at, [['Authorization', `DPoP ${odd({ jkt: 5 })}`]]), expected: BAD_TOKEN },
    { name: 'DPOP-60 cnf with a key by kid', sent: ask(at, [['Authorization', `Bearer ${odd({ kid: 'x' })}`]]), expected: BAD_BEARER },
    {
      name: 'DPOP-60 cnf with a member that nobody knows',
      sent: ask(at, [['Authorization', `DPoP ${odd({ jkt: 'x'.repeat(43), other: 1 })}`]]),
      expected: BAD_TOKEN,
    },
    ...['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map((method): Row => {
      const each = boundToken()
      return {
        name: `DPOP-08 ${method} with its proof`,
        sent: withProof(each, proofFor(each, { htm: method }), at, method),
        expected: ALLOWED,
      }
    }),
  ]
}

function shownAs(scheme: string): Sent {
  const token = boundToken()
  return ask(at, [
    ['Authorization', `${scheme} ${token}`],
    ['dpop', proofFor(token)],
  ])
}

function withBearerAnd(token: string, proof: string): Sent {
  return ask(at, [
    ['Authorization', `Bearer ${token}`],
    ['DPoP', proof],
  ])
}

function headerRows(): readonly Row[] {
  const { x } = CLIENT_KEY.publicJwk as { readonly x: string }
  return [
    header('DPOP-04 EdDSA', {}, ALLOWED, CLIENT_ED),
    header('DPOP-04 Ed25519 by its own name', { alg: 'Ed25519' }, ALLOWED, CLIENT_ED),
    header('DPOP-04 PS256', {}, ALLOWED, CLIENT_RSA),
    header('DPOP-03 typ of a JWT', { typ: 'JWT' }),
    header('DPOP-03 typ in upper case', { typ: 'DPOP+JWT' }),
    header('DPOP-03 typ with application/', { typ: 'application/dpop+jwt' }),
    header('DPOP-03 typ is missing', { typ: undefined }),
    header('DPOP-04 A67 alg none', { alg: 'none' }),
    header('DPOP-04 A67 alg HS256', { alg: 'HS256' }),
    header('DPOP-04 alg ES384', { alg: 'ES384' }),
    header('DPOP-04 alg RS256', { alg: 'RS256' }, BAD_PROOF, { ...CLIENT_RSA, alg: 'RS256' }),
    header('DPOP-04 alg of another kind of key', { alg: 'EdDSA' }),
    header('DPOP-04 alg is missing', { alg: undefined }),
    header('DPOP-03 no key', { jwk: undefined }),
    header('DPOP-03 A67 a key by kid alone', { jwk: undefined, kid: 'client' }),
    header('DPOP-03 the key is a text', { jwk: JSON.stringify(CLIENT_KEY.publicJwk) }),
    header('DPOP-03 a list of keys', { jwk: [CLIENT_KEY.publicJwk] }),
    header('DPOP-05 A67 the private key', { jwk: CLIENT_KEY.privateJwk }),
    header('DPOP-05 a private member that is empty', { jwk: { ...CLIENT_KEY.publicJwk, d: '' } }),
    header('DPOP-04 a secret', { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }),
    header('DPOP-05 a secret under ES256', { jwk: { kty: 'oct', k: 'c2VjcmV0' } }),
    header('DPOP-06 a point that is not on its curve', { jwk: { ...CLIENT_KEY.publicJwk, y: x } }),
    header('DPOP-04 another curve', { jwk: { ...CLIENT_KEY.publicJwk, crv: 'P-384' } }),
    header('DPOP-04 a coordinate with padding', { jwk: { ...CLIENT_KEY.publicJwk, x: `${x}=` } }),
    header('DPOP-06 the key of somebody else', { jwk: STRANGER.publicJwk }),
    header('DPOP-12 crit', { crit: ['x'] }),
    header('members that nobody asks for', { kid: 'x', jku: 'https://evil.example', x5c: ['x'] }, ALLOWED),
    { name: 'DPOP-04 an algorithm that this API does not take', sent: narrow(CLIENT_ED), expected: BAD_PROOF },
    { name: 'DPOP-04 the algorithm that it takes', sent: narrow(CLIENT_KEY), expected: ALLOWED },
  ]
}

function narrow(key: Key): Sent {
  const token = boundToken({}, key)
  return withProof(token, proofFor(token, { htu: `${ORIGIN}/api/narrow` }, {}, key), '/api/narrow')
}

function claimRows(): readonly Row[] {
  return [
    claims('DPOP-07 jti is missing', { jti: undefined }),
    claims('DPOP-07 jti is a number', { jti: 5 }),
    claims('DPOP-17 jti is empty', { jti: '' }),
    claims('DPOP-17 jti has 257 characters', { jti: 'j'.repeat(257) }),
    claims('DPOP-17 jti has 256', { jti: 'j'.repeat(256) }, ALLOWED),
    claims('jti beyond ASCII', { jti: 'jtí 🥪' }, ALLOWED),
    claims('DPOP-08 htm of another method', { htm: 'POST' }),
    claims('DPOP-08 htm in lower case', { htm: 'get' }),
    claims('DPOP-07 htm is missing', { htm: undefined }),
    claims('DPOP-07 htm is a list', { htm: ['GET'] }),
    { name: 'DPOP-08 htm GET for a HEAD', sent: { ...proved(), method: 'HEAD' }, expected: BAD_PROOF },
    claims('DPOP-07 iat is missing', { iat: undefined }),
    claims('DPOP-07 iat is a text', { iat: String(START) }),
    claims('DPOP-13 iat is 60 seconds ago', { iat: START - 60 }, ALLOWED),
    claims('DPOP-13 iat is 61 seconds ago', { iat: START - 61 }),
    claims('DPOP-13 iat is 10 seconds ahead', { iat: START + 10 }, ALLOWED),
    claims('DPOP-13 iat is 11 seconds ahead', { iat: START + 11 }),
    claims('DPOP-13 iat with a fraction', { iat: START + 0.5 }, ALLOWED),
    claims('DPOP-13 iat in milliseconds', { iat: START * 1000 }),
    claims('DPOP-15 exp has passed', { exp: START }),
    claims('DPOP-15 exp is to come', { exp: START + 1 }, ALLOWED),
    claims('DPOP-15 nbf is to come', { nbf: START + 11 }),
    claims('DPOP-47 A66 ath is missing', { ath: undefined }),
    claims('DPOP-47 A66 ath of another token', { ath: encoded('x'.repeat(30)) }),
    claims('DPOP-47 ath is empty', { ath: '' }),
    claims('a nonce where none is asked for', { nonce: 'made up' }, ALLOWED),
    { name: 'A63 DPOP-18 a proof from before the memory began', sent: young(START - 1), expected: BAD_PROOF },
    { name: 'DPOP-18 a proof of its first second', sent: young(START), expected: ALLOWED },
  ]
}

function young(iat: number): Sent {
  const token = boundToken()
  return withProof(token, proofFor(token, { iat, htu: `${ORIGIN}/api/young` }), '/api/young')
}

function targetRows(): readonly Row[] {
  const moved = (htu: string, path: string): Sent => {
    const token = boundToken()
    return withProof(token, proofFor(token, { htu }), path)
  }
  return [
    claims('DPOP-09 htu with the port of its scheme', { htu: `https://api.example:443${at}` }, ALLOWED),
    claims('DPOP-09 htu with another port', { htu: `https://api.example:8443${at}` }),
    claims('DPOP-09 htu with scheme and host in upper case', { htu: `HTTPS://API.EXAMPLE${at}` }, ALLOWED),
    claims('DPOP-09 htu with the path in upper case', { htu: `${ORIGIN}/API/accounts` }),
    claims('DPOP-09 htu with a slash more', { htu: `${URL}/` }),
    claims('DPOP-09 htu with a slash more in the middle', { htu: `${ORIGIN}/api//accounts` }),
    claims('DPOP-09 htu with a query', { htu: `${URL}?a=b` }, ALLOWED),
    claims('DPOP-09 htu with a fragment', { htu: `${URL}#x` }, ALLOWED),
    claims('DPOP-09 htu with dot segments', { htu: `${ORIGIN}/api/x/../accounts` }, ALLOWED),
    claims('DPOP-09 htu with an escape that is not needed', { htu: `${ORIGIN}/api/%61ccounts` }, ALLOWED),
    claims('DPOP-09 htu of http', { htu: `http://api.example${at}` }),
    claims('DPOP-09 htu of another host', { htu: `https://evil.example${at}` }),
    claims('DPOP-09 htu of a host below', { htu: `https://api.example.evil.example${at}` }),
    claims('DPOP-09 htu with a user name', { htu: `https://api.example@evil.example${at}` }),
    claims('DPOP-09 htu with this host as the user name', { htu: `https://x@api.example${at}` }),
    claims('DPOP-09 htu with backslashes', { htu: `https:\\\\api.example\\api\\accounts` }),
    claims('DPOP-09 htu without its host', { htu: at }),
    claims('DPOP-09 htu is empty', { htu: '' }),
    claims('DPOP-07 htu is missing', { htu: undefined }),
    claims('DPOP-09 htu of another route', { htu: `${ORIGIN}/api/accounts/read` }),
    { name: 'DPOP-09 a query that the proof does not have', sent: moved(URL, `${at}?a=1&b=%20`), expected: ALLOWED },
    { name: 'DPOP-09 another query', sent: moved(`${URL}?c=d`, `${at}?a=b`), expected: ALLOWED },
    { name: 'DPOP-09 a path with escapes', sent: moved(`${ORIGIN}/api/accounts/a%2fb%7E`, '/api/accounts/a%2Fb~'), expected: ALLOWED },
    {
      name: 'DPOP-09 a slash that is escaped is another path',
      sent: moved(`${ORIGIN}/api/accounts/a/b`, '/api/accounts/a%2Fb'),
      expected: BAD_PROOF,
    },
    { name: 'DPOP-09 a path with a slash more', sent: moved(URL, `${at}/`), expected: BAD_PROOF },
    { name: 'DPOP-11 the origin that is configured', sent: moved('https://public.example/api/public', '/api/public'), expected: ALLOWED },
    { name: 'MTLS-36 the second of them', sent: moved('https://mtls.public.example/api/public', '/api/public'), expected: ALLOWED },
    {
      name: 'DPOP-11 the origin of the resource, where another is configured',
      sent: moved(`${ORIGIN}/api/public`, '/api/public'),
      expected: BAD_PROOF,
    },
    { name: 'DPOP-11 A72 an origin that a header names', sent: forwarded(`https://evil.example${at}`), expected: BAD_PROOF },
    { name: 'DPOP-11 A72 the origin, whatever headers name', sent: forwarded(URL), expected: ALLOWED },
  ]
}

function forwarded(htu: string): Sent {
  const token = boundToken()
  const { headers, ...sent } = withProof(token, proofFor(token, { htu }))
  const more = [
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Proto', 'https'],
    ['Forwarded', 'host=evil.example;proto=https'],
    ['X-Original-URL', '/api/other'],
  ] as const
  return { ...sent, headers: [...headers, ...more] }
}

function replayRows(): readonly Row[] {
  const token = boundToken()
  const proof = proofFor(token, { jti: 'the same' })
  const twice = withProof(token, proof)
  const needy = boundToken()
  const kept = proofFor(needy, { htu: `${ORIGIN}/api/accounts/write` })
  return [
    { name: 'DPOP-16 A63 a proof', sent: twice, expected: ALLOWED },
    { name: 'DPOP-16 A63 the same proof again', sent: twice, expected: BAD_PROOF },
    {
      name: 'DPOP-16 A63 its jti in another proof',
      sent: withProof(token, proofFor(token, { jti: 'the same', iat: START - 1 })),
      expected: BAD_PROOF,
    },
    {
      name: 'DPOP-16 its jti by another key',
      sent: proved({ jti: 'the same' }, {}, CLIENT_ED),
      expected: ALLOWED,
    },
    {
      name: 'DPOP-16 its jti for another method',
      sent: withProof(token, proofFor(token, { jti: 'the same', htm: 'POST' }), at, 'POST'),
      expected: ALLOWED,
    },
    { name: 'DPOP-16 its jti in another case', sent: proved({ jti: 'The same' }), expected: ALLOWED },
    ...['first', 'second'].map((time): Row => ({
      name: `DPOP-19 a scope is lacking, the ${time} time`,
      sent: withProof(needy, kept, '/api/accounts/write'),
      expected: { status: 403, error: 'insufficient_scope', schemes: 'DPoP' },
    })),
  ]
}

function textRows(): readonly Row[] {
  const token = boundToken()
  const proof = proofFor(token)
  const [head = '', payload = '', signature = ''] = proof.split('.')
  const shown = (name: string, ...proofs: readonly string[]): Row => ({ name, sent: lines(token, ...proofs), expected: BAD_PROOF })
  return [
    shown('DPOP-01 the same proof twice', proof, proof),
    shown('DPOP-01 two proofs', proof, proofFor(token)),
    shown('DPOP-01 two in one line', `${proof}, ${proofFor(token)}`),
    shown('DPOP-01 two in one line without a blank', `${proof},${proofFor(token)}`),
    shown('DPOP-01 a proof and an empty one', proof, ''),
    shown('DPOP-02 no JWS', 'hello'),
    shown('DPOP-02 two parts', `${head}.${payload}`),
    shown('DPOP-02 four parts', `${proof}.${signature}`),
    shown('DPOP-02 half a proof', proof.slice(0, proof.length / 2)),
    shown('DPOP-06 the signature is missing', `${head}.${payload}.`),
    shown('DPOP-06 another signature', `${head}.${payload}.${'A'.repeat(86)}`),
    shown(
      'DPOP-06 a claim was changed',
      `${head}.${encoded({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), x: 1 })}.${signature}`,
    ),
    shown('DPOP-02 a quoted proof', `"${proof}"`),
    shown('DPOP-02 a letter beyond ASCII', `${proof}\u00e9`),
    shown('DPOP-02 a blank within', `${head}. ${payload}.${signature}`),
    shown('DPOP-02 padding', `${proof}=`),
    shown('DPOP-17 longer than is read', 'a'.repeat(8193)),
    shown('DPOP-02 a payload that is a list', jwsOf(head, encoded([1]), CLIENT_KEY)),
    shown('DPOP-02 the access token for the proof', token),
  ]
}
