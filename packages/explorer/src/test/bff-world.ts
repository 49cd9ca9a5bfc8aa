import { createBff } from '@holdfast/bff'
import type { Handler, Reply } from '@holdfast/protocol/http'
import type { Clock } from '@holdfast/protocol/time'
import type { Client } from '@holdfast/server'
import type { Internet } from '@holdfast/testing/internet'
import { API, ISSUER } from '../../../server/src/test/server.ts'

export const BFF = 'https://shop.example'
/** The same site to a browser, and another origin. */
export const SIBLING = 'https://thief.shop.example'
/** As the example's page, for who reads no scripts. */
export const PAGE_OF_BFF: Reply = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<p id="who"></p><a id="sign-in" href="/bff/login">Sign in</a>',
}

export async function newKeyPair(): Promise<readonly [publicJwk: Readonly<Record<string, unknown>>, privateJwk: JsonWebKey]> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  const publicJwk = { kty, crv, x, y, kid: 'b1', alg: 'ES256', use: 'sig' }
  return [publicJwk, { ...publicJwk, d } as JsonWebKey]
}

export const BFF_CLIENT: Partial<Client> = {
  clientId: 'shop',
  redirectUris: [`${BFF}/bff/callback`],
  postLogoutRedirectUris: [`${BFF}/`],
  tokenEndpointAuthMethod: 'private_key_jwt',
  secrets: [],
}

/** A page and its backend. */
export function bffAt(internet: Internet, clock: Clock, privateJwk: JsonWebKey): Handler {
  const bff = createBff({
    publicUrl: BFF,
    issuer: ISSUER,
    client: { clientId: 'shop', privateJwk },
    scope: 'openid profile accounts:read',
    secrets: [{ id: 'one', value: 'a secret of the backend, for tests only' }],
    apis: [{ path: '/api/accounts', upstream: API, scope: 'accounts:read' }],
    fetch: internet.fetch as typeof fetch,
    clock,
    onEvent: () => {},
  })
  return async (request) => ((await bff.handle(request)) as Reply | undefined) ?? PAGE_OF_BFF
}
