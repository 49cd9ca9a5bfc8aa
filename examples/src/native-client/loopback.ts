import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as oidc from 'openid-client'
import { newKey, type SignedIn, type Wishes } from './authorization-server.ts'
import { openInBrowser, say } from './terminal.ts'

/** How long a person may take, in milliseconds: afterwards nothing listens any more. */
const LONGEST = 10 * 60_000

/** The system's browser, and a port of the loopback interface for the way back (RFC 8252 §7.3). */
export async function signInByLoopback(server: oidc.Configuration, { scope, openBrowser }: Wishes): Promise<SignedIn> {
  const { keys, key } = await newKey()
  const DPoP = oidc.getDPoPHandle(server, keys)
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const listener = await listen()
  try {
    const redirectUri = addressOf(listener)
    const returned = answerAt(listener, redirectUri, expectedState)
    const url = await oidc.buildAuthorizationUrlWithPAR(
      server,
      {
        redirect_uri: redirectUri,
        scope,
        code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        state: expectedState,
      },
      { DPoP },
    )
    say(`Sign in in your browser:\n  ${url.href}`)
    if (openBrowser) openInBrowser(url)
    // `iss` is compared as text with the issuer that this request went to, before anything else of the answer is believed.
    const checks = { pkceCodeVerifier, expectedState, idTokenExpected: true }
    return { tokens: await oidc.authorizationCodeGrant(server, await returned, checks, undefined, { DPoP }), key }
  } finally {
    listener.close()
    listener.closeAllConnections()
  }
}

/** An address and no name: what `localhost` leads to is for others to say (RFC 8252 §8.3). The second is for machines without IPv4. */
async function listen(): Promise<Server> {
  const listening = async (host: string): Promise<Server> => {
    const server = createServer()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
    return server
  }
  if (process.env['HOLDFAST_EXAMPLE_IPV6'] === '1') return listening('::1')
  return listening('127.0.0.1').catch(() => listening('::1'))
}

function addressOf(listener: Server): string {
  const { address, family, port } = listener.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/callback`
}

/**
 * The first answer with our `state` at the very address that was asked for. Anything else is refused and waited past, so that
 * another program or page on this machine cannot end the sign-in.
 */
function answerAt(listener: Server, redirectUri: string, state: string): Promise<URL> {
  const { host, pathname } = new URL(redirectUri)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Nobody signed in: start again.')), LONGEST)
    // Where the request fails before anybody is sent, nothing is waited for.
    timer.unref()
    listener.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const url = new URL(request.url ?? '/', redirectUri)
      const ours =
        request.method === 'GET' &&
        request.headers.host === host &&
        url.pathname === pathname &&
        url.searchParams.getAll('state').join() === state
      if (!ours) return page(response, 404, 'This is not the answer that was waited for.')
      clearTimeout(timer)
      page(
        response,
        200,
        url.searchParams.has('code') ? 'You can close this window and go back to the terminal.' : 'Go back to the terminal.',
      )
      resolve(url)
    })
  })
}

/** It shows nothing of the address: whoever can send a person here must not put words on the page. */
function page(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    connection: 'close',
  })
  response.end(`<!doctype html><html lang="en"><title>Sign-in</title><p>${text}</p></html>`)
}
