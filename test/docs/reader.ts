import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newSecret } from '@holdfast/protocol/secret'
import { createLog, loadConfiguration, type Running, start } from 'holdfast'
import type { JSONWebKeySet } from 'jose'
import { createRedis } from '../../scripts/redis.mjs'
import { ownServer } from '../../packages/store-postgres/src/test/cluster.ts'
import { Api } from './api.ts'
import { compare, readWritten } from './compare.ts'
import { Gateway } from './gateway.ts'
import { Keys } from './keys.ts'
import { type DEEDS, deedOf, Visitor } from './person.ts'
import type { FeaturePage, Step, Written } from './page.ts'
import { Published } from './published.ts'

export const ISSUER = 'https://id.example.com'
const MUTUAL_TLS = 'mtls.id.example.com'
const PASSWORD = 'a password of the documentation'
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** What runs beside the server, and may be stopped. */
interface Database {
  readonly url: string
  stop(): Promise<void>
  remove(): Promise<void>
}

interface Held {
  readonly api: Api
  /** Of the page about it alone. */
  readonly gateway: Gateway | undefined
  readonly running: Running
  readonly folder: string
  readonly published: Published
  readonly keys: Keys
  /** Of the page about it alone. */
  readonly database: Database | undefined
  /** Of the log, as JSON. */
  readonly lines: readonly string[]
}

/** A server with a page's configuration, and somebody who sends what the page says, word for word. */
export class Reader {
  readonly #running: Running
  readonly #api: Api
  readonly #gateway: Gateway | undefined
  readonly #folder: string
  readonly #published: Published
  readonly #visitor: Visitor
  readonly #keys: Keys
  readonly #database: Database | undefined
  /** What answers brought, by the name of the member: `<code>` in a later request is the last one, `<code_1>` the first. */
  readonly #seen: Map<string, string[]> = new Map()
  readonly #lines: readonly string[]

  private constructor(held: Held) {
    this.#running = held.running
    this.#api = held.api
    this.#gateway = held.gateway
    this.#folder = held.folder
    this.#published = held.published
    this.#keys = held.keys
    this.#database = held.database
    this.#lines = held.lines
    this.#visitor = new Visitor(this.#origin, ISSUER, { username: 'ada', password: PASSWORD })
  }

