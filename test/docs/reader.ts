import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import { newSecret } from '@holdfast/protocol/secret'
import { createLog, loadConfiguration, type Running, start } from 'holdfast'
import { type Held, selfSigned } from '../certificates.ts'
import { compare } from './compare.ts'
import { type DEEDS, deedOf, Visitor } from './person.ts'
import type { FeaturePage, Written } from './page.ts'

export const ISSUER = 'https://id.example.com'
const MUTUAL_TLS = 'mtls.id.example.com'
const PASSWORD = 'a password of the documentation'
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A server with a page's configuration, and somebody who sends what the page says, word for word. */
export class Reader {
  readonly #running: Running
  readonly #folder: string
  readonly #visitor: Visitor
  /** Keys of the client, of an attested instance, of an attester: made anew, since a page cannot show private ones. */
  readonly #keys: ReadonlyMap<string, KeyPair>
  /** What the client shows to the proxy before the listener for mutual TLS. */
  readonly #held: Held
  /** What answers brought, by the name of the member: `<request_uri>` in a later request. */
  readonly #seen: Map<string, string> = new Map()

  private constructor(running: Running, folder: string, keys: ReadonlyMap<string, KeyPair>, held: Held) {
    this.#running = running
    this.#folder = folder
    this.#keys = keys
    this.#held = held
    this.#visitor = new Visitor(`http://127.0.0.1:${running.port}`, ISSUER, { username: 'ada', password: PASSWORD })
  }

  static async open(page: FeaturePage): Promise<Reader> {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-docs-'))
    const keys = new Map(['client', 'dpop', 'attester', 'statement'].map((name) => [name, generateKeyPair('ES256')]))
    const held = await selfSigned()
    const written = page.configuration.replaceAll(/<(\w+)_jwk>/g, (_whole, name: string) =>
      JSON.stringify(name === 'certificate' ? held.jwk : { ...keys.get(name)?.publicJwk, kid: name }),
    )
    const file = join(folder, 'holdfast.yaml')
    writeFileSync(file, `${BASE}\n${written}\n`)
    const secrets = JSON.stringify({ secrets: [{ id: 'd1', value: randomBytes(32).toString('base64url') }] })
    const { configuration, faults } = await loadConfiguration({ file, directory: folder, environment: { HOLDFAST_DOCS_SECRETS: secrets } })
    if (configuration === undefined) throw new Error(faults.map(({ path, message }) => `${path} ${message}`).join('\n'))
    const running = await start(configuration, createLog({ form: 'json', color: false, write: () => undefined }))
    return new Reader(running, folder, keys, held)
  }

