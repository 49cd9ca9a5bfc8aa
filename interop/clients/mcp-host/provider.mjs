/** What an MCP host gives the SDK: memory, a browser, and the duties that the SDK leaves to it. */
import { ask } from '../feature.mjs'

/** Nobody listens there: the browser of this run only says where it was sent. */
export const CALLBACK = 'http://127.0.0.1:7777/callback'

export class Host {
  redirectUrl = CALLBACK
  clientMetadata = {
    client_name: 'Interop host',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  }
  /** Every request, `{ url, method, body }`. */
  sent = []
  /** Its authorization requests, and the texts that the person allowed. */
  asked = []
  consents = []
  kept = {}
  #state

  /** @param {{ document?: string, intercept?: (request: Request) => Response | undefined, callback?: string }} how */
  constructor({ document, intercept, callback } = {}) {
    if (document !== undefined) this.clientMetadataUrl = document
    if (callback !== undefined) {
      this.redirectUrl = callback
      this.clientMetadata = { ...this.clientMetadata, redirect_uris: [callback] }
    }
    this.intercept = intercept
  }

  clientInformation = () => this.kept.client
  saveClientInformation = (client) => void (this.kept.client = client)
  tokens = () => this.kept.tokens
  saveTokens = (tokens) => void (this.kept.tokens = tokens)
  codeVerifier = () => this.kept.verifier
  saveCodeVerifier = (verifier) => void (this.kept.verifier = verifier)
  discoveryState = () => this.kept.discovery
  saveDiscoveryState = (discovery) => void (this.kept.discovery = discovery)
  state = () => (this.#state = crypto.randomUUID())

  /** RFC 9207 §2.4 and `state` are the host's to look at: the SDK is only given the code. */
  async redirectToAuthorization(url) {
    this.asked.push(url)
    const { url: ended, asked } = await ask('authorize', { url: String(url) })
    const answer = new URL(ended).searchParams
    if (answer.get('state') !== this.#state) throw new Error('state is of another request')
    if (answer.get('iss') !== this.kept.discovery.authorizationServerMetadata.issuer) throw new Error('iss is of another issuer')
    this.consents.push(...asked)
    this.code = answer.get('code')
  }

  /**
   * The SDK answers 403 `insufficient_scope` with a refresh as long as it has a refresh token, which brings no new scope: the
   * host forgets it first, so that the person is asked.
   */
  fetch = async (input, init) => {
    const request = new Request(input, init)
    this.sent.push({ url: request.url, method: request.method, body: await request.clone().text() })
    const response = this.intercept?.(request) ?? (await fetch(request))
    if (response.status === 403 && this.kept.tokens !== undefined) delete this.kept.tokens.refresh_token
    return response
  }
}
