import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Clock, EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { Witness } from '@holdfast/protocol/witness'
import { isJwsAlgorithm, type JsonObject, parseJws } from '@holdfast/proof'
import { accessOf } from './introspection-answer.ts'
import { discover, exchange } from './issuer-document.ts'
import type { IssuerKeys } from './keys.ts'
import type { Access } from './need.ts'
import type { Verify } from './token.ts'
import { LEEWAY, type TokenRules } from './token-checks.ts'

/** How the guard asks the issuer about tokens (RFC 7662): as a client of the issuer that stands for this API. */
export interface IntrospectionOptions {
  /** This API's `client_id` at the issuer. */
  readonly clientId: string
  /** For `client_secret_basic`. Either this or `signer`. */
  readonly clientSecret?: string
  /**
   * For `private_key_jwt`: signs each assertion. `createJwtSigner({ key, alg, kid, typ: 'client-authentication+jwt' })` of
   * `@holdfast/proof/node` is one.
   */
  readonly signer?: { sign(payload: JsonObject): string | Promise<string> }
  /** Where to ask; https, or http on loopback. @default `introspection_endpoint` of the issuer's metadata */
  readonly endpoint?: string
  /** `opaque`: what is no JWT is asked about. `all`: JWTs too, so that a revoked one ends at once. @default opaque */
  readonly tokens?: 'opaque' | 'all'
  /**
   * How long an active answer is used again, in seconds: 0 to 30, never beyond the token's end. A revoked token may live so long
   * here. That a token is not active is kept for at most 2 of them. @default 10
   */
  readonly cacheSeconds?: Seconds
  /**
   * With several issuers: how this one's opaque tokens begin, such as `at_`; empty for all that are nobody else's. The longest
   * prefix that fits decides who is asked. Issuers with the same prefix are asked one after the other, and so each is shown the
   * tokens of those after it: let only those share one that may see each other's tokens.
   */
  readonly tokenPrefix?: string
  /** Asks for signed answers (RFC 9701) and takes no others. Encrypted ones are not supported. @default false */
  readonly signedResponse?: boolean
}

/** The issuer cannot be asked, or its answer cannot be believed: the caller answers 503. */
export class IntrospectionUnavailable extends Error {
  override readonly name = 'IntrospectionUnavailable'
}

const MOST_CACHED = 10_000
/** Refusals are kept apart, so that made-up tokens push out nobody's. */
const MOST_REFUSED = 1_000
/** Short enough for a token that was made a moment ago and is not known everywhere. Seconds. */
const REFUSED_FOR = 2
/** Questions under way at once. A flood of made-up tokens must not become as many connections. */
const MOST_ASKED = 1_000
const MAX_BYTES = 65_536
const MAX_JWT = 65_536
/** A signed answer is made for this question: an older one is somebody's recording. Seconds. */
const FRESH = 60
const SIGNED = 'application/token-introspection+jwt'
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Header and payload of a JWT begin with `{"`. */
const JWT = /^eyJ[\w-]*\.eyJ[\w-]*\.[\w-]+$/

export function isJwt(token: string): boolean {
  return JWT.test(token)
}

interface Kept<T> {
  readonly answer: T
  readonly until: EpochSeconds
}

/** What asking takes, beside the options. */
export interface AskingParts {
  readonly keys: IssuerKeys
  readonly verify: Verify
  readonly fetcher: typeof fetch
  readonly clock: Clock
}

/** Checks tokens by asking: each distinct token once at a time, and active answers for some seconds no more. */
export class Introspection {
  readonly #options: IntrospectionOptions
  readonly #rules: TokenRules
  readonly #keys: IssuerKeys
  readonly #verify: Verify
  readonly #fetch: typeof fetch
  readonly #clock: Clock
  readonly #cacheSeconds: Seconds
  readonly #kept: Map<string, Kept<Access>> = new Map()
  readonly #refused: Map<string, Kept<OAuthError>> = new Map()
  readonly #asking: Map<string, Promise<Access | OAuthError>> = new Map()
  #endpoint: string | undefined

  /** @throws TypeError options that contradict each other or are out of their range */
  constructor(options: IntrospectionOptions, rules: TokenRules, { keys, verify, fetcher, clock }: AskingParts) {
    const { cacheSeconds = 10 } = options
    if ((options.clientSecret === undefined) === (options.signer === undefined))
      throw new TypeError('introspection needs either clientSecret or signer')
    if (!Number.isInteger(cacheSeconds) || cacheSeconds < 0 || cacheSeconds > 30)
      throw new TypeError('introspection.cacheSeconds must be a whole number of seconds from 0 to 30')
    this.#options = options
    this.#rules = rules
    this.#keys = keys
    this.#verify = verify
    this.#fetch = fetcher
    this.#clock = clock
    this.#cacheSeconds = cacheSeconds
    this.#endpoint = options.endpoint === undefined ? undefined : checkedEndpoint(options.endpoint)
  }

  /** Whether a token is asked about. */
  takes(token: string): boolean {
    return this.#options.tokens === 'all' || !isJwt(token)
  }

