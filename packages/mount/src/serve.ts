import { constants } from 'node:crypto'
import { createServer, type Server as HttpServer, type ServerOptions } from 'node:http'
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import type { StreamingHandler } from '@holdfast/protocol/http'
import type { Seconds } from '@holdfast/protocol/time'
import { listener, type NodeListener, type NodeOptions } from './listener.ts'
import { toNodeUpgrade, type UpgradeHandler, type UpgradeOptions } from './upgrade.ts'

export interface ServeOptions extends NodeOptions {
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes any free port. @default 0 */
  readonly port?: number
  /**
   * Key and certificate, as `node:tls` takes them; without it the server speaks plain HTTP, for a proxy on the same
   * host. With `requestCert` every connection is mutual TLS (RFC 8705): `ca` are the only trust anchors of clients, none
   * by default, and `rejectUnauthorized: false` lets self-signed certificates through for the handler to judge (§6.1).
   */
  readonly tls?: TlsOptions
  /** Who says which WebSockets may be opened, such as `bff.upgrade`. @default none is */
  readonly upgrade?: UpgradeHandler
  readonly webSockets?: Pick<UpgradeOptions, 'timeout' | 'lifetime' | 'tls'>
  /** Until a request must have come whole, with its body: more where large ones come over slow lines. @default 30 */
  readonly requestTimeout?: Seconds
}

export interface Serving {
  readonly host: string
  /** The port that is listened on, also when 0 was asked for. */
  readonly port: number
  /**
   * Stops accepting, lets requests in flight finish for at most `graceSeconds` (default 10), closes idle
   * connections, then resolves. What is not finished by then is cut. A second call waits for the first.
   */
  close(options?: { readonly graceSeconds?: number }): Promise<void>
}

const LIMITS: ServerOptions = {
  // Two access tokens, a proof and cookies fit in 32 kB; Node's 16 kB they may exceed.
  maxHeaderSize: 32 * 1024,
  headersTimeout: 10_000,
  // Longer than the 60 s of common load balancers, or they send into a connection that closes.
  keepAliveTimeout: 65_000,
  // How often the first two are looked after. Node's 30 s would double them.
  connectionsCheckingInterval: 2_000,
}

/** RFC 9325 §4.2: what BCP 195 recommends for TLS 1.2; the suites of TLS 1.3 stand before. */
const SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':')

function tlsOf(tls: TlsOptions): TlsOptions {
  const modern: TlsOptions = { minVersion: 'TLSv1.2', ciphers: SUITES, ...tls }
  if (tls.requestCert !== true) return modern
  return {
    ...modern,
    // Without a list Node would trust every public authority of the web for clients too (RFC 8705 §7.4).
    ca: tls.ca ?? [],
    // No session is taken up again: each connection proves the key anew, and its certificate is validated anew.
    secureOptions: (tls.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET,
  }
}

/** How often a closing server looks for connections that have become idle, in milliseconds. */
const SWEEP_MILLISECONDS = 20

/**
 * Serves a handler over HTTP/1.1. Limits: 32 kB of headers in 10 s, a request in 30 s, 65 s idle.
 *
 * @throws the system's error when the address cannot be listened on, e.g. EADDRINUSE
 */
export function serve(handler: StreamingHandler, options: ServeOptions = {}): Promise<Serving> {
  return serveListener((draining) => listener(handler, options, draining), options)
}

/**
 * The same for a listener that answers by itself, such as one of `nodeGuard`.
 *
 * @param make is told how to ask whether a reply is the last one of its connection
 */
export async function serveListener(make: (draining: () => boolean) => NodeListener, options: ServeOptions = {}): Promise<Serving> {
  let closed: Promise<void> | undefined
  const answer = make(() => closed !== undefined)
  // The whole request with its body: 64 kB take 30 s at 17 kbit/s.
  const limits: ServerOptions = { ...LIMITS, requestTimeout: (options.requestTimeout ?? 30) * 1000, ...upgrading(options) }
  const server = options.tls === undefined ? createServer(limits, answer) : createTlsServer({ ...limits, ...tlsOf(options.tls) }, answer)
  // Node's own limit drops what comes after about a thousand lines, and in some versions without a word: what is not seen is not refused,
  // and a proxy before this server has handed it on. The limit of bytes holds.
  server.maxHeadersCount = 0
  const webSockets = letThrough(server, options)
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  return { host, port, close: (how = {}) => (closed ??= drain(server, webSockets, how.graceSeconds ?? 10)) }
}

/** Programs that offer `h2c` get an answer of HTTP/1.1, as without WebSockets (RFC 9110 §7.8). Node before 24.9 refuses them. */
function upgrading({ upgrade }: ServeOptions): ServerOptions {
  return upgrade === undefined ? {} : { shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket' }
}

/** @returns the connections that are WebSockets now: the server counts them, and does not close them any more */
function letThrough(server: HttpServer | HttpsServer, { upgrade, webSockets, tls: _own, ...options }: ServeOptions): ReadonlySet<Duplex> {
  const open = new Set<Duplex>()
  if (upgrade === undefined) return open
  const answer = toNodeUpgrade(upgrade, { ...options, ...webSockets })
  server.on('upgrade', (incoming, socket, head) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    answer(incoming, socket, head)
  })
  return open
}

function drain(server: HttpServer | HttpsServer, webSockets: ReadonlySet<Duplex>, graceSeconds: number): Promise<void> {
  return new Promise((resolve) => {
    // They would never be finished: the browser opens another one, elsewhere.
    for (const socket of webSockets) socket.destroy()
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MILLISECONDS)
    const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(cut)
      resolve()
    })
  })
}
