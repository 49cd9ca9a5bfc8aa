/**
 * A public client in a browser, with tokens that are bound to a key (RFC 9449). A backend for frontend is better: here a
 * script that gets into the page can call as long as the page is open, there it never meets a token. DPoP keeps it from
 * taking the tokens along.
 */
import * as oauth from 'oauth4webapi'
import { forgetKey, openKey } from './key.ts'

export interface BrowserClientOptions {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly scope: string
  /** The API that its tokens are for (RFC 8707). */
  readonly resource: string
}

/** What one sign-in needs until it comes back: nothing of it is worth anything later. */
interface Begun {
  readonly verifier: string
  readonly state: string
}

const BEGUN = 'sign-in'

export class BrowserClient {
  readonly #options: BrowserClientOptions
  readonly #server: oauth.AuthorizationServer
  readonly #client: oauth.Client
  /** Signs proofs, and keeps the newest nonce of each origin. */
  readonly #dpop: oauth.DPoPHandle
  readonly #http: { readonly [oauth.allowInsecureRequests]: boolean }
  /** In memory alone: a reload asks the server again, which asks nobody who is signed in there. */
  #tokens: oauth.TokenEndpointResponse | undefined

  private constructor(options: BrowserClientOptions, server: oauth.AuthorizationServer, keys: CryptoKeyPair) {
    this.#options = options
    this.#server = server
    this.#client = { client_id: options.clientId }
    this.#dpop = oauth.DPoP(this.#client, keys)
    this.#http = { [oauth.allowInsecureRequests]: options.issuer.startsWith('http://localhost') }
  }

  static async open(options: BrowserClientOptions): Promise<BrowserClient> {
    const issuer = new URL(options.issuer)
    const http = { [oauth.allowInsecureRequests]: issuer.protocol === 'http:' && issuer.hostname === 'localhost' }
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http))
    return new BrowserClient(options, server, await openKey())
  }

  /** Leaves the page for the server's. */
  async signIn(): Promise<void> {
    const begun: Begun = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState() }
    const { clientId, redirectUri, scope, resource } = this.#options
    const parameters = new URLSearchParams({
      redirect_uri: redirectUri,
      response_type: 'code',
      scope,
      resource,
      state: begun.state,
      code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
    })
    const pushed = await this.#oncemore(async () =>
      oauth.processPushedAuthorizationResponse(
        this.#server,
        this.#client,
        await oauth.pushedAuthorizationRequest(this.#server, this.#client, oauth.None(), parameters, { DPoP: this.#dpop, ...this.#http }),
      ),
    )
    sessionStorage.setItem(BEGUN, JSON.stringify(begun))
    location.assign(
      `${this.#server.authorization_endpoint}?${new URLSearchParams({ client_id: clientId, request_uri: pushed.request_uri })}`,
    )
  }

  /** On the page that the server leads back to. The address is cleaned at once, before anything else can read it. */
  async finish(): Promise<void> {
    const returned = new URL(location.href)
    history.replaceState(undefined, '', returned.pathname)
    const begun = JSON.parse(sessionStorage.getItem(BEGUN) ?? 'null') as Begun | null
    sessionStorage.removeItem(BEGUN)
    if (begun === null) throw new Error('this sign-in was not begun here')
    const { redirectUri } = this.#options
    // Compares `state` and `iss`.
    const answer = oauth.validateAuthResponse(this.#server, this.#client, returned, begun.state)
    const options = { DPoP: this.#dpop, ...this.#http }
    this.#tokens = await this.#oncemore(async () =>
      oauth.processAuthorizationCodeResponse(
        this.#server,
        this.#client,
        await oauth.authorizationCodeGrantRequest(this.#server, this.#client, oauth.None(), answer, redirectUri, begun.verifier, options),
      ),
    )
    if (this.#tokens.token_type !== 'dpop') throw new Error(`a ${this.#tokens.token_type} token is bound to no key`)
  }

  /** As `fetch`, with the token and a proof for this very request. The token goes to the API that it is for and nowhere else. */
  readonly fetch = async (input: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input, location.href)
    if (this.#tokens === undefined) throw new Error('nobody is signed in')
    if (url.origin !== new URL(this.#options.resource).origin) throw new Error(`${url.origin} is not the API of the token`)
    const { access_token: token } = this.#tokens
    const { method = 'GET', headers, body, signal } = init
    const options = { DPoP: this.#dpop, signal: signal ?? undefined, ...this.#http } as oauth.ProtectedResourceRequestOptions
    try {
      return await this.#oncemore(() =>
        oauth.protectedResourceRequest(token, method, url, new Headers(headers), body as oauth.ProtectedResourceRequestBody, options),
      )
    } catch (error) {
      if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response
      throw error
    }
  }

  async signOut(): Promise<void> {
    const token = this.#tokens?.refresh_token ?? this.#tokens?.access_token
    this.#tokens = undefined
    if (token !== undefined) await oauth.revocationRequest(this.#server, this.#client, oauth.None(), token, this.#http)
    await forgetKey()
  }

  /** Once more when the server or the API wants its nonce in the proof (RFC 9449 §8): the handle has it by then. */
  async #oncemore<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error
      return attempt()
    }
  }
}
