import { expect, test } from 'vitest'
import { keysOf } from './keys-of.ts'

const ISSUER = 'https://as.example/tenant'

function answers(metadata: object): typeof fetch {
  return (url) => Promise.resolve(Response.json(String(url).endsWith('/jwks') ? { keys: [{ kty: 'EC' }, 5] } : metadata))
}

test('the keys that an issuer publishes', async () => {
  expect(await keysOf(ISSUER, answers({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }))).toEqual({ keys: [{ kty: 'EC' }], fault: undefined })
})

test('RFC 8414 §3.3: metadata of another issuer has no keys for this one', async () => {
  expect(await keysOf(ISSUER, answers({ issuer: 'https://as.example/other', jwks_uri: `${ISSUER}/jwks` }))).toEqual({
    keys: undefined,
    fault: 'The signature could not be checked: the metadata there is of https://as.example/other, not of this issuer.',
  })
})
