import type { Handler, HttpRequest, Reply } from '@holdfast/protocol/http'

export interface Health {
  /** Whether the store and the keys answer. */
  ready(): Promise<boolean>
  /** Set once the process is on its way out: the load balancer should send nothing more. */
  readonly draining: boolean
}

/**
 * Answers `/healthz` (the process runs) and `/readyz` (it can serve; 503 while it drains) before the server's
 * own paths. They stand at the root whatever the issuer's path is, and say nothing about the inside.
 */
export function withProbes(handler: Handler, health: Health): Handler {
  return async (request) => (await probed(request, health)) ?? handler(request)
}

/** The answer to a probe; undefined for anything else. */
export async function probed(request: Pick<HttpRequest, 'method' | 'path'>, health: Health): Promise<Reply | undefined> {
  if (request.path !== '/healthz' && request.path !== '/readyz') return undefined
  if (request.method !== 'GET') return { ...text(405, 'method not allowed'), headers: { ...text(405, '').headers, allow: 'GET' } }
  if (request.path === '/healthz') return text(200, 'ok')
  if (health.draining) return text(503, 'draining')
  return (await health.ready()) ? text(200, 'ready') : text(503, 'not ready')
}

function text(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, body: `${body}\n` }
}
