import { createHash } from 'node:crypto'
import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import { newSecret } from '@holdfast/protocol/secret'
import type { Client } from '../index.ts'
import { authorizationParameters, Person, VERIFIER } from './person.ts'
import { ISSUER, SECRET, type TestServer } from './server.ts'

/** Parameters of a form; `undefined` leaves one out. */
export type Parameters = Readonly<Record<string, string | undefined>>
type Members = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

/** What a client program does over HTTP on top of the usual: other headers, other credentials, a proof of its own making. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  /** Default: those of the client's registered method. */
  readonly credentials?: Credentials
  /** The whole `DPoP` header. With it nothing is tried again for a nonce. */
  readonly dpop?: string
}

export interface Credentials {
  readonly headers?: Readonly<Record<string, string>>
  readonly parameters?: Parameters
}

export interface Tokens {
  readonly access: string
  readonly refresh: string
  readonly answer: Answer
}

/** Status and error code in one text, for an expectation that reads: `200`, `400 invalid_grant`. */
export function told({ status, body }: Answer): string {
  return body['error'] === undefined ? String(status) : `${status} ${String(body['error'])}`
}

/** Whichever one is told, how often: `{ '200': 1, '400 invalid_grant': 49 }`. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[told(answer)] = (counts[told(answer)] ?? 0) + 1
  return counts
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

export function basic(clientId: string, secret: string): string {
  const encoded = [clientId, secret].map((half) => new URLSearchParams({ h: half }).toString().slice(2)).join(':')
  return `Basic ${Buffer.from(encoded).toString('base64')}`
}

/** The program of a client: it authenticates by its registered method and, given a key, sends DPoP proofs. */
export class Application {
  readonly as: TestServer
  readonly client: Client
  readonly person: Person
  readonly key: KeyPair | undefined
  readonly #assertionKey: KeyPair | undefined
  /** The newest of the server (DPOP-64). */
  nonce: string | undefined

  constructor(
    as: TestServer,
    client: Client,
    keys: { readonly dpop?: KeyPair | undefined; readonly assertion?: KeyPair | undefined; readonly person?: Person } = {},
  ) {
    this.as = as
    this.client = client
    this.key = keys.dpop
    this.#assertionKey = keys.assertion
    this.person = keys.person ?? new Person(as)
  }

