import * as jose from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { hashText, toHex, utf8 } from '../encoding.ts'
import { newPkce, newSigningKey, signJws, type SigningKey } from '../keys.ts'
import { newProof } from '../proof.ts'
import { verifySignature } from '../verify.ts'
import { athSteps, atHashSteps, challengeSteps, constructionOf, thumbprintSteps } from './construction.ts'
import { looksLikeJwt, takeApart } from './jwt.ts'

/** The public key, access token and hashes of RFC 9449 §4 to §7. */
const RFC_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
  y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
}
const RFC_TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
const HEADER = { typ: 'dpop+jwt', alg: 'ES256' }
const PAYLOAD = { jti: 'é1', htm: 'POST', htu: 'https://as.example/token', iat: 1_800_000_000 }

describe('beside jose', () => {
  let key: SigningKey
  let joses: CryptoKeyPair
  beforeAll(async () => {
    key = await newSigningKey()
    joses = await jose.generateKeyPair('ES256')
  })

  test('the signing input is byte for byte the same, from the same header and payload', async () => {
    const ours = await signJws(HEADER, PAYLOAD, key)
    const theirs = await new jose.SignJWT(PAYLOAD).setProtectedHeader(HEADER).sign(joses.privateKey)
    expect(takeApart(ours).signingInput).toBe(takeApart(theirs).signingInput)
  })
  test('jose verifies our signature, and we theirs; and neither of us another key’s', async () => {
    const ours = await signJws(HEADER, PAYLOAD, key)
    const theirs = await new jose.SignJWT(PAYLOAD).setProtectedHeader(HEADER).sign(joses.privateKey)
    const theirJwk = { ...(await jose.exportJWK(joses.publicKey)) }
    expect((await jose.jwtVerify(ours, await jose.importJWK({ ...key.publicJwk }, 'ES256'))).payload).toEqual(PAYLOAD)
    expect(await verifySignature(takeApart(theirs), theirJwk)).toBe('good')
    expect(await verifySignature(takeApart(ours), theirJwk)).toBe('bad')
    await expect(jose.jwtVerify(theirs, await jose.importJWK({ ...key.publicJwk }, 'ES256'))).rejects.toThrow('signature')
  })
  test.each(['ES256', 'ES384', 'RS256', 'PS256', 'Ed25519'])('a signature by %s of jose is good, and changed it is bad', async (alg) => {
    const pair = await jose.generateKeyPair(alg, { extractable: true })
    const jwk = { ...(await jose.exportJWK(pair.publicKey)), use: 'sig', key_ops: ['verify'] }
    const jwt = await new jose.SignJWT(PAYLOAD).setProtectedHeader({ alg }).sign(pair.privateKey)
    expect(await verifySignature(takeApart(jwt), jwk)).toBe('good')
    const [header = '', , signature = ''] = jwt.split('.')
    const changed = `${header}.${jose.base64url.encode('{"sub":"thief"}')}.${signature}`
    expect(await verifySignature(takeApart(changed), jwk)).toBe('bad')
  })
  test('the thumbprint is the same for every kind of key', async () => {
    for (const alg of ['ES256', 'ES384', 'RS256', 'Ed25519']) {
      const jwk = await jose.exportJWK((await jose.generateKeyPair(alg, { extractable: true })).publicKey)
      const steps = await thumbprintSteps({ use: 'sig', kid: 'k', ...jwk })
      expect(steps.at(-1)?.text, alg).toBe(await jose.calculateJwkThumbprint(jwk))
    }
    expect(key.thumbprint).toBe(await jose.calculateJwkThumbprint({ ...key.publicJwk }))
  })
  test('jose takes our proof, with its own key', async () => {
    const proof = await newProof({
      key,
      method: 'GET',
      url: 'https://api.example/a?b=c#d',
      now: 1_800_000_000_900,
      token: RFC_TOKEN,
      nonce: 'n',
    })
    const { payload, protectedHeader } = await jose.jwtVerify(proof, jose.EmbeddedJWK, { typ: 'dpop+jwt' })
    expect(payload).toMatchObject({
      htm: 'GET',
      htu: 'https://api.example/a',
      iat: 1_800_000_000,
      nonce: 'n',
      ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo',
    })
    expect(protectedHeader.jwk).toEqual(key.publicJwk)
  })
  test('an encrypted one of jose has five parts, and no payload to read', async () => {
    const jwe = await new jose.EncryptJWT(PAYLOAD).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(new Uint8Array(32))
    expect(takeApart(jwe)).toMatchObject({ kind: 'JWE', payload: undefined, wrong: [], header: { members: { alg: 'dir' } } })
  })
})

