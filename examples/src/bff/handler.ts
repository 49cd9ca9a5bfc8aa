import { readFileSync } from 'node:fs'
import { createBff } from '@holdfast/bff'
import type { HttpRequest, Reply, StreamingHandler } from '@holdfast/protocol/http'
import { newSecret } from '@holdfast/protocol/secret'
import { stylesheet } from '../backend-client/pages.tsx'
import { html } from './page.tsx'

export interface PageOptions {
  /** Where the page is, as browsers have it in their address bar. */
  readonly origin: string
  readonly issuer: string
  readonly clientId: string
  readonly privateJwk: Readonly<Record<string, unknown>>
  readonly api: string
}

/** A single page and its backend, on one origin. Sessions are in this process, and end with it. */
export function examplePage({ origin, issuer, clientId, privateJwk, api }: PageOptions): StreamingHandler {
  const bff = createBff({
    publicUrl: origin,
    issuer,
    client: { clientId, privateJwk },
    scope: 'openid profile accounts:read',
    secrets: [{ id: 'this-process', value: newSecret() }],
    apis: [{ path: '/api/accounts', upstream: api, scope: 'accounts:read' }],
    // Who reads the terminal looks for the password; what went wrong stands on the page.
    onEvent: () => {},
  })
  const script = readFileSync(new URL('main.js', import.meta.url), 'utf8')
  const files: ReadonlyMap<string, Reply> = new Map([
    ['/', file('text/html', html)],
    ['/style.css', file('text/css', stylesheet)],
    ['/main.js', file('text/javascript', script)],
  ])
  return async (request) => (await bff.handle(request)) ?? own(files, request)
}

function own(files: ReadonlyMap<string, Reply>, { path, method }: HttpRequest): Reply {
  const found = files.get(path)
  if (found === undefined) return { ...file('text/plain', 'not found'), status: 404 }
  return method === 'GET' ? found : { ...file('text/plain', 'method not allowed'), status: 405 }
}

/** Scripts of this origin and no other, and nothing in the page itself: what is smuggled in does not run. */
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')

function file(type: string, body: string): Reply {
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
  return { status: 200, headers, body }
}
