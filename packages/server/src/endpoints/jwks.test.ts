import { calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import { expect, test } from 'vitest'
import { ISSUER, startServer } from '../test/server.ts'

async function published(): Promise<{ readonly response: Response; readonly keys: readonly JWK[] }> {
  const { fetch } = await startServer()
  const response = await fetch(`${ISSUER}/jwks`)
  return { response, keys: ((await response.json()) as { keys: JWK[] }).keys }
}

test('TOK-13 OIDC-35 RFC 7517 §8.5: a key set that caches may keep for minutes', async () => {
  const { response } = await published()
  expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
    200,
    'application/jwk-set+json',
    'public, max-age=300',
  ])
})

test('TOK-01 TOK-02 JAR-06 FAPI-74 a key for each algorithm, RS256 among them, and one to encrypt to; each key has one algorithm, a kid of its own and one use', async () => {
  const { keys } = await published()
  expect(keys.map((key) => key.alg).toSorted()).toEqual(['ECDH-ES', 'ES256', 'EdDSA', 'PS256', 'RS256'])
  expect(new Set(keys.map((key) => key.kid)).size).toBe(keys.length)
  expect(keys.map((key) => key.use)).toEqual(keys.map((key) => (key.alg === 'ECDH-ES' ? 'enc' : 'sig')))
})

test('RFC 7638 §3: kid is the thumbprint, and every key is one that others can import; RSA has 2048 bits', async () => {
  const { keys } = await published()
  for (const key of keys) {
    expect(key.kid).toBe(await calculateJwkThumbprint(key))
    await expect(importJWK(key, key.alg)).resolves.toBeDefined()
    if (key.kty === 'RSA') expect(Buffer.from(key.n ?? '', 'base64url')).toHaveLength(256)
  }
})

test('OIDC-64 no private member is ever shown, nor a symmetric key; with keys for both uses each says its use', async () => {
  const { keys } = await published()
  for (const key of keys) for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) expect(key).not.toHaveProperty(member)
  expect(keys.every(({ kty, use }) => kty !== 'oct' && (use === 'sig' || use === 'enc'))).toBe(true)
  expect(new Set(keys.map(({ use }) => use)).size).toBe(2)
})

test('HEAD answers as GET does, without the body; other methods are 405', async () => {
  const { fetch } = await startServer()
  const head = await fetch(`${ISSUER}/jwks`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect((await fetch(`${ISSUER}/jwks`, { method: 'POST' })).status).toBe(405)
})