describe('how it is made', () => {
  test('RFC 9449 §6.1 and §7: the RFC’s own key and token give its thumbprint and ath', async () => {
    const steps = await thumbprintSteps({ ...RFC_KEY, d: 'not looked at' })
    expect(steps.map(({ text }) => text)).toEqual([
      `{"crv":"P-256","kty":"EC","x":"${RFC_KEY.x}","y":"${RFC_KEY.y}"}`,
      expect.stringMatching(/^[0-9a-f]{64}$/),
      '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    ])
    expect((await athSteps(RFC_TOKEN)).at(-1)?.text).toBe('fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo')
  })
  test('RFC 7636 App. B: the RFC’s own verifier gives its challenge', async () => {
    const steps = await challengeSteps('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')
    expect(steps.at(-1)?.text).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
    const { verifier, challenge } = await newPkce()
    expect(challenge).toBe(await hashText(verifier))
    expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })
  test.each([
    ['ES256', 'SHA-256'],
    ['ES384', 'SHA-384'],
    ['Ed25519', 'SHA-512'],
  ])('OpenID Connect Core §3.1.3.6: at_hash of %s is the left half of %s', async (alg, name) => {
    const bytes = new Uint8Array(await crypto.subtle.digest(name, utf8(RFC_TOKEN)))
    expect((await atHashSteps(RFC_TOKEN, alg)).at(-1)?.text).toBe(jose.base64url.encode(bytes.slice(0, bytes.length / 2)))
  })
  test('RFC 7515: each step of a JWT has the bytes of this very JWT, and the last is the JWT', async () => {
    const jwt = await signJws(HEADER, PAYLOAD, await newSigningKey())
    const steps = await constructionOf(takeApart(jwt))
    const byId = Object.fromEntries(steps.map((step) => [step.id, step]))
    expect(steps.map(({ id }) => id)).toEqual(['header', 'header64', 'payload', 'payload64', 'input', 'hash', 'signature', 'text'])
    expect(byId['header']?.text).toBe(JSON.stringify(HEADER))
    expect(byId['payload64']?.text).toBe(jose.base64url.encode(JSON.stringify(PAYLOAD)))
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(jwt.slice(0, jwt.lastIndexOf('.')))))
    expect(byId['hash']?.text).toBe(toHex(digest))
    expect(byId['signature']?.bytes).toEqual(jose.base64url.decode(jwt.split('.')[2] ?? ''))
    expect(byId['text']?.text).toBe(jwt)
    for (const { from } of steps) for (const id of from) expect(byId[id]).toBeDefined()
  })
})

describe('what is wrong is said, and never thrown', () => {
  test.each([
    ['', 'It has one part'],
    ['abc', 'It has one part'],
    ['a.b', 'It has 2 parts'],
    ['a.b.c.d', 'It has 4 parts'],
    ['a.b.c.d.e.f', 'It has 6 parts'],
    ['*.e30.AA', 'The header is not base64url'],
    ['e30=.e30.AA', 'The header is not base64url'],
    ['_w.e30.AA', 'The header is not UTF-8'],
    ['e30.W10.AA', 'The payload is not a JSON object'],
    ['e30.bnVsbA.AA', 'The payload is not a JSON object'],
    ['e30.e30.A', 'The signature is not base64url'],
    ['e30.e30.AB', 'The signature is not base64url'],
    ['e30.e30.', 'The signature is empty'],
  ])('%j', (text, said) => {
    expect(takeApart(text).wrong.join(' ')).toContain(said)
    expect(looksLikeJwt(text)).toBe(false)
  })
  test('any text', async () => {
    for (const text of ['\u0000.\ud800.x', '.'.repeat(2), '.'.repeat(4), 'x'.repeat(100_000), 'e30.e30.e30.e30.e30'])
      expect(await constructionOf(takeApart(text))).toBeInstanceOf(Array)
    expect(await thumbprintSteps({ kty: 'EC', crv: 'P-256' })).toEqual([])
    expect(await thumbprintSteps({ kty: 'oct', k: 'x' })).toEqual([])
  })
})

test('a key cannot be taken out, and its public half is all there is to see', async () => {
  const { privateKey, publicJwk } = await newSigningKey()
  expect(privateKey.extractable).toBe(false)
  await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow()
  expect(Object.keys(publicJwk).toSorted()).toEqual(['crv', 'kty', 'x', 'y'])
})
