import { createGuard } from '@holdfast/guard'
import { generateKeyPair, type KeyPair } from '@holdfast/proof/node'
import { json, type Reply } from '@holdfast/protocol/http'
import type { Account, Client, Resource } from '@holdfast/server'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import type { Bff, BffEvent, BffOptions } from '@holdfast/bff'
import { assembleBff } from '../../packages/bff/src/create.ts'
import { plainProxy } from '../../packages/bff/src/test/plain-proxy.ts'
import { ACCOUNTS_API, client, ISSUER, PASSWORD, startServer, type TestServer } from '../../packages/server/src/test/server.ts'
import { createOutbound } from './outbound.ts'

export const SHOP = 'https://shop.example'
export const ORDERS = 'https://orders.example/v1'
export const CSRF: { readonly headers: Readonly<Record<string, string>> } = { headers: { 'x-holdfast-csrf': '1' } }
export const COOKIE = '__Host-Http-holdfast-bff'
const SECRETS: BffOptions['secrets'] = [{ id: 'one', value: 'a secret of the backend, for tests only' }]
const KEY: KeyPair = generateKeyPair('ES256')

const ORDERS_API: Resource = {
  ...ACCOUNTS_API,
  identifier: ORDERS,
  name: 'Orders',
  scopes: [{ name: 'orders:read', description: 'See your orders' }],
}

/** The client of profile `strong` that an operator would make for a backend. */
function shopClient(over: Partial<Client> = {}): Client {
  return client({
    clientId: 'shop',
    clientName: 'Shop',
    profile: 'strong',
    tokenEndpointAuthMethod: 'private_key_jwt',
    secrets: [],
    jwks: { keys: [{ ...KEY.publicJwk, kid: 'shop-1' }] },
    redirectUris: [`${SHOP}/bff/callback`],
    postLogoutRedirectUris: [`${SHOP}/`],
    backchannelLogoutUri: `${SHOP}/bff/backchannel-logout`,
    scopes: ['openid', 'profile', 'email', 'orders:read', 'accounts:read'],
    dpopBoundAccessTokens: true,
    requirePushedAuthorizationRequests: true,
    ...over,
  })
}

export interface World {
  readonly as: TestServer
  readonly net: Internet
  readonly events: BffEvent[]
  readonly bff: Bff
  /** Another process of the same application. */
  another(over?: Partial<BffOptions>): Bff
  browser(): Browser
  /** How often the token endpoint gave tokens for a refresh. */
  refreshes(): number
}

/** The whole of it: Holdfast's server, a backend with two APIs behind the guard, on one simulated internet. */
export async function startWorld(over: Partial<BffOptions> = {}, registered: Partial<Client> = {}): Promise<World> {
  const net = new Internet()
  const as = await startServer([shopClient(registered)], {
    resources: [ORDERS_API, { ...ACCOUNTS_API, accessTokenFormat: 'jwt' }],
    outbound: createOutbound(net),
  })
  as.people.set('u_grace', {
    sub: 'u_grace',
    username: 'grace',
    displayName: 'Grace',
    claims: { name: 'Grace Hopper' },
    disabled: false,
  } as Account)
  const events: BffEvent[] = []
  const another = (more: Partial<BffOptions> = {}): Bff =>
    assembleBff(
      {
        publicUrl: SHOP,
        issuer: ISSUER,
        client: {
          clientId: 'shop',
          privateJwk: { ...KEY.privateKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'shop-1' } as JsonWebKey,
        },
        scope: 'openid profile email orders:read',
        secrets: SECRETS,
        apis: [{ path: '/api/orders', upstream: ORDERS }],
        fetch: net.fetch as typeof fetch,
        clock: as.clock,
        onEvent: (event) => events.push(event),
        ...over,
        ...more,
      },
      plainProxy(net.fetch as typeof fetch),
    )
  const bff = another()
  net.host(ISSUER, as.server.handler).host(SHOP, shopHandler(bff))
  net
    .host(new URL(ORDERS).origin, api(as, net, ORDERS))
    .host(new URL(ACCOUNTS_API.identifier).origin, api(as, net, ACCOUNTS_API.identifier))
  return {
    as,
    net,
    events,
    bff,
    another,
    browser: () => new Browser(net, { clock: as.clock }),
    refreshes: () =>
      net.traffic.filter(
        ({ url, status, requestBody }) => url === `${ISSUER}/token` && status === 200 && requestBody.includes('grant_type=refresh_token'),
      ).length,
  }
}

/** The application's origin: its backend, and pages for every other path. */
export function shopHandler(bff: Bff): (request: Parameters<Bff['handle']>[0]) => Promise<Reply> {
  return async (request) =>
    ((await bff.handle(request)) as Reply | undefined) ?? {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<p id="page">the shop</p><a id="login" href="/bff/login?return_to=%2Forders%3Fpage%3D2">Sign in</a>',
    }
}

/** Answers who the token is of; /pay wants somebody who signed in within the last minute. */
function api(as: TestServer, net: Internet, resource: string): (request: Parameters<Bff['handle']>[0]) => Promise<Reply> {
  const guard = createGuard({
    issuer: ISSUER,
    resource,
    clock: as.clock,
    fetch: net.fetch as typeof fetch,
    nonceSecret: new Uint8Array(32).fill(3),
  })
  return async (request) => {
    const verdict = await guard.check(request, request.path.endsWith('/pay') ? { maxAge: 60 } : {})
    return verdict.kind === 'refused'
      ? verdict.reply
      : json(200, { sub: verdict.access.subject, scopes: verdict.access.scopes }, verdict.headers)
  }
}

/** Signs in by the link on the page, as a person does. */
export async function signIn(world: World, browser: Browser = world.browser(), username = 'ada'): Promise<Browser> {
  await browser.goto(`${SHOP}/`)
  await browser.click('#login')
  await answer(browser, username)
  await browser.click('#continue')
  return browser
}

/** Whatever the authorization server asks, until the browser is back. */
export async function answer(browser: Browser, username = 'ada'): Promise<void> {
  for (let steps = 0; steps < 4 && browser.url.startsWith(ISSUER); steps++) {
    if (browser.has('#login-submit')) {
      browser.fill('#username', username).fill('#password', PASSWORD)
      await browser.click('#login-submit')
    } else await browser.click('button[value=allow]')
  }
}

export async function sessionOf(browser: Browser): Promise<Readonly<Record<string, unknown>>> {
  return (await (await browser.fetch(`${SHOP}/bff/session`, CSRF)).json()) as Readonly<Record<string, unknown>>
}
