import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { compactDecrypt, createRemoteJWKSet, customFetch, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import type { Party } from './parties.ts'

/** A request that is under way at the server. */
interface Begun {
  readonly verifier: string
  readonly nonce: string
  /** In a hidden frame: the answer is a page that says what came of it. */
  readonly silent: boolean
  readonly returnTo: string
}

/** Whom the relying party knows, by its own cookie. */
export interface PartySession {
  readonly sub: string
  readonly sid: string
  readonly acr: string | undefined
  readonly amr: readonly string[]
  readonly alg: string
  readonly name: string
  readonly idToken: string
  readonly sessionState: string
}

/** A frame of the front channel, as it arrived. */
export interface FrameSeen {
  readonly iss: string | null
  readonly sid: string | null
  /** Whether the cookie came along, and led to a session of that `sid`. */
  readonly known: boolean
}

type Fetch = (url: string, sent?: { readonly method?: string; readonly headers?: unknown; readonly body?: unknown }) => Promise<Response>

const COOKIE = 'rp'
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** An application on openid-client, with pages and a session cookie of its own, which goes along in frames where the browser lets it. */
export class RelyingParty {
  readonly party: Party
  readonly frames: FrameSeen[] = []
  /** Claims of logout tokens that passed every check of Back-Channel Logout §2.6. */
  readonly notices: JWTPayload[] = []
  readonly #configuration: oidc.Configuration
  readonly #dpop: oidc.DPoPHandle | undefined
  readonly #keys: ReturnType<typeof createRemoteJWKSet>
  readonly #sessions = new Map<string, PartySession>()
  /** Each `sid` that is over. */
  readonly #ended = new Set<string>()
  readonly #begun = new Map<string, Begun>()

  private constructor(party: Party, configuration: oidc.Configuration, fetch: Fetch, dpop: oidc.DPoPHandle | undefined) {
    this.party = party
    this.#configuration = configuration
    this.#dpop = dpop
    this.#keys = createRemoteJWKSet(new URL(configuration.serverMetadata().jwks_uri ?? ''), { [customFetch]: fetch })
  }

  static async connect(party: Party, issuer: string, fetch: Fetch): Promise<RelyingParty> {
    const metadata = { id_token_signed_response_alg: party.alg }
    const options = { [oidc.customFetch]: fetch as oidc.CustomFetch }
    const configuration = await oidc.discovery(new URL(issuer), party.name, metadata, party.authentication, options)
    if (party.decryption !== undefined)
      oidc.enableDecryptingResponses(configuration, ['A256GCM'], { key: party.decryption, kid: 'vault-1' })
    const dpop = party.fapi ? oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair('ES256')) : undefined
    return new RelyingParty(party, configuration, fetch, dpop)
  }

  get origin(): string {
    return this.party.origin
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin)
    const session = this.#session(request)
    if (url.pathname === '/login') return redirect(response, await this.#begin(url.searchParams))
    if (url.pathname === '/callback') return this.#finish(url, response)
    if (url.pathname === '/frontchannel') return this.#frontChannel(url, request, response)
    if (url.pathname === '/logout') return redirect(response, this.#endSession(session))
    if (url.pathname === '/me')
      return this.#page(response, `<pre id="me">${session === undefined ? 'nobody' : JSON.stringify(session)}</pre>`)
    if (url.pathname === '/signed-out') return this.#page(response, '<p id="signed-out">Signed out</p>')
    if (url.pathname === '/silent') return this.#page(response, '<iframe id="silent" src="/login?prompt=none&amp;silent=1"></iframe>')
    if (url.pathname === '/framing')
      return this.#page(response, `<iframe id="framed" src="${encodeURI(url.searchParams.get('src') ?? '')}"></iframe>`)
    if (url.pathname === '/watch') return this.#page(response, this.#watching(session))
    response.writeHead(404).end()
  }

  /** The back channel (Back-Channel Logout §2.6): nothing of the browser is in it. */
  async told(token: string): Promise<void> {
    const { payload } = await jwtVerify(await this.#opened(token), this.#keys, {
      issuer: this.#configuration.serverMetadata().issuer,
      audience: this.party.name,
      algorithms: [this.party.alg],
      typ: 'logout+jwt',
      maxTokenAge: 150,
      requiredClaims: ['jti', 'sid', 'sub'],
    })
    if ('nonce' in payload || (payload['events'] as Record<string, unknown>)[EVENT] === undefined) throw new Error('no logout token')
    this.notices.push(payload)
    for (const { sid, sub } of this.#sessions.values()) if (sid === payload['sid'] && sub === payload.sub) this.#ended.add(sid)
  }

  #session(request: IncomingMessage): PartySession | undefined {
    const session = this.#sessions.get(cookieOf(request) ?? '')
    return session === undefined || this.#ended.has(session.sid) ? undefined : session
  }

  async #begin(wanted: URLSearchParams): Promise<string> {
    const [verifier, nonce, state] = [oidc.randomPKCECodeVerifier(), oidc.randomNonce(), oidc.randomState()]
    const begun = { verifier, nonce, silent: wanted.has('silent'), returnTo: wanted.get('return_to') ?? '/me' }
    this.#begun.set(state, begun)
    const asked = ['prompt', 'acr_values', 'max_age'].flatMap((name) => (wanted.has(name) ? [[name, wanted.get(name) ?? '']] : []))
    const parameters = {
      ...Object.fromEntries(asked),
      redirect_uri: `${this.origin}/callback`,
      scope: 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    } as Record<string, string>
    if (this.#dpop === undefined) return oidc.buildAuthorizationUrl(this.#configuration, parameters).href
    return (await oidc.buildAuthorizationUrlWithPAR(this.#configuration, parameters, { DPoP: this.#dpop })).href
  }

  async #finish(url: URL, response: ServerResponse): Promise<void> {
    const state = url.searchParams.get('state') ?? ''
    const begun = this.#begun.get(state)
    if (begun === undefined) return void response.writeHead(400).end('no such request')
    this.#begun.delete(state)
    try {
      const cookie = randomBytes(24).toString('base64url')
      const session = await this.#redeemed(url, state, begun)
      this.#sessions.set(cookie, session)
      response.setHeader('set-cookie', `${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=None`)
      if (begun.silent) return this.#page(response, `<p id="outcome">signed in as ${session.sub}</p>`)
      return redirect(response, begun.returnTo)
    } catch (refused) {
      if (!(refused instanceof oidc.AuthorizationResponseError)) throw refused
      return this.#page(response, `<p id="outcome">${refused.error}</p>`)
    }
  }

  async #redeemed(url: URL, expectedState: string, { verifier, nonce }: Begun): Promise<PartySession> {
    const bound = this.#dpop === undefined ? {} : { DPoP: this.#dpop }
    const checks = { pkceCodeVerifier: verifier, expectedState, expectedNonce: nonce, idTokenExpected: true }
    const tokens = await oidc.authorizationCodeGrant(this.#configuration, url, checks, undefined, bound)
    const claims = tokens.claims()
    if (claims === undefined) throw new Error('no ID token')
    const person = await oidc.fetchUserInfo(this.#configuration, tokens.access_token, claims.sub, bound)
    const idToken = await this.#opened(tokens.id_token ?? '')
    return {
      sub: claims.sub,
      sid: claims['sid'] as string,
      acr: claims['acr'] as string | undefined,
      amr: (claims['amr'] ?? []) as readonly string[],
      alg: decodeProtectedHeader(idToken).alg ?? '',
      name: person.name ?? '',
      idToken,
      sessionState: url.searchParams.get('session_state') ?? '',
    }
  }

  /** What is signed, out of what is encrypted. A token that should be encrypted and is not is no good. */
  async #opened(token: string): Promise<string> {
    const { decryption } = this.party
    return decryption === undefined ? token : new TextDecoder().decode((await compactDecrypt(token, decryption)).plaintext)
  }

  /** By the cookie, as applications do whose sessions are in it: without it there is nothing to end. */
  #frontChannel({ searchParams }: URL, request: IncomingMessage, response: ServerResponse): void {
    const [iss, sid] = [searchParams.get('iss'), searchParams.get('sid')]
    const session = this.#sessions.get(cookieOf(request) ?? '')
    this.frames.push({ iss, sid, known: session?.sid === sid })
    if (session !== undefined && session.sid === sid) this.#ended.add(session.sid)
    this.#page(response, '<p>Signed out</p>')
  }

  #endSession(session: PartySession | undefined): string {
    const hint = session === undefined ? {} : { id_token_hint: session.idToken }
    return oidc.buildEndSessionUrl(this.#configuration, { ...hint, post_logout_redirect_uri: `${this.origin}/signed-out`, state: 'out' })
      .href
  }

  #watching(session: PartySession | undefined): string {
    const { issuer, check_session_iframe: src } = this.#configuration.serverMetadata()
    const message = JSON.stringify(`${this.party.name} ${session?.sessionState ?? 'none'}`)
    return `<iframe id="op" src="${String(src)}"></iframe><button id="ask">Ask</button><p id="state"></p>
<script>
const state = document.getElementById('state')
addEventListener('message', ({ data, origin }) => { if (origin === ${JSON.stringify(issuer)}) state.textContent = data })
document.getElementById('ask').addEventListener('click', () => {
  state.textContent = ''
  document.getElementById('op').contentWindow.postMessage(${message}, ${JSON.stringify(issuer)})
})
</script>`
  }

  #page(response: ServerResponse, body: string): void {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(`<!doctype html><title>${this.party.title}</title>${body}`)
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location }).end()
}

function cookieOf({ headers: { cookie = '' } }: IncomingMessage): string | undefined {
  return new RegExp(`(?:^|; )${COOKIE}=([\\w-]+)`).exec(cookie)?.[1]
}