  static async open(page: FeaturePage): Promise<Reader> {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-docs-'))
    const database = await databaseOf(page)
    try {
      return await Reader.#opened(page, folder, database)
    } catch (error) {
      await database?.remove()
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  static async #opened(page: FeaturePage, folder: string, database: Database | undefined): Promise<Reader> {
    const keys = await Keys.make()
    const file = join(folder, 'holdfast.yaml')
    writeFileSync(file, `${BASE}\n${page.configuration.includes('store:') ? '' : IN_MEMORY}${keys.registered(page.configuration)}\n`)
    const environment = {
      HOLDFAST_DOCS_SECRETS: JSON.stringify({ secrets: [{ id: 'd1', value: randomBytes(32).toString('base64url') }] }),
      HOLDFAST_DATABASE: database?.url,
    }
    const { configuration, faults } = await loadConfiguration({ file, directory: folder, environment })
    if (configuration === undefined) throw new Error(faults.map(({ path, message }) => `${path} ${message}`).join('\n'))
    const published = await Published.open(new Map([...page.documents].map(([url, text]) => [url, keys.registered(text)])))
    const outbound = published.outbound(configuration.outbound.allow)
    const lines: string[] = []
    const log = createLog({ form: 'json', color: false, write: (line) => void lines.push(line) })
    const running = await start({ ...configuration, outbound }, log)
    const origin = `http://127.0.0.1:${running.port}`
    const api = new Api(page.needs, ISSUER, origin)
    const gateway = page.gateway === undefined ? undefined : await Gateway.open(page.gateway, ISSUER, origin)
    return new Reader({ running, api, gateway, folder, published, keys, database, lines })
  }

  async close(): Promise<void> {
    await this.#gateway?.close()
    await this.#running.close()
    await this.#published.close()
    await this.#database?.remove()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** @returns how what happened differs from the page; empty when it is as the page says */
  async take(step: Step): Promise<readonly string[]> {
    switch (step.kind) {
      case 'exchange':
        return this.#exchange(step.request, step.answer)
      case 'claims':
        return step.name === 'log' ? this.#compareLog(step.claims) : this.#compareClaims(step.name, step.claims)
      case 'signed':
        this.#see(step.jwt.name, this.#keys.signed({ ...step.jwt, claims: this.#filled(step.jwt.claims) }, now()))
        return []
      case 'json':
        this.#see(step.name, encodeURIComponent(JSON.stringify(JSON.parse(step.text))))
        return []
      case 'operator':
        if (!['stops the database', 'stops Redis'].includes(step.deed)) throw new Error(`an operator cannot "${step.deed}" here`)
        await this.#database?.stop()
        return []
      case 'person': {
        const [verb, text] = deedOf(this.#filled(step.deed))
        await this.#visitor[verb as (typeof DEEDS)[number]](text)
        return []
      }
    }
  }

  async #exchange(request: Written, answer: Written): Promise<readonly string[]> {
    const [method = '', target = ''] = this.#filled(request.start).split(' ')
    if (method === 'GET' && target.startsWith('/authorize')) return this.#browse(target, answer)
    const headers = request.headers.flatMap(([name, value]) =>
      name === 'host' ? [] : [[name, this.#filled(value, method, target)] as const],
    )
    const body = this.#filled(request.body, method, target)
    const init: RequestInit = { method, redirect: 'manual', headers: Object.fromEntries(headers), ...(body === '' ? {} : { body }) }
    const [, host] = request.headers.find(([name]) => name === 'host') ?? []
    const origin = host === MUTUAL_TLS ? `http://127.0.0.1:${this.#running.mutualTlsPort}` : this.#origin
    const response = await (this.#gateway?.has(host) === true
      ? this.#gateway.fetch(target, init)
      : this.#api.has(host, target)
        ? this.#api.fetch(host, target, init)
        : fetch(`${origin}${target}`, init))
    const text = await response.text()
    const nonce = response.headers.get('dpop-nonce')
    if (nonce !== null) this.#see('nonce', nonce)
    return [...compareHead(answer, response), ...this.#compareBody(answer, text)]
  }

  /** The authorization endpoint is for browsers: ada signs in, allows, and is sent back or shown a page. */
  async #browse(target: string, answer: Written): Promise<readonly string[]> {
    const seen = await this.#visitor.authorize(target)
    const sent = seen.location === null ? hiddenFields(seen.text) : parametersOf(seen.location)
    for (const [name, value] of sent) this.#see(name, value)
    return [...compareHead(answer, seen), ...this.#compareBody(answer, seen.text)]
  }

  #compareBody(answer: Written, text: string): readonly string[] {
    // Filled before anything of this answer is kept: it may say that something is the same as before.
    const written = this.#filled(answer.body)
    if (written === '') return text === '' || text === '{}' ? [] : [`body: the page shows none, the server sends ${text.slice(0, 200)}`]
    if (!written.startsWith('{')) {
      this.#see('body', text)
      return compare('body', written, text.trim())
    }
    const got = JSON.parse(text) as Readonly<Record<string, unknown>>
    this.#seeMembers(got)
    return compare('body', readWritten(written), got)
  }

  async #compareClaims(name: string, written: string): Promise<readonly string[]> {
    const keys = (await (await fetch(`${this.#origin}/jwks`)).json()) as JSONWebKeySet
    const got = await this.#keys.opened(this.#seen.get(name)?.at(-1) ?? '', keys)
    this.#seeMembers(got)
    return compare(name, readWritten(written), got)
  }

  /** One of the lines must be as the page says. */
  #compareLog(written: string): readonly string[] {
    const differences = this.#lines.map((line) => compare('log', readWritten(written), JSON.parse(line)))
    return differences.some((one) => one.length === 0) ? [] : (differences.at(-1) ?? ['log: there is none'])
  }

  get #origin(): string {
    return `http://127.0.0.1:${this.#running.port}`
  }

  #see(name: string, value: string): void {
    this.#seen.set(name, [...(this.#seen.get(name) ?? []), value])
  }