  async close(): Promise<void> {
    await this.#running.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** @returns how the answer differs from the page; empty when it is as the page says */
  async exchange(request: Written, answer: Written): Promise<readonly string[]> {
    const [method = '', target = ''] = this.#filled(request.start).split(' ')
    if (method === 'GET' && target.startsWith('/authorize')) return this.#browse(target, answer)
    const headers = request.headers.flatMap(([name, value]) =>
      name === 'host' ? [] : [[name, this.#filled(value, method, target)] as const],
    )
    const body = this.#filled(request.body, method, target)
    const init: RequestInit = { method, redirect: 'manual', headers: Object.fromEntries(headers), ...(body === '' ? {} : { body }) }
    const mutual = request.headers.some(([name, value]) => name === 'host' && value === MUTUAL_TLS)
    const port = mutual ? this.#running.mutualTlsPort : this.#running.port
    const response = await fetch(`http://127.0.0.1:${port}${target}`, init)
    const text = await response.text()
    const nonce = response.headers.get('dpop-nonce')
    if (nonce !== null) this.#seen.set('nonce', nonce)
    return [
      ...compare('status', Number(answer.start.split(' ')[1]), response.status),
      ...answer.headers.flatMap(([name, value]) => compare(name, value, response.headers.get(name))),
      ...this.#compareBody(answer, text),
    ]
  }

  async person(deed: string): Promise<void> {
    const [verb, text] = deedOf(this.#filled(deed))
    await this.#visitor[verb as (typeof DEEDS)[number]](text)
  }

  #compareBody(answer: Written, text: string): readonly string[] {
    if (answer.body === '') return text === '' || text === '{}' ? [] : [`body: the page shows none, the server sends ${text.slice(0, 200)}`]
    if (!answer.body.startsWith('{')) return compare('body', answer.body, text)
    const got = JSON.parse(text) as Readonly<Record<string, unknown>>
    for (const [name, value] of Object.entries(got)) if (typeof value === 'string') this.#seen.set(name, value)
    return compare('body', JSON.parse(answer.body), got)
  }

  /** The authorization endpoint is for browsers: ada signs in, allows, and is sent back. */
  async #browse(target: string, answer: Written): Promise<readonly string[]> {
    const location = await this.#visitor.authorize(target)
    for (const [name, value] of new URL(location).searchParams) this.#seen.set(name, value)
    const [, expected = ''] = answer.headers.find(([name]) => name === 'location') ?? []
    return compare('location', expected, location)
  }

  /** `<name>` is what an answer brought, or what only a program can make: a proof, an assertion, a challenge of PKCE. */
  #filled(text: string, method = 'POST', target = '/'): string {
    return text.replaceAll(/<(\w+)>/g, (whole, name: string) => this.#made(name, method, target) ?? this.#seen.get(name) ?? whole)
  }

  #made(name: string, method: string, target: string): string | undefined {
    const now = Math.floor(Date.now() / 1000)
    const key = (of: string): KeyPair => this.#keys.get(of) as KeyPair
    switch (name) {
      case 'code_verifier':
        return VERIFIER
      case 'code_challenge':
        return createHash('sha256').update(VERIFIER).digest('base64url')
      case 'dpop': {
        const token = this.#seen.get('access_token')
        const ath =
          target.startsWith('/userinfo') && token !== undefined ? { ath: createHash('sha256').update(token).digest('base64url') } : {}
        const claims = {
          jti: newSecret(),
          htm: method,
          htu: ISSUER + target.split('?')[0],
          iat: now,
          nonce: this.#seen.get('nonce'),
          ...ath,
        }
        return signJws({ typ: 'dpop+jwt', alg: 'ES256', jwk: key('dpop').publicJwk }, claims, key('dpop').privateKey)
      }
      case 'client_cert':
        return this.#held.header
      case 'client_assertion_type':
        return encodeURIComponent(ASSERTION_TYPE)
      case 'client_assertion':
        return this.#signed('client', 'client-authentication+jwt', { iss: 'app', sub: 'app', aud: ISSUER, exp: now + 60, jti: newSecret() })
      case 'attestation':
        return this.#signed('attester', 'oauth-client-attestation+jwt', {
          sub: 'app',
          iat: now,
          exp: now + 3600,
          cnf: { jwk: key('client').publicJwk },
        })
      case 'attestation_pop':
        return this.#signed('client', 'oauth-client-attestation-pop+jwt', {
          aud: ISSUER,
          iat: now,
          jti: newSecret(),
          challenge: this.#seen.get('attestation_challenge'),
        })
      default:
        return undefined
    }
  }

  #signed(name: string, typ: string, payload: Readonly<Record<string, unknown>>): string {
    const { alg, privateKey } = this.#keys.get(name) as KeyPair
    return signJws({ typ, alg, kid: name }, payload, privateKey)
  }
}

/** What every page starts from, so that it can show its own feature alone. */
const BASE = `
issuer: ${ISSUER}
listen: { port: 0 }
store: { engine: memory }
secrets: { env: HOLDFAST_DOCS_SECRETS }
accounts: { seed: [{ username: ada, password: ${PASSWORD}, claims: { name: Ada Lovelace } }] }
`