  /** At once for an answer that is still fresh. @throws IntrospectionUnavailable and KeysUnavailable, as a rejection */
  check(token: string, witness?: Witness): Access | OAuthError | Promise<Access | OAuthError> {
    // A witness hears what is checked of an answer, and of one that is kept nothing is: it has the issuer asked, also while others ask.
    if (witness !== undefined) return this.#ask(token, witness)
    const kept = this.#kept.get(token) ?? this.#refused.get(token)
    if (kept !== undefined && kept.until > this.#clock.now()) return kept.answer
    const asking = this.#asking.get(token)
    if (asking !== undefined) return asking
    if (this.#asking.size >= MOST_ASKED) throw new IntrospectionUnavailable(`${MOST_ASKED} tokens are being asked about already`)
    const question = this.#ask(token).finally(() => this.#asking.delete(token))
    this.#asking.set(token, question)
    return question
  }

  async #ask(token: string, witness?: Witness): Promise<Access | OAuthError> {
    // Before the question is sent: an answer is never kept longer than from then on.
    const asked = this.#clock.now()
    this.#kept.delete(token)
    this.#refused.delete(token)
    let access: Access | OAuthError
    try {
      access = accessOf(await this.#answer(token), this.#rules, this.#clock.now(), witness)
    } catch (cause) {
      throw new IntrospectionUnavailable(
        `${this.#rules.issuer} cannot be asked about tokens: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
    if (this.#cacheSeconds === 0) return access
    if ('expiresAt' in access) keep(this.#kept, MOST_CACHED, token, access, Math.min(asked + this.#cacheSeconds, access.expiresAt))
    else keep(this.#refused, MOST_REFUSED, token, access, asked + Math.min(this.#cacheSeconds, REFUSED_FOR))
    return access
  }

  async #answer(token: string): Promise<unknown> {
    this.#endpoint ??= checkedEndpoint(await discover(this.#fetch, this.#rules.issuer, 'introspection_endpoint'))
    const signed = this.#options.signedResponse === true
    const { headers, parameters } = await this.#credentials()
    const { response, text } = await exchange(
      this.#fetch,
      this.#endpoint,
      {
        method: 'POST',
        headers: {
          ...headers,
          accept: signed ? SIGNED : 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ token, token_type_hint: 'access_token', ...parameters }).toString(),
      },
      MAX_BYTES,
    )
    if (response.status !== 200) throw new Error(`${this.#endpoint} answered ${response.status}`)
    const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== (signed ? SIGNED : 'application/json')) throw new Error(`${this.#endpoint} answered with the content type ${type}`)
    return signed ? this.#verified(text) : JSON.parse(text)
  }

  async #credentials(): Promise<{
    readonly headers: Readonly<Record<string, string>>
    readonly parameters: Readonly<Record<string, string>>
  }> {
    const { clientId, clientSecret, signer } = this.#options
    if (signer === undefined) {
      const encoded = [clientId, clientSecret ?? ''].map((half) => new URLSearchParams({ h: half }).toString().slice(2)).join(':')
      return { headers: { authorization: `Basic ${btoa(encoded)}` }, parameters: {} }
    }
    const iat = this.#clock.now()
    const claims = { iss: clientId, sub: clientId, aud: this.#rules.issuer, jti: crypto.randomUUID(), iat, exp: iat + 60 }
    return {
      headers: {},
      parameters: {
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await signer.sign(claims),
      },
    }
  }

  /** RFC 9701 §8: its own type, this issuer, this caller, this moment, and a signature by the issuer's published keys (JIN-05). */
  async #verified(text: string): Promise<unknown> {
    const jws = parseJws(text, { maxLength: MAX_JWT })
    if (jws === undefined) throw new Error('the introspection answer is no signed JWT')
    const { typ, alg } = jws.header
    const { iss, aud, iat, token_introspection: answer } = jws.payload
    const now = this.#clock.now()
    if (typeof typ !== 'string' || typ.toLowerCase().replace(/^application\//, '') !== 'token-introspection+jwt')
      throw new Error('typ of the introspection answer must be token-introspection+jwt')
    if (!isJwsAlgorithm(alg) || !this.#rules.algorithms.includes(alg))
      throw new Error('alg of the introspection answer is not allowed here')
    if (iss !== this.#rules.issuer) throw new Error('iss of the introspection answer is another')
    if (!(Array.isArray(aud) ? (aud as readonly unknown[]) : [aud]).includes(this.#options.clientId))
      throw new Error('the introspection answer is for somebody else')
    if (typeof iat !== 'number' || iat > now + LEEWAY || iat < now - FRESH) throw new Error('the introspection answer is not of now')
    for (const jwk of await this.#keys.for(jws, alg)) if (await this.#verify(jws, alg, jwk)) return answer
    throw new Error('the signature of the introspection answer is by no key of the issuer')
  }
}

/** The oldest goes first. */
function keep<T>(kept: Map<string, Kept<T>>, most: number, token: string, answer: T, until: EpochSeconds): void {
  if (kept.size >= most) kept.delete(kept.keys().next().value as string)
  kept.set(token, { answer, until })
}

/** Tokens and the API's own credentials go there. */
function checkedEndpoint(endpoint: string): string {
  const { protocol, hostname } = new URL(endpoint)
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname))) return endpoint
  throw new TypeError('introspection.endpoint must be https, or http on loopback')
}