  #seeMembers(answer: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(answer)) if (typeof value === 'string') this.#see(name, value)
  }

  /** `<name>` is what an answer brought, or what only a program can make: a proof, an assertion, a challenge of PKCE. */
  #filled(text: string, method = 'POST', target = '/'): string {
    return text.replaceAll(/<(\w+)>/g, (whole, name: string) => this.#made(name, method, target) ?? this.#brought(name) ?? whole)
  }

  #brought(name: string): string | undefined {
    return name.endsWith('_1') ? this.#seen.get(name.slice(0, -2))?.[0] : this.#seen.get(name)?.at(-1)
  }

  #made(name: string, method: string, target: string): string | undefined {
    const keys = this.#keys
    switch (name) {
      case 'code_verifier':
        return VERIFIER
      case 'code_challenge':
        return createHash('sha256').update(VERIFIER).digest('base64url')
      case 'dpop': {
        const [path = ''] = target.split('?')
        const token = path === '/userinfo' ? this.#brought('access_token') : undefined
        return keys.dpop({ htm: method, htu: ISSUER + path, iat: now(), nonce: this.#brought('nonce') }, token)
      }
      case 'jti':
        return newSecret()
      case 'client_cert':
        return keys.certificate.header
      case 'client_assertion_type':
        return encodeURIComponent(ASSERTION_TYPE)
      case 'client_assertion':
        return keys.sign('client', 'client-authentication+jwt', {
          iss: 'app',
          sub: 'app',
          aud: ISSUER,
          exp: now() + 60,
          jti: newSecret(),
        })
      case 'attestation':
        return keys.sign('attester', 'oauth-client-attestation+jwt', {
          sub: 'app',
          iat: now(),
          exp: now() + 3600,
          cnf: { jwk: keys.publicJwk('client') },
        })
      case 'attestation_pop':
        return keys.sign('client', 'oauth-client-attestation-pop+jwt', {
          aud: ISSUER,
          iat: now(),
          jti: newSecret(),
          challenge: this.#brought('attestation_challenge'),
        })
      default:
        return undefined
    }
  }
}

function compareHead(answer: Written, got: { readonly status: number; readonly headers: Headers }): readonly string[] {
  return [
    ...compare('status', Number(answer.start.split(' ')[1]), got.status),
    ...answer.headers.flatMap(([name, value]) => compare(name, value, got.headers.get(name))),
  ]
}

/** The page about PostgreSQL has one, and the page about Redis. */
async function databaseOf({ configuration }: FeaturePage): Promise<Database | undefined> {
  if (configuration.includes('engine: postgres')) return await ownServer()
  return configuration.includes('engine: redis') ? await createRedis(mkdtempSync(join(tmpdir(), 'holdfast-docs-redis-'))) : undefined
}

/** In the query, or in the fragment. */
function parametersOf(location: string): readonly (readonly [string, string])[] {
  const { searchParams, hash } = new URL(location)
  return [...searchParams, ...new URLSearchParams(hash.slice(1))]
}

function hiddenFields(html: string): readonly (readonly [string, string])[] {
  return [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value])
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}

/** What every page starts from, so that it can show its own feature alone. */
const BASE = `
issuer: ${ISSUER}
listen: { port: 0 }
secrets: { env: HOLDFAST_DOCS_SECRETS }
accounts: { seed: [{ username: ada, password: ${PASSWORD}, claims: { name: Ada Lovelace } }] }
`
const IN_MEMORY = 'store: { engine: memory }\n'
