import type { Handler } from '@holdfast/protocol/http'
import { page, stylesheet } from '../backend-client/pages.tsx'
import type { Places } from './places.ts'

/** The page at `/`: what runs where, and the first thing to try. Everything else is the server's. */
export function startPage({ issuer, api, client, bff }: Places, username: string): (handler: Handler) => Handler {
  const body = page(
    'Holdfast runs',
    <>
      <p>
        See a sign-in message by message, and then play the thief. Where somebody has to sign in, be <strong>{username}</strong>, with the
        password that the terminal printed on the first start.
      </p>
      <p>
        <a class="button primary" id="explore" href="/explorer/#/code-pkce">
          Open the flow explorer
        </a>{' '}
        <a class="button" id="first" href={client}>
          Open the example application
        </a>
      </p>
      <h2>What runs where</h2>
      <dl>
        <dt>Authorization server</dt>
        <dd>
          {issuer}, described by <a href="/.well-known/openid-configuration">its metadata</a>
        </dd>
        <dt>Example API, behind the guard</dt>
        <dd>{api}</dd>
        <dt>Example application with a back end</dt>
        <dd>{client}</dd>
        <dt>Example page with a backend for frontend</dt>
        <dd>
          <a href={bff}>{bff}</a>
        </dd>
        <dt>Example command-line application</dt>
        <dd>
          <code>node examples/dist/native-client/main.js</code>
        </dd>
        <dt>Configuration and data</dt>
        <dd>
          <code>data/</code>
        </dd>
      </dl>
    </>,
  )
  const headers = {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
    'referrer-policy': 'no-referrer',
  }
  return (handler) => async (request) => {
    if (request.path === '/' && request.method === 'GET')
      return { status: 200, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' }, body }
    if (request.path === '/style.css')
      return { status: 200, headers: { ...headers, 'content-type': 'text/css; charset=utf-8' }, body: stylesheet }
    return handler(request)
  }
}
