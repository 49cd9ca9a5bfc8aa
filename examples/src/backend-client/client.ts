import * as oidc from 'openid-client'

export interface ClientOptions {
  readonly issuer: string
  readonly clientId: string
  /** A private JWK of the client's registered key (`private_key_jwt`). */
  readonly privateJwk: Readonly<Record<string, unknown>>
  readonly redirectUri: string
  readonly api: string
}

/** One browser's sign-in, kept on this server: the browser holds nothing but a cookie. */
export interface SignIn {
  readonly keys: CryptoKeyPair
  readonly verifier: string
  readonly state: string
  readonly nonce: string
  tokens?: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers
}

/** PAR, PKCE and DPoP with openid-client: what a confidential web application does. */
export class BackendClient {
  readonly #options: ClientOptions
  #configuration: Promise<oidc.Configuration> | undefined

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** @returns where to send the browser, and what to keep until it comes back */
  async begin(): Promise<{ readonly location: string; readonly signIn: SignIn }> {
    const configuration = await this.#discovered()
    const signIn: SignIn = {
      keys: await oidc.randomDPoPKeyPair('ES256'),
      verifier: oidc.randomPKCECodeVerifier(),
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
    }
    const url = await oidc.buildAuthorizationUrlWithPAR(
      configuration,
      {
        redirect_uri: this.#options.redirectUri,
        scope: 'openid profile accounts:read',
        code_challenge: await oidc.calculatePKCECodeChallenge(signIn.verifier),
        code_challenge_method: 'S256',
        state: signIn.state,
        nonce: signIn.nonce,
      },
      { DPoP: oidc.getDPoPHandle(configuration, signIn.keys) },
    )
    return { location: url.href, signIn }
  }

  /** Redeems the code that came back in `callback`, the whole URL that the browser asked for. */
  async finish(signIn: SignIn, callback: URL): Promise<void> {
    const configuration = await this.#discovered()
    signIn.tokens = await oidc.authorizationCodeGrant(
      configuration,
      callback,
      { pkceCodeVerifier: signIn.verifier, expectedState: signIn.state, expectedNonce: signIn.nonce, idTokenExpected: true },
      undefined,
      { DPoP: oidc.getDPoPHandle(configuration, signIn.keys) },
    )
  }

  async refresh(signIn: SignIn): Promise<void> {
    const configuration = await this.#discovered()
    const refreshToken = signIn.tokens?.refresh_token
    if (refreshToken === undefined) throw new Error('there is no refresh token')
    signIn.tokens = await oidc.refreshTokenGrant(configuration, refreshToken, undefined, {
      DPoP: oidc.getDPoPHandle(configuration, signIn.keys),
    })
  }

  /** Calls the API with the bound token and a proof by its key. */
  async callApi(signIn: SignIn): Promise<Response> {
    const configuration = await this.#discovered()
    return oidc.fetchProtectedResource(
      configuration,
      signIn.tokens?.access_token ?? '',
      new URL(this.#options.api),
      'GET',
      undefined,
      undefined,
      { DPoP: oidc.getDPoPHandle(configuration, signIn.keys) },
    )
  }

  /** What a thief of the access token could do: show it without the key. */
  async callApiAsThief(signIn: SignIn, how: 'bearer' | 'other-key'): Promise<Response> {
    const token = signIn.tokens?.access_token ?? ''
    if (how === 'bearer') return fetch(this.#options.api, { headers: { authorization: `Bearer ${token}` } })
    const configuration = await this.#discovered()
    const keys = await oidc.randomDPoPKeyPair('ES256')
    try {
      return await oidc.fetchProtectedResource(configuration, token, new URL(this.#options.api), 'GET', undefined, undefined, {
        DPoP: oidc.getDPoPHandle(configuration, keys),
      })
    } catch (error) {
      if (error instanceof oidc.WWWAuthenticateChallengeError) return error.response
      throw error
    }
  }

  /** Asked once; a failure is forgotten, so that the next person's click tries again. */
  #discovered(): Promise<oidc.Configuration> {
    this.#configuration ??= this.#discover().catch((error: unknown) => {
      this.#configuration = undefined
      throw error
    })
    return this.#configuration
  }

  async #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, privateJwk } = this.#options
    const key = await crypto.subtle.importKey('jwk', privateJwk as JsonWebKey, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    const insecure = issuer.startsWith('http:')
    return oidc.discovery(
      new URL(issuer),
      clientId,
      undefined,
      oidc.PrivateKeyJwt({ key, kid: String(privateJwk['kid']) }),
      insecure ? { execute: [oidc.allowInsecureRequests] } : {},
    )
  }
}
