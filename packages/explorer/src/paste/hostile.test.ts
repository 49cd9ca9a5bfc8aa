import * as jose from 'jose'
import { describe, expect, test } from 'vitest'
import { takeApart } from '../dissect/jwt.ts'
import { repeatedMember } from '../dissect/repeated.ts'
import { constructionOf, thumbprintSteps } from '../dissect/construction.ts'
import { checkIdToken } from '../client/checks.ts'
import { engine } from '../page/engine.ts'
import { utf8 } from '../encoding.ts'
import type { Members } from '../encoding.ts'
import { bad, CLAIMS, full, issuer, ISSUER, keys, look, NOW, proofOf, said, token } from '../test/pasted.ts'

/** Signed by the issuer's key, whatever is in it. */
async function signed(header: string, claims: string): Promise<string> {
  const input = `${jose.base64url.encode(header)}.${jose.base64url.encode(claims)}`
  const made = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, issuer.privateKey, utf8(input))
  return `${input}.${jose.base64url.encode(new Uint8Array(made))}`
}

const HEADER = '{"alg":"ES256","typ":"at+jwt","kid":"k1"}'

describe('what a receiver must refuse, though its signature is right', () => {
  test.each<[string, Members, Members, string]>([
    [
      'an extension that must be understood',
      {},
      { crit: ['exp2'], exp2: 1 },
      'crit asks for extensions that must be understood: ["exp2"]. Few receivers know any (RFC 7515 §4.1.11).',
    ],
    [
      'a payload that is not encoded',
      {},
      { crit: ['b64'], b64: false },
      'crit asks for extensions that must be understood: ["b64"]. Few receivers know any (RFC 7515 §4.1.11).',
    ],
    ['b64 that nobody is told of', {}, { b64: false }, 'b64 stands in the header, and crit does not name it (RFC 7797 §6).'],
    ['typ that is no text', {}, { typ: 5 }, 'typ is 5, expected at+jwt.'],
    ['kid that is no text', {}, { kid: 5 }, 'kid is no text (RFC 7515 §4.1.4).'],
    ['sub that is no text', { sub: 5 }, {}, 'sub is 5, expected a text.'],
    ['jti that is null', { jti: null }, {}, 'jti is null, expected a text.'],
    ['nbf that is null', { nbf: null }, {}, 'nbf is null, expected a number of seconds since 1970.'],
    ['alg of small letters', {}, { alg: 'es256' }, `No key of ${ISSUER} can have made a signature by es256.`],
  ])('%s', async (_what, claims, header, sentence) => {
    expect(bad(await full(await token(claims, header), { kind: 'access token' }))).toEqual([sentence])
  })

  test('RFC 7515 §4: a member that stands twice', async () => {
    const claims = JSON.stringify(CLAIMS)
    const twice = [
      await signed('{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"k1"}', claims),
      await signed(HEADER, claims.replace('{', '{"sub":"thief","s\\u0075b":"other",')),
    ]
    for (const text of twice) expect(bad(await full(text))[0]).toMatch(/^The (header|payload) has (alg|sub) twice: readers differ/)
  })

  test('a time without end', async () => {
    const text = await signed(HEADER, JSON.stringify(CLAIMS).replace(/"exp":\d+/, '"exp":1e999'))
    expect(bad(await full(text))).toEqual(['exp is null, expected a number of seconds since 1970.'])
    expect(said(await full(text), 'good').join(' ')).not.toContain('s more')
  })

  test.each(['iss', 'aud'])('nobody said whose and for whom, and %s is missing', async (name) => {
    expect(bad(await look(await token({ [name]: undefined })))).toEqual([expect.stringMatching(new RegExp(`^${name} is missing`))])
  })

  test('an ID token with typ that is no text, for the client too', async () => {
    const claims = { iss: ISSUER, sub: 'u', aud: 'c', iat: NOW, exp: NOW + 60 }
    const text = await signed('{"alg":"ES256","kid":"k1","typ":null}', JSON.stringify(claims))
    expect(bad(await look(text, { kind: 'ID token' }))).toEqual(['typ is null, expected jwt.'])
    const twice = await signed('{"alg":"ES256","kid":"k1"}', JSON.stringify(claims).replace('{', '{"iss":"https://thief.example",'))
    const expected = { issuer: ISSUER, clientId: 'c', nonce: undefined, accessToken: undefined, now: NOW * 1000, keys }
    expect((await checkIdToken(twice, expected)).find(({ refused }) => refused !== undefined)?.check).toBe('compact jws')
  })
})

