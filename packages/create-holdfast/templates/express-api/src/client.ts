import * as oidc from 'openid-client'

export interface Worker {
  call(method: string, path: string): Promise<Response>
}

/** A program that calls the API in its own name: a token for the API, bound to a key that never leaves this process. */
export async function createWorker(issuer: string, api: string, privateJwk: JsonWebKey & { readonly kid: string }): Promise<Worker> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('jwk', privateJwk, algorithm, false, ['sign'])
  const onLoopback = new URL(issuer).protocol === 'http:'
  const server = await oidc.discovery(
    new URL(issuer),
    'worker',
    undefined,
    oidc.PrivateKeyJwt({ key, kid: privateJwk.kid }),
    onLoopback ? { execute: [oidc.allowInsecureRequests] } : {},
  )
  const DPoP = oidc.getDPoPHandle(server, await oidc.randomDPoPKeyPair('ES256'))
  const token = await oidc.clientCredentialsGrant(server, { scope: 'notes:read notes:write', resource: `${api}/notes` }, { DPoP })
  return {
    call: (method, path) =>
      oidc
        .fetchProtectedResource(server, token.access_token, new URL(path, api), method, undefined, undefined, { DPoP })
        .catch((error: unknown) => {
          if (error instanceof oidc.WWWAuthenticateChallengeError) return error.response
          throw error
        }),
  }
}
