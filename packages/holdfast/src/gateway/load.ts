import type { Need } from '@holdfast/guard'
import { pathFault } from '@holdfast/protocol/forwarding'
import { type Fault, pathOf, readShape } from '@holdfast/server/config'
import type { Loaded } from '../config/configuration.ts'
import { gather, type LoadOptions } from '../config/gather.ts'
import { checkTrustedProxies, readTls, type Tell } from '../config/sections.ts'
import type { Tree } from '../config/tree.ts'
import type { GatewayConfiguration, Route, WrittenGateway, WrittenNeed, WrittenRoute } from './configuration.ts'
import { gatewayNode, gatewayShape } from './shape.ts'

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Reads the configuration of `holdfast guard` from all its sources. Never throws for what an operator wrote. */
export function loadGateway(from: LoadOptions): Promise<Loaded<GatewayConfiguration>> {
  const names = { prefix: 'HOLDFAST_GUARD', stem: 'holdfast.guard', hint: 'docs/features/gateway.md shows one' }
  return gather({ root: gatewayNode(), ...names, read, warningsOf }, from)
}

function read(
  tree: Tree,
  directory: string,
): { configuration: GatewayConfiguration; faults: readonly Fault[]; warnings: readonly string[] } {
  const shaped = readShape(gatewayShape, tree, '')
  const faults: Fault[] = [...shaped.faults]
  const tell: Tell = (path, message) => void faults.push({ path, message })
  const sound = (path: string, message: string | undefined): void => {
    if (message !== undefined && !shaped.faulty.has(path.split(/[.[]/)[0] ?? '')) tell(path, message)
  }
  const { $schema: _schema, ...written } = completed(shaped.value)
  sound('issuer', addressFault(written.issuer))
  sound('resource', addressFault(written.resource))
  const publicUrl = written.publicUrl ?? originOf(written.resource)
  if (written.publicUrl !== undefined) sound('publicUrl', originFault(written.publicUrl))
  for (const [index, url] of written.otherPublicUrls.entries()) sound(pathOf('otherPublicUrls', index), originFault(url))
  const upstream = written.upstream === undefined || originFault(written.upstream) !== undefined ? undefined : new URL(written.upstream)
  if (written.upstream !== undefined) sound('upstream', originFault(written.upstream))
  if (written.upstream !== undefined && 'forwardAuth' in tree)
    tell('forwardAuth', 'stands beside upstream: either the guard hands on what it lets in, or another proxy asks it')
  sound('forwardAuth.path', routePathFault(written.forwardAuth.path))
  checkTrustedProxies(written.trustedProxies, tell)
  checkTrustedProxies(written.clientCertificateProxies, tell, 'clientCertificateProxies')
  const configuration = {
    ...written,
    publicUrl: originOf(publicUrl),
    upstream,
    tls: readTls(written.tls, directory, tell),
    need: needOf(written.need),
    routes: readRoutes(written.routes, needOf(written.need), tell),
    nonceSecret: written.nonceSecret === undefined ? undefined : new Uint8Array(Buffer.from(written.nonceSecret, 'base64url')),
  }
  return { configuration, faults, warnings: [] }
}

function completed(value: Partial<WrittenGateway>): WrittenGateway {
  const missing = { issuer: 'https://issuer.invalid', resource: 'https://resource.invalid' }
  return gatewayShape.parse({ ...missing, ...value })
}

/** What a guard compares is what stands in tokens: the spelling is the issuer's, not ours. */
function addressFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const web = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
  return web && !/[?#]/.test(text) ? undefined : 'must be an https address, or http on loopback, without query and fragment'
}

function originFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const web = url?.protocol === 'https:' || url?.protocol === 'http:'
  return web && (text === url.origin || text === `${url.origin}/`)
    ? undefined
    : 'must be an origin such as https://api.example.com, without a path'
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : ''
}

function needOf({ scopes, acr, maxAge }: WrittenNeed): Need {
  return { scopes, ...(acr !== undefined && { acr }), ...(maxAge !== undefined && { maxAge }) }
}

/** Nothing that a server could read in two ways, so that a row means one place. */
function routePathFault(path: string): string | undefined {
  if (path !== '/' && (!/^(?:\/[A-Za-z0-9._~-]+)+$/.test(path) || pathFault(path) !== undefined))
    return 'must be a path of letters, digits and -._~ between single slashes, without a slash at the end'
  return undefined
}

function readRoutes(written: readonly WrittenRoute[], standard: Need, tell: Tell): readonly Route[] {
  for (const [index, { path, methods, public: open, need }] of written.entries()) {
    const at = pathOf('routes', index)
    const fault = routePathFault(path)
    if (fault !== undefined) tell(`${at}.path`, fault)
    if (open && need !== undefined)
      tell(`${at}.public`, 'stands beside need: who needs nothing is let in, who needs something is not public')
    if (!open && need === undefined && methods === undefined) tell(at, 'says nothing: give it need or public, or methods')
    for (const [other, before] of written.slice(0, index).entries()) {
      if (before.path.toLowerCase() !== path.toLowerCase()) continue
      if (before.path !== path)
        tell(`${at}.path`, `is read as that of routes[${other}] by servers for which letter case is nothing; keep one`)
      else if (methods === undefined || before.methods === undefined || methods.some((one) => before.methods?.includes(one)))
        tell(at, `has the path of routes[${other}], and methods of it`)
    }
  }
  return written.map(({ path, methods, public: open, need }) => ({
    path,
    methods,
    access: open ? 'public' : need === undefined ? standard : needOf(need),
  }))
}

function warningsOf({ listen, tls, publicUrl, trustedProxies, upstream, identity, routes }: GatewayConfiguration): readonly string[] {
  const everybody = !['127.0.0.1', '::1', 'localhost'].includes(listen.host)
  return [
    ...(publicUrl.startsWith('https:') && tls === undefined && everybody && trustedProxies.length === 0
      ? [
          `listen.host ${listen.host} is reachable by others over plain HTTP, and no trustedProxies are named: set tls, or listen on 127.0.0.1 behind a proxy`,
        ]
      : []),
    ...(upstream?.protocol === 'http:' && !LOOPBACK.has(upstream.hostname)
      ? [`upstream ${upstream.origin} is asked over plain HTTP: whoever is on the way reads it, and can speak as this guard`]
      : []),
    ...(identity.unsafePassToken ? ['identity has unsafePassToken: the API is handed tokens that it could use elsewhere'] : []),
    ...(routes.some((route) => route.path === '/' && route.access === 'public' && route.methods === undefined)
      ? ['routes let everybody in at /, and below it wherever no longer path stands']
      : []),
  ]
}
