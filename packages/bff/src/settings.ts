import { type Clock, type Seconds, systemClock } from '@holdfast/protocol/time'
import { secretHash } from '@holdfast/protocol/secret'
import type { CookieSettings } from './cookies.ts'
import { type ClientKey, clientKeyOf } from './client-key.ts'
import { check, isLoopback, locationOf } from './option-checks.ts'
import type { ApiRoute, BffEvent, BffOptions } from './options.ts'
import { type ReturnPath, returnPath } from './return-path.ts'
import { Seals } from './seals.ts'

/** The options, checked and complete. */
export interface Settings {
  readonly publicUrl: string
  readonly issuer: string
  readonly clientId: string
  /** How the client proves itself: by a key, or by a secret. */
  readonly clientKey: ClientKey | { readonly secret: string }
  readonly scope: readonly string[]
  readonly seals: Seals
  /** Tells this application from others in the same store. */
  readonly application: string
  readonly idle: Seconds
  readonly absolute: Seconds
  readonly apis: readonly ApiRoute[]
  readonly basePath: string
  readonly home: ReturnPath
  readonly cookie: CookieSettings
  readonly claims: readonly string[]
  readonly pushes: boolean
  readonly binds: boolean
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly tell: (event: BffEvent) => void
}

const CLAIMS = ['sub', 'name', 'preferred_username', 'picture', 'email', 'email_verified', 'locale']
const KNOWN: ReadonlySet<string> = new Set(
  'publicUrl issuer client scope secrets sessions lifetime apis basePath home cookie claims'
    .split(' ')
    .concat('unsafeWithoutPar', 'unsafeWithoutDpop', 'fetch', 'clock', 'sleep', 'onEvent'),
)

/** @throws {TypeError} an option is wrong: the message names it and the rule */
export function settingsOf(options: BffOptions): Settings {
  for (const name of Object.keys(options)) check(KNOWN.has(name), name, 'is no option')
  const tell = unbroken(options.onEvent ?? toStderr)
  const { clock = systemClock, basePath = '/bff', home = '/' } = options
  const publicUrl = originOf(options.publicUrl)
  const scope = (options.scope ?? 'openid').split(' ').filter((one) => one !== '')
  check(
    scope.includes('openid'),
    'scope',
    'must have openid: a sign-in without an ID token says nothing about who it is (OpenID Connect Core §3.1.2.1)',
  )
  check(/^(\/[\w-]+)+$/.test(basePath), 'basePath', 'must be a path such as /bff, without a slash at its end')
  const homePath = returnPath(home, publicUrl, basePath)
  check(homePath !== undefined, 'home', 'must be a path of this origin, and none of the endpoints')
  const { idle = 1800, absolute = 28800 } = options.lifetime ?? {}
  check(Number.isInteger(idle) && idle >= 120, 'lifetime.idle', 'must be whole seconds, 120 or more: its end is moved once a minute')
  check(Number.isInteger(absolute) && absolute >= idle, 'lifetime.absolute', 'must be whole seconds, and no less than lifetime.idle')
  for (const [name, on] of Object.entries({ unsafeWithoutPar: options.unsafeWithoutPar, unsafeWithoutDpop: options.unsafeWithoutDpop }))
    if (on === true) tell({ type: 'option.unsafe', option: name })
  return {
    publicUrl,
    issuer: issuerOf(options.issuer),
    ...clientOf(options, tell),
    scope,
    seals: new Seals(secretsOf(options)),
    application: secretHash(JSON.stringify([publicUrl, options.client.clientId])),
    idle,
    absolute,
    apis: apisOf(options.apis ?? [], basePath),
    basePath,
    home: homePath as ReturnPath,
    cookie: cookieOf(options, publicUrl),
    claims: options.claims ?? CLAIMS,
    pushes: options.unsafeWithoutPar !== true,
    binds: options.unsafeWithoutDpop !== true,
    fetch: options.fetch ?? fetch,
    clock,
    sleep: options.sleep ?? ((milliseconds) => new Promise((settle) => setTimeout(settle, milliseconds))),
    tell,
  }
}

function originOf(publicUrl: string): string {
  const url = locationOf(publicUrl, 'publicUrl')
  check(url.origin === publicUrl, 'publicUrl', 'must be an origin such as https://shop.example: no path, and no slash at its end')
  check(
    url.protocol === 'https:' || isLoopback(url),
    'publicUrl',
    'must be https, except on localhost: a session cookie goes over TLS alone (BFF-20)',
  )
  return publicUrl
}

