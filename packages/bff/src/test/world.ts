import { generateKeyPair } from '@holdfast/proof/node'
import { json, type Reply } from '@holdfast/protocol/http'
import { openMemoryStore } from '@holdfast/store/memory'
import type { OpenStore } from '@holdfast/store'
import { Browser } from '@holdfast/testing/browser'
import { TestClock } from '@holdfast/testing/clock'
import { Internet } from '@holdfast/testing/internet'
import type { Bff } from '../bff.ts'
import { assembleBff } from '../create.ts'
import type { BffEvent, BffOptions } from '../options.ts'
import { bffKinds, type BffRecords } from '../records.ts'
import { FOREIGN, ForeignServer } from './foreign-server.ts'
import { plainProxy } from './plain-proxy.ts'

export const SHOP = 'https://shop.example'
export const API = 'https://orders.example/v1'
export const COOKIE = '__Host-Http-holdfast-bff'
export const CSRF: RequestInit = { headers: { 'x-holdfast-csrf': '1' } }
export const SECRET = { id: 'one', value: 'a secret of the backend, for tests only' }
const KEY = generateKeyPair('ES256')
export const CLIENT_JWK = { ...KEY.privateKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'shop-1' } as JsonWebKey & { kid: string }

export interface World {
  readonly net: Internet
  readonly clock: TestClock
  readonly server: ForeignServer
  readonly store: OpenStore<BffRecords>
  readonly events: BffEvent[]
  readonly bff: Bff
  /** Tokens that the API was shown, and by which session they came. */
  readonly shown: string[]
  /** Another process of the application, on the same store. */
  another(over?: Partial<BffOptions>): Bff
  browser(): Browser
}

/** A backend, somebody else's authorization server and an API, on one simulated internet. */
export function startWorld(over: Partial<BffOptions> = {}): World {
  const [net, clock, events, shown] = [new Internet(), new TestClock(), [] as BffEvent[], [] as string[]]
  const server = new ForeignServer(clock)
  const store = openMemoryStore(bffKinds)
  const another = (more: Partial<BffOptions> = {}): Bff =>
    assembleBff(
      optionsFor(clock, { sessions: store, fetch: net.fetch as typeof fetch, onEvent: (event) => events.push(event), ...over, ...more }),
      plainProxy(net.fetch as typeof fetch),
    )
  const bff = another()
  net.host(FOREIGN, server.handler).host(SHOP, hosting(bff))
  net.host(new URL(API).origin, (request) => {
    const token = request.headers('authorization')[0]?.split(' ')[1] ?? ''
    shown.push(token)
    return Promise.resolve(request.path.endsWith('/refuses') && !token.endsWith('.9') ? json(401, {}) : json(200, { token }))
  })
  return { net, clock, server, store, events, bff, shown, another, browser: () => new Browser(net, { clock }) }
}

export function optionsFor(clock: TestClock, over: Partial<BffOptions> = {}): BffOptions {
  return {
    publicUrl: SHOP,
    issuer: FOREIGN,
    client: { clientId: 'shop', privateJwk: CLIENT_JWK },
    secrets: [SECRET],
    apis: [{ path: '/api', upstream: API }],
    clock,
    // Time passes while a process waits: other people's tasks go on meanwhile.
    sleep: () => new Promise((settle) => setImmediate(settle)),
    onEvent: () => undefined,
    ...over,
  }
}

export function hosting(bff: Bff): (request: Parameters<Bff['handle']>[0]) => Promise<Reply> {
  return async (request) =>
    ((await bff.handle(request)) as Reply | undefined) ?? {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<p id="page">a page</p>',
    }
}

/** Somebody who is signed in. */
export async function signIn(world: World, sub = 'u1', browser: Browser = world.browser()): Promise<Browser> {
  world.server.sub = sub
  await browser.goto(`${SHOP}/bff/login`)
  if (!browser.has('#continue') || browser.text('h1') !== 'One moment')
    throw new Error(`not signed in: ${browser.status} ${browser.text('main')}`)
  return browser.click('#continue')
}

export async function sessionOf(browser: Browser): Promise<Readonly<Record<string, unknown>>> {
  return (await (await browser.fetch(`${SHOP}/bff/session`, CSRF)).json()) as Readonly<Record<string, unknown>>
}

export function call(browser: Browser, path = '/api/orders'): Promise<Response> {
  return browser.fetch(`${SHOP}${path}`, CSRF)
}