  /** The same client with another DPoP key, or with none. */
  holding(dpop: KeyPair | undefined): Application {
    return new Application(this.as, this.client, { dpop, assertion: this.#assertionKey, person: this.person })
  }

  credentials(): Credentials {
    const { clientId, tokenEndpointAuthMethod: method } = this.client
    if (method === 'client_secret_basic') return { headers: { authorization: basic(clientId, SECRET) } }
    if (method === 'client_secret_post') return { parameters: { client_id: clientId, client_secret: SECRET } }
    return { parameters: method === 'none' || method.endsWith('tls_client_auth') ? { client_id: clientId } : this.asserting() }
  }

  /** The parameters of `private_key_jwt` with a fresh assertion; `claims` and `header` overwrite its members. */
  asserting(claims: Members = {}, header: Members = {}, key: KeyPair | undefined = this.#assertionKey): Parameters {
    if (key === undefined) throw new Error('this client has no key for assertions')
    const { clientId } = this.client
    const now = this.as.clock.now()
    const payload = { iss: clientId, sub: clientId, aud: ISSUER, jti: newSecret(), iat: now, exp: now + 60, ...claims }
    return {
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: signJws({ typ: 'client-authentication+jwt', alg: key.alg, ...header }, payload, key.privateKey),
    }
  }

  /** A fresh DPoP proof (RFC 9449 §4.2) for an endpoint; `claims` and `header` overwrite its members. */
  proof(path: string, claims: Members = {}, header: Members = {}): string {
    if (this.key === undefined) throw new Error('this client holds no DPoP key')
    return proof(this.key, { htm: 'POST', htu: ISSUER + path, iat: this.as.clock.now(), nonce: this.nonce, ...claims }, header)
  }

  /** POSTs a form. When the server asks for a nonce it tries once more, as clients do (DPOP-65). */
  async post(path: string, parameters: Parameters = {}, sent: Sent = {}): Promise<Answer> {
    const answer = await this.#once(path, parameters, sent)
    return answer.body['error'] === 'use_dpop_nonce' && sent.dpop === undefined ? this.#once(path, parameters, sent) : answer
  }

  async #once(path: string, parameters: Parameters, sent: Sent): Promise<Answer> {
    const credentials = sent.credentials ?? this.credentials()
    const dpop = sent.dpop ?? (this.key === undefined ? undefined : this.proof(path))
    const answer = await this.send(`${ISSUER}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...credentials.headers,
        ...(dpop === undefined ? {} : { dpop }),
        ...sent.headers,
      },
      body: form({ ...credentials.parameters, ...parameters }),
    })
    this.nonce = answer.headers.get('dpop-nonce') ?? this.nonce
    return answer
  }

  async send(url: string, init: RequestInit): Promise<Answer> {
    const response = await this.as.fetch(url, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text.startsWith('{') ? (JSON.parse(text) as Members) : {} }
  }

  /** Learns the server's present nonce by asking without one. */
  async learnNonce(): Promise<string> {
    const { headers } = await this.post('/par', {}, { dpop: this.proof('/par', { nonce: undefined }) })
    return headers.get('dpop-nonce') ?? ''
  }

  /** A code, through the browser of a person who signs in and allows what is asked. */
  async code(over: Parameters = {}): Promise<string> {
    const seen = await this.person.through(
      authorizationParameters({ client_id: this.client.clientId, redirect_uri: this.client.redirectUris[0], ...over }),
    )
    const code = seen.location?.searchParams.get('code')
    if (code === null || code === undefined) throw new Error(`no code: ${seen.status} ${seen.location?.href ?? seen.text}`)
    return code
  }

  redeem(code: string, over: Parameters = {}, sent: Sent = {}): Promise<Answer> {
    return this.post(
      '/token',
      { grant_type: 'authorization_code', code, code_verifier: VERIFIER, redirect_uri: this.client.redirectUris[0], ...over },
      sent,
    )
  }

  refresh(refreshToken: string, over: Parameters = {}, sent: Sent = {}): Promise<Answer> {
    return this.post('/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...over }, sent)
  }

  async tokens(request: Parameters = {}, redemption: Parameters = {}): Promise<Tokens> {
    const answer = await this.redeem(await this.code(request), redemption)
    if (answer.status !== 200) throw new Error(`no tokens: ${JSON.stringify(answer.body)}`)
    return { access: String(answer.body['access_token']), refresh: String(answer.body['refresh_token']), answer }
  }

  /** Asks userinfo as this client would: by DPoP when it holds a key. `header` overwrites Authorization, `dpop` the proof. */
  async userinfo(access: string, over: { readonly authorization?: string; readonly dpop?: string } = {}): Promise<Answer> {
    const ask = (): Promise<Answer> => {
      const dpop = over.dpop ?? (this.key === undefined ? undefined : this.proof('/userinfo', { htm: 'GET', ath: hashOf(access) }))
      return this.send(`${ISSUER}/userinfo`, {
        headers: {
          authorization: over.authorization ?? `${this.key === undefined ? 'Bearer' : 'DPoP'} ${access}`,
          ...(dpop === undefined ? {} : { dpop }),
        },
      })
    }
    const answer = await ask()
    this.nonce = answer.headers.get('dpop-nonce') ?? this.nonce
    return answer.body['error'] === 'use_dpop_nonce' && over.dpop === undefined ? ask() : answer
  }
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A proof by hand: members that are `undefined` are left out. */
export function proof(key: KeyPair, claims: Members, header: Members = {}): string {
  return signJws({ typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk, ...header }, { jti: newSecret(), ...claims }, key.privateKey)
}

function form(parameters: Parameters): string {
  return new URLSearchParams(Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)).toString()
}

/** `ath` (RFC 9449 §4.2). */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Keys for a whole test file: making one costs more than using it. */
export const KEY: KeyPair = generateKeyPair('ES256')
export const OTHER_KEY: KeyPair = generateKeyPair('ES256')
