import { constants } from 'node:crypto'
import { createServer, type Server as HttpServer, type ServerOptions } from 'node:http'
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { StreamingHandler } from '@holdfast/protocol/http'
import { listener, type NodeListener, type NodeOptions } from './listener.ts'

export interface ListenOptions {
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
  /** How long a request may take to arrive with its body, in seconds. @default 30 */
  readonly requestSeconds?: number
}

export interface ServeOptions extends NodeOptions, ListenOptions {}

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
  // The whole request with its body: 64 kB take 30 s at 17 kbit/s.
  requestTimeout: 30_000,
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
export async function serveListener(make: (draining: () => boolean) => NodeListener, options: ListenOptions = {}): Promise<Serving> {
  let closed: Promise<void> | undefined
  const answer = make(() => closed !== undefined)
  const limits = options.requestSeconds === undefined ? LIMITS : { ...LIMITS, requestTimeout: options.requestSeconds * 1000 }
  const server = options.tls === undefined ? createServer(limits, answer) : createTlsServer({ ...limits, ...tlsOf(options.tls) }, answer)
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  return { host, port, close: (how = {}) => (closed ??= drain(server, how.graceSeconds ?? 10)) }
}

function drain(server: HttpServer | HttpsServer, graceSeconds: number): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MILLISECONDS)
    const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(cut)
      resolve()
    })
  })
}