describe('keys', () => {
  test('RFC 7517 §4.4: an RSA key for PS256 makes no token by RS256, and none to sign with verifies', async () => {
    const pair = await jose.generateKeyPair('RS256', { extractable: true })
    const jwk = (await jose.exportJWK(pair.publicKey)) as Members
    const text = await new jose.SignJWT(CLAIMS).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: 'k1' }).sign(pair.privateKey)
    const by = async (over: Members): Promise<readonly string[]> => bad(await full(text, { keys: [{ ...jwk, kid: 'k1', ...over }] }))
    const none = [`No key of ${ISSUER} can have made a signature by RS256.`]
    expect([await by({ alg: 'PS256' }), await by({ key_ops: ['encrypt'] }), await by({ alg: 'RS256', key_ops: ['verify'] })]).toEqual([
      none,
      none,
      [],
    ])
  })

  test.each(['PS384', 'PS512', 'RS384', 'RS512', 'ES384', 'ES512', 'Ed25519'])('%s can be checked', async (alg) => {
    const pair = await jose.generateKeyPair(alg, { extractable: true })
    const jwk = { ...(await jose.exportJWK(pair.publicKey)), kid: 'k1' } as Members
    const text = await new jose.SignJWT(CLAIMS).setProtectedHeader({ alg, typ: 'at+jwt', kid: 'k1' }).sign(pair.privateKey)
    expect(said(await full(text, { keys: [jwk] }), 'good')).toContain(`The signature is by ${ISSUER}’s key.`)
  })

  test('a key that comes with the token proves nothing', async () => {
    const pasted = await look(await token({}, { jwk: issuer.publicJwk }))
    expect(said(pasted, 'not checked')).toContain('jwk in the header brings a key: whoever made this chose it, so it proves nothing.')
    expect(said(pasted, 'good').join(' ')).not.toContain('signature')
  })
})

describe('the page reads what was pasted, whole', () => {
  const pasted = async (text: string): Promise<readonly string[]> => {
    const found = await engine.paste(text, { method: '', url: '', issuer: '', audience: '', accessToken: '' })
    return found.filter(({ state }) => state === 'bad').map(({ say }) => say)
  }

  test.each(['==', '+', '/x', '!'])('a signature with %s behind it is no good one', async (tail) => {
    const text = (await token({ exp: 9_999_999_999, iat: 1 })) + tail
    expect(engine.jwtIn(text)).toBe(text)
    expect(await pasted(text)).toContain('The signature is not base64url.')
  })

  test('more parts than a JWT has are none', async () => {
    const text = `${await token()}.a.b.c`
    expect([engine.jwtIn(text), engine.dissect(text), (await pasted(text)).length > 0]).toEqual([undefined, undefined, true])
  })

  test('in JSON, in an address, in a header, over two lines', async () => {
    const text = await token({ exp: 9_999_999_999, iat: 1 })
    for (const around of [
      `{"access_token":"${text}","token_type":"DPoP"}`,
      `https://app.example/cb#id_token=${text}&state=x`,
      `curl -H "Authorization: DPoP ${text}" https://api.example`,
      `${text.slice(0, -20)}\n${text.slice(-20)}`,
    ])
      expect([engine.jwtIn(around), await pasted(around)]).toEqual([text, []])
  })

  test('of several the first is looked at, and that is said', async () => {
    const text = await token()
    const found = await engine.paste(`${text} ${text}`, { method: '', url: '', issuer: '', audience: '', accessToken: '' })
    expect(found.map(({ say }) => say)).toContain('2 tokens were pasted: the first is looked at.')
  })
})

describe('names that every object has', () => {
  test.each(['constructor', '__proto__', 'hasOwnProperty'])('%s as typ, alg and kty is a text like others', async (name) => {
    const text = await token({}, { typ: name, alg: name, jwk: { kty: name, x: 'a' } })
    expect((await look(text)).kind).toBe('access token')
    await expect(look(await proofOf({ header: { jwk: { kty: name } } }), { token: text })).resolves.toBeDefined()
    const steps = [...(await constructionOf(takeApart(text))), ...(await thumbprintSteps({ kty: name }))]
    expect(steps.map(({ say }) => say).join(' ')).not.toContain('undefined')
  })
})

test.each([
  ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', undefined],
  ['{"a":"\\"a\\":1","b":"{a:","c":"a"}', undefined],
  ['{"a":{"b":1,"b" :2}}', 'b'],
  ['[{"a":1,"\\u0061":2}]', 'a'],
])('%s has twice: %s', (json, name) => expect(repeatedMember(json)).toBe(name))
