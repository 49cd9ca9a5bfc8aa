import { compactDecrypt, exportJWK, generateKeyPair } from 'jose'
import * as oauth from 'oauth4webapi'
import { expect, test } from 'vitest'
import { CHALLENGE, Person, VERIFIER } from '../packages/server/src/test/person.ts'
import { client, ISSUER, RealClock, startServer } from '../packages/server/src/test/server.ts'

const CALLBACK = 'https://app.example/callback'

test.each([undefined, 'ECDH-ES'] as const)(
  'FMS-01 FMS-06 JRM-02 JRM-04 oauth4webapi signs and pushes its request, reads the signed answer (encrypted with %s) and gets tokens',
  async (alg) => {
    const signing = await generateKeyPair('ES256', { extractable: true })
    const encryption = await generateKeyPair('ECDH-ES', { extractable: true })
    const keys = [
      { ...(await exportJWK(signing.publicKey)), kid: 's1', alg: 'ES256', use: 'sig' },
      { ...(await exportJWK(encryption.publicKey)), kid: 'e1', alg: 'ECDH-ES', use: 'enc' },
    ]
    const bank = client({
      clientId: 'bank',
      profile: 'fapi2-message-signing',
      tokenEndpointAuthMethod: 'private_key_jwt',
      secrets: [],
      jwks: { keys },
      dpopBoundAccessTokens: true,
      requirePushedAuthorizationRequests: true,
      requireSignedRequestObject: true,
      authorizationEncryptedResponse: alg === undefined ? undefined : { alg, enc: 'A256GCM' },
    })
    const as = await startServer([bank], { clock: new RealClock() })
    const options = { [oauth.customFetch]: (url: string, init: unknown) => as.fetch(url, init as RequestInit) }
    const issuer = new URL(ISSUER)
    const metadata = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
    const app: oauth.Client = { client_id: 'bank', authorization_signed_response_alg: 'ES256', id_token_signed_response_alg: 'ES256' }
    const key = { key: signing.privateKey, kid: 's1' }
    const authentication = oauth.PrivateKeyJwt(key)
    const DPoP = oauth.DPoP(app, await oauth.generateKeyPair('ES256'))

    const state = oauth.generateRandomState()
    const parameters = {
      response_type: 'code',
      response_mode: 'jwt',
      redirect_uri: CALLBACK,
      scope: 'openid accounts:read',
      state,
      max_age: '3600',
      resource: 'https://api.example/accounts',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    }
    const request = await oauth.issueRequestObject(metadata, app, parameters, key)
    const push = (): Promise<Response> => oauth.pushedAuthorizationRequest(metadata, app, authentication, { request }, { ...options, DPoP })
    const pushed = await again(() => push().then((response) => oauth.processPushedAuthorizationResponse(metadata, app, response)))

    const { location } = await new Person(as).through(new URLSearchParams({ client_id: 'bank', request_uri: pushed.request_uri }))
    if (location === undefined) throw new Error('no answer')
    const answer = await oauth.validateJwtAuthResponse(metadata, app, location, state, {
      ...options,
      ...(alg === undefined ? {} : { [oauth.jweDecrypt]: async (jwe: string) => decrypted(jwe, encryption.privateKey) }),
    })
    const redeem = (): Promise<Response> =>
      oauth.authorizationCodeGrantRequest(metadata, app, authentication, answer, CALLBACK, VERIFIER, { ...options, DPoP })
    const tokens = await again(() => redeem().then((response) => oauth.processAuthorizationCodeResponse(metadata, app, response)))
    expect(tokens.token_type).toBe('dpop')
    await as.server.close()
  },
)

/** Once more when the server wants a nonce, as its client is told to. */
async function again<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return attempt()
  }
}

async function decrypted(jwe: string, key: CryptoKey): Promise<string> {
  return new TextDecoder().decode((await compactDecrypt(jwe, key)).plaintext)
}
