import { createServer, type Server as HttpServer, type ServerOptions } from 'node:http'
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { Handler } from '@holdfast/protocol/http'
import { listener, type NodeOptions } from './listener.ts'

export interface ServeOptions extends NodeOptions {
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes any free port. @default 0 */
  readonly port?: number
  /** Key and certificate, as `node:tls` takes them; without it the server speaks plain HTTP, for a proxy on the same host. */
  readonly tls?: TlsOptions
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
  // The whole request with its body: 64 kB take 30 s at 17 kbit/s.
  requestTimeout: 30_000,
  // Longer than the 60 s of common load balancers, or they send into a connection that closes.
  keepAliveTimeout: 65_000,
  // How often the first two are looked after. Node's 30 s would double them.
  connectionsCheckingInterval: 2_000,
}

/** How often a closing server looks for connections that have become idle, in milliseconds. */
const SWEEP_MILLISECONDS = 20

/**
 * Serves a handler over HTTP/1.1. Limits: 32 kB of headers in 10 s, a request in 30 s, 65 s idle.
 *
 * @throws the system's error when the address cannot be listened on, e.g. EADDRINUSE
 */
export async function serve(handler: Handler, options: ServeOptions = {}): Promise<Serving> {
  let closed: Promise<void> | undefined
  const answer = listener(handler, options, () => closed !== undefined)
  const server = options.tls === undefined ? createServer(LIMITS, answer) : createTlsServer({ ...LIMITS, ...options.tls }, answer)
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
