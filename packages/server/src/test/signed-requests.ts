import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import type { Client } from '../index.ts'
import { authorizationParameters } from './person.ts'
import { client, ISSUER, type TestServer } from './server.ts'

type Members = Readonly<Record<string, unknown>>

/** What a client signs its request objects with: one for a whole test file. */
export const SIGNER: KeyPair = generateKeyPair('ES256')
export const RSA_SIGNER: KeyPair = generateKeyPair('PS256')

export const jwkOf = (pair: KeyPair, more: Members = {}): Members => ({ ...pair.publicJwk, ...more })

/** The client `web` with registered keys. */
export function signingClient(over: Partial<Client> = {}): Client {
  return client({ jwks: { keys: [jwkOf(SIGNER, { kid: 'k1', alg: 'ES256' }), jwkOf(RSA_SIGNER, { kid: 'k2' })] }, ...over })
}

/** The claims of a right request object; `undefined` leaves one out. */
export function objectClaims(as: TestServer, over: Members = {}): Members {
  const now = as.clock.now()
  return { iss: 'web', aud: ISSUER, nbf: now, exp: now + 300, ...Object.fromEntries(authorizationParameters()), ...over }
}

export function requestObject(as: TestServer, over: Members = {}, header: Members = {}, key: KeyPair = SIGNER): string {
  return signJws({ alg: key.alg, typ: 'oauth-authz-req+jwt', ...header }, objectClaims(as, over), key.privateKey)
}

/** A URL's query with a request object, and besides it what a test puts there. */
export function signedQuery(object: string, over: Readonly<Record<string, string>> = {}): URLSearchParams {
  return new URLSearchParams({ client_id: 'web', request: object, ...over })
}
