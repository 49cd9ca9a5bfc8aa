import { compactDecrypt, exportJWK, generateKeyPair } from 'jose'
import * as oauth from 'oauth4webapi'
import { expect, test } from 'vitest'
import { CHALLENGE, Person, VERIFIER } from '../packages/server/src/test/person.ts'
import { client, ISSUER, RealClock, SECRET, startServer } from '../packages/server/src/test/server.ts'

const CALLBACK = 'https://app.example/callback'

test.each([
  [false, 'public'],
  [true, 'public'],
  [true, 'pairwise'],
] as const)(
  'OIDC-28 OIDC-42 OIDC-47 OIDC-59 oauth4webapi asks for claims by name and reads the answers (encrypted: %s) about a %s subject',
  async (encrypt, subjects) => {
    const encryption = await generateKeyPair('ECDH-ES', { extractable: true })
    const to = { alg: 'ECDH-ES', enc: 'A256GCM' } as const
    const web = client({
      jwks: { keys: [{ ...(await exportJWK(encryption.publicKey)), kid: 'e1', use: 'enc' }] },
      pairwiseSector: subjects === 'pairwise' ? 'app.example' : undefined,
      ...(encrypt ? { idTokenEncryptedResponse: to, userinfoSignedResponseAlg: 'RS256', userinfoEncryptedResponse: to } : {}),
    })
    const as = await startServer([web], { clock: new RealClock() })
    const decrypt = async (jwe: string): Promise<string> =>
      new TextDecoder().decode((await compactDecrypt(jwe, encryption.privateKey)).plaintext)
    const options = {
      [oauth.customFetch]: (url: string, init: unknown) => as.fetch(url, init as RequestInit),
      ...(encrypt ? { [oauth.jweDecrypt]: decrypt } : {}),
    }
    const issuer = new URL(ISSUER)
    const metadata = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
    const app: oauth.Client = {
      client_id: 'web',
      id_token_signed_response_alg: 'ES256',
      ...(encrypt ? { userinfo_signed_response_alg: 'RS256' } : {}),
    }
    const nonce = oauth.generateRandomNonce()
    const asked = new URLSearchParams({
      client_id: 'web',
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid',
      state: 's',
      nonce,
      claims: JSON.stringify({ userinfo: { email: { essential: true } }, id_token: { name: null } }),
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    })
    const { location } = await new Person(as).through(asked)
    if (location === undefined) throw new Error('no answer')
    const answer = oauth.validateAuthResponse(metadata, app, location, 's')
    const redeemed = await oauth.authorizationCodeGrantRequest(
      metadata,
      app,
      oauth.ClientSecretBasic(SECRET),
      answer,
      CALLBACK,
      VERIFIER,
      options,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(metadata, app, redeemed, { expectedNonce: nonce, ...options })
    await oauth.validateApplicationLevelSignature(metadata, redeemed, options)
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    expect(claims).toMatchObject({ aud: 'web', name: 'Ada Lovelace' })
    expect(claims?.sub.startsWith('u_p.')).toBe(subjects === 'pairwise')

    const answered = await oauth.userInfoRequest(metadata, app, tokens.access_token, options)
    const userinfo = await oauth.processUserInfoResponse(metadata, app, claims?.sub ?? '', answered, options)
    if (encrypt) await oauth.validateApplicationLevelSignature(metadata, answered, options)
    expect(userinfo).toMatchObject({ sub: claims?.sub, email: 'ada@example.com' })
    await as.server.close()
  },
)
