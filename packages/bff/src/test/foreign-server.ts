import { createHash } from 'node:crypto'
import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import { Form } from '@holdfast/protocol/form'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { newSecret } from '@holdfast/protocol/secret'
import type { Clock } from '@holdfast/protocol/time'

export const FOREIGN = 'https://login.foreign.example'
const KEY: KeyPair = generateKeyPair('ES256')
const NEXT_KEY: KeyPair = generateKeyPair('ES256')

interface Grant {
  readonly sub: string
  readonly nonce: string
  readonly challenge: string
  /** The refresh tokens of a rotating server: the last one is good, an earlier one ends all. */
  readonly refreshTokens: string[]
  ended: boolean
}

/**
 * An authorization server of somebody else: small, and it misbehaves where a test wants it to. It rotates refresh tokens, if
 * not told otherwise, and ends a grant whose older one comes back, at once.
 */
export class ForeignServer {
  readonly #clock: Clock
  readonly #pushed = new Map<string, URLSearchParams>()
  readonly #codes = new Map<string, Grant>()
  readonly #grants: Grant[] = []
  #access = 0
  /** Who signs in next. */
  sub = 'u1'
  metadata: Readonly<Record<string, unknown>> = {}
  /** Over the claims of ID tokens; `undefined` leaves one out. */
  claims: Readonly<Record<string, unknown>> = {}
  header: Readonly<Record<string, unknown>> = {}
  userinfo: Readonly<Record<string, unknown>> = {}
  /** Over the answers of the token endpoint. */
  tokens: Readonly<Record<string, unknown>> = {}
  /** Over the parameters of authorization responses. */
  response: Readonly<Record<string, string | undefined>> = {}
  /** What the token endpoint answers instead. */
  instead: (() => Promise<Reply> | Reply) | undefined
  /** Before a refresh is answered. */
  slow: () => Promise<void> = () => Promise.resolve()
  key: KeyPair = KEY
  life = 300
  /** Where it does not, the refresh token of sign-in stays good, and no answer has another. */
  rotates = true
  refreshes = 0
  readonly revoked: string[] = []
  readonly asked: string[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly handler = async (request: HttpRequest): Promise<Reply> => {
    this.asked.push(request.path)
    if (request.path === '/.well-known/openid-configuration') return json(200, this.#metadata())
    if (request.path === '/jwks') return json(200, { keys: [{ ...this.key.publicJwk, kid: this.#kid }] })
    if (request.path === '/authorize') return this.#authorize(new URLSearchParams(request.query))
    if (request.path === '/userinfo') return this.#userInfo(request)
    const form = new URLSearchParams(new TextDecoder().decode((await request.body(100_000)) as Uint8Array))
    if (Form.parse(form.toString()) === undefined || request.method !== 'POST') return json(404, {})
    if (request.path === '/par') return this.#push(form)
    if (request.path === '/revoke') this.revoked.push(form.get('token') ?? '')
    if (request.path === '/revoke') return json(200, {})
    return this.instead?.() ?? this.#token(form)
  }

  get #kid(): string {
    return this.key === KEY ? 'k1' : 'k2'
  }

  /** The next signing key, without a warning. */
  rotate(): void {
    this.key = NEXT_KEY
  }

  endGrants(): void {
    for (const grant of this.#grants) grant.ended = true
  }

  /** A JWT by this server's key, such as a logout token. */
  sign(claims: Readonly<Record<string, unknown>>, header: Readonly<Record<string, unknown>> = {}, key: KeyPair = this.key): string {
    return signJws({ alg: 'ES256', kid: this.#kid, ...header }, claims, key.privateKey)
  }

  #metadata(): Readonly<Record<string, unknown>> {
    return {
      issuer: FOREIGN,
      authorization_endpoint: `${FOREIGN}/authorize`,
      token_endpoint: `${FOREIGN}/token`,
      pushed_authorization_request_endpoint: `${FOREIGN}/par`,
      userinfo_endpoint: `${FOREIGN}/userinfo`,
      revocation_endpoint: `${FOREIGN}/revoke`,
      end_session_endpoint: `${FOREIGN}/end`,
      jwks_uri: `${FOREIGN}/jwks`,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['ES256'],
      id_token_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
      ...this.metadata,
    }
  }

  #userInfo(request: HttpRequest): Reply {
    const sub = request.headers('authorization')[0]?.split(/[ .]/)[1] ?? ''
    return json(200, { sub, name: `Name of ${sub}`, ...this.userinfo })
  }

  #push(form: URLSearchParams): Reply {
    if (form.getAll('resource').includes(FOREIGN)) return json(400, { error: 'invalid_target' })
    const uri = `urn:ietf:params:oauth:request_uri:${newSecret()}`
    this.#pushed.set(uri, form)
    return json(201, { request_uri: uri, expires_in: 60 })
  }

  #authorize(query: URLSearchParams): Reply {
    const asked = this.#pushed.get(query.get('request_uri') ?? '') ?? query
    const grant = {
      sub: asked.get('login_hint') ?? this.sub,
      nonce: asked.get('nonce') ?? '',
      challenge: asked.get('code_challenge') ?? '',
      refreshTokens: [],
      ended: false,
    }
    const code = newSecret()
    this.#codes.set(code, grant)
    const all = { code, state: asked.get('state') ?? undefined, iss: FOREIGN, ...this.response }
    const answer = new URLSearchParams(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined))
    return { status: 303, headers: { location: `${asked.get('redirect_uri')}?${answer}` }, body: '' }
  }

  async #token(form: URLSearchParams): Promise<Reply> {
    const type = form.get('grant_type')
    if (type === 'refresh_token') return this.#refresh(form.get('refresh_token') ?? '')
    if (type !== 'authorization_code')
      return json(200, { ...this.#issued('exchanged'), issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' })
    const grant = this.#codes.get(form.get('code') ?? '')
    this.#codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (grant?.challenge !== challenge) return json(400, { error: 'invalid_grant' })
    this.#grants.push(grant)
    return json(200, { ...this.#issued(grant.sub), refresh_token: rotated(grant), id_token: this.#idToken(grant), ...this.tokens })
  }

  async #refresh(token: string): Promise<Reply> {
    await this.slow()
    const grant = this.#grants.find(({ refreshTokens }) => refreshTokens.includes(token))
    if (grant !== undefined && grant.refreshTokens.at(-1) !== token) grant.ended = true
    if (grant === undefined || grant.ended) return json(400, { error: 'invalid_grant' })
    this.refreshes++
    const next = this.rotates ? { refresh_token: rotated(grant) } : {}
    return json(200, { ...this.#issued(grant.sub), ...next, ...this.tokens })
  }

  /** An API sees whose the token is. */
  #issued(sub: string): Readonly<Record<string, unknown>> {
    return { access_token: `${sub}.${++this.#access}`, token_type: 'DPoP', expires_in: this.life }
  }

  #idToken({ sub, nonce }: Grant): string {
    const now = this.#clock.now()
    const claims = { iss: FOREIGN, aud: 'shop', sub, nonce, iat: now, exp: now + 300, sid: `sid of ${sub}`, ...this.claims }
    return this.sign(Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)), this.header)
  }
}

function rotated(grant: Grant): string {
  const token = newSecret()
  grant.refreshTokens.push(token)
  return token
}
