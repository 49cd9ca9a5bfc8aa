import * as oidc from 'openid-client'
import { mayBeOpened } from './terminal.ts'

/** @throws {Error} the server cannot do what keeps this client safe, or names addresses that nobody should be sent to */
export async function discover(issuer: string, clientId: string): Promise<oidc.Configuration> {
  const http = new URL(issuer).protocol === 'http:'
  if (!mayBeOpened(new URL(issuer))) throw new Error(`${issuer} must be https; http is for this machine alone`)
  const configuration = await oidc.discovery(
    new URL(issuer),
    clientId,
    undefined,
    oidc.None(),
    http ? { execute: [oidc.allowInsecureRequests] } : {},
  )
  const metadata = configuration.serverMetadata()
  // Who does not say that it knows PKCE may leave it unchecked, and a stolen code would be enough (OAuth 2.1 §7.5.1).
  if (!metadata.supportsPKCE()) throw new Error(`${issuer} does not say that it checks PKCE (S256): nothing is sent there`)
  for (const address of [metadata.authorization_endpoint, metadata.device_authorization_endpoint]) {
    if (address !== undefined && !mayBeOpened(new URL(address))) throw new Error(`${issuer} names ${address}, which is no web page`)
  }
  return configuration
}

/** What a sign-in brings: the tokens and the key that they are bound to. */
export interface SignedIn {
  readonly tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers
  /** Private, as it goes into the keychain. */
  readonly key: JsonWebKey
}

export interface Wishes {
  readonly scope: string
  readonly openBrowser: boolean
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

/** A key for this installation. It can be exported, since it has to go into the keychain; from there it comes back as one that cannot. */
export async function newKey(): Promise<{ readonly keys: CryptoKeyPair; readonly key: JsonWebKey }> {
  const keys = await oidc.randomDPoPKeyPair('ES256', { extractable: true })
  return { keys, key: await crypto.subtle.exportKey('jwk', keys.privateKey) }
}

export async function keysOf({ kty, crv, x, y, d }: JsonWebKey): Promise<CryptoKeyPair> {
  const publicJwk = { kty, crv, x, y } as JsonWebKey
  return {
    publicKey: await crypto.subtle.importKey('jwk', publicJwk, P256, true, ['verify']),
    privateKey: await crypto.subtle.importKey('jwk', { ...publicJwk, d } as JsonWebKey, P256, false, ['sign']),
  }
}