function issuerOf(issuer: string): string {
  const url = locationOf(issuer, 'issuer')
  check(url.search === '' && url.hash === '', 'issuer', 'has no query and no fragment (RFC 8414 §2)')
  check(url.protocol === 'https:' || isLoopback(url), 'issuer', 'must be https, except on localhost (RFC 8414 §2)')
  return issuer
}

function clientOf({ client }: BffOptions, tell: Settings['tell']): Pick<Settings, 'clientId' | 'clientKey'> {
  check(typeof client.clientId === 'string' && client.clientId !== '', 'client.clientId', 'is missing')
  if ('privateJwk' in client) return { clientId: client.clientId, clientKey: clientKeyOf(client.privateJwk) }
  check(client.unsafeSecret?.length >= 32, 'client', 'must have privateJwk, or an unsafeSecret of at least 32 characters (BFF-01)')
  tell({ type: 'option.unsafe', option: 'client.unsafeSecret' })
  return { clientId: client.clientId, clientKey: { secret: client.unsafeSecret } }
}

function secretsOf({ secrets }: BffOptions): BffOptions['secrets'] {
  check(Array.isArray(secrets) && secrets.length > 0, 'secrets', 'must have at least one: { id, value }')
  secrets.forEach(({ id, value }, i) => {
    check(/^[\w.-]{1,64}$/.test(id), `secrets[${i}].id`, 'must be 1 to 64 letters, digits, dots or hyphens')
    check(Buffer.byteLength(value) >= 32, `secrets[${i}].value`, 'must have at least 32 bytes: openssl rand -base64 32 makes one')
  })
  check(new Set(secrets.map(({ id }) => id)).size === secrets.length, 'secrets', 'must have ids that differ')
  return secrets
}

/** What is upstream is the proxy's to check. */
function apisOf(apis: readonly ApiRoute[], basePath: string): readonly ApiRoute[] {
  apis.forEach(({ path, upstream, resource, by, scope }, i) => {
    const below = (one: string, other: string): boolean => one === other || one.startsWith(`${other}/`)
    check(
      path.startsWith('/') && (path === '/' || !path.endsWith('/')),
      `apis[${i}].path`,
      'must be a path such as /api/orders, without a slash at its end',
    )
    check(
      path !== '/' && !below(path, basePath) && !below(basePath, path),
      `apis[${i}].path`,
      `must not overlap ${basePath}, where the endpoints are`,
    )
    locationOf(upstream, `apis[${i}].upstream`)
    const url = locationOf(resource ?? upstream, `apis[${i}].resource`)
    check(url.hash === '', `apis[${i}].resource`, 'has no fragment (RFC 8707 §2)')
    check(by === undefined || by === 'resource' || by === 'token-exchange', `apis[${i}].by`, 'must be resource or token-exchange')
    check(
      scope === undefined || /^[\x21\x23-\x5b\x5d-\x7e ]+$/.test(scope),
      `apis[${i}].scope`,
      'must be scopes, divided by spaces (OAuth 2.1 §1.4.1)',
    )
  })
  check(new Set(apis.map(({ path }) => path)).size === apis.length, 'apis', 'must have paths that differ')
  return apis
}

function cookieOf({ cookie = {} }: BffOptions, publicUrl: string): CookieSettings {
  // A domain or a path that is not heard would be believed to hold.
  for (const name of Object.keys(cookie)) check(name === 'name' || name === 'sameSite', `cookie.${name}`, 'is no option')
  const secure = publicUrl.startsWith('https:')
  const name = cookie.name ?? (secure ? '__Host-Http-holdfast-bff' : 'holdfast-bff')
  check(/^[\w-]{1,64}$/.test(name), 'cookie.name', 'must be 1 to 64 letters, digits, hyphens or underscores')
  check(!secure || name.startsWith('__Host-'), 'cookie.name', 'must begin with __Host-, so that no sub-domain can set it (BFF-22)')
  const { sameSite = 'Strict' } = cookie
  check(sameSite === 'Strict' || sameSite === 'Lax', 'cookie.sameSite', 'must be Strict or Lax')
  return { name, sameSite, secure }
}

/** No request fails, and no process ends, because a log is away: what it was told goes to stderr. */
function unbroken(onEvent: (event: BffEvent) => unknown): Settings['tell'] {
  return (event) => {
    try {
      const done = onEvent(event)
      if (done instanceof Promise) done.catch(() => toStderr(event))
    } catch {
      toStderr(event)
    }
  }
}

function toStderr(event: BffEvent): void {
  process.stderr.write(`${JSON.stringify(event)}\n`)
}
