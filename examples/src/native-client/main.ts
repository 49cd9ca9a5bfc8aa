/**
 * A command-line application with no secret: PAR, PKCE and DPoP, the system's browser, and a port of the
 * loopback interface for the way back (RFC 8252 §7.3).
 *
 *   node examples/dist/native-client/main.js [issuer] [api]
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as oidc from 'openid-client'

const issuer = process.argv[2] ?? 'http://localhost:4000'
const api = process.argv[3] ?? 'http://localhost:4001/api/accounts'

const configuration = await oidc.discovery(
  new URL(issuer),
  'native-example',
  undefined,
  oidc.None(),
  issuer.startsWith('http:') ? { execute: [oidc.allowInsecureRequests] } : {},
)
const DPoP = oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair('ES256'))
const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
const expectedState = oidc.randomState()

const listener = createServer()
await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
const redirectUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`
const returned = new Promise<URL>((resolve) => {
  listener.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', redirectUri)
    const mine = url.pathname === '/callback'
    response.writeHead(mine ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    response.end(mine ? 'You can close this window and go back to the terminal.' : 'not found')
    if (mine) resolve(url)
  })
})

const url = await oidc.buildAuthorizationUrlWithPAR(
  configuration,
  {
    redirect_uri: redirectUri,
    scope: 'openid accounts:read',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
  },
  { DPoP },
)
console.log(`Sign in in your browser:\n  ${url.href}`)
const opener = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open'
spawn(opener, [url.href], { stdio: 'ignore', detached: true })
  .on('error', () => console.log('No browser could be opened: open the address yourself.'))
  .unref()

const callback = await returned
listener.close()
const tokens = await oidc.authorizationCodeGrant(
  configuration,
  callback,
  { pkceCodeVerifier, expectedState, idTokenExpected: false },
  undefined,
  { DPoP },
)
console.log(`Signed in as ${tokens.claims()?.sub}; the access token is bound to a key of this process.`)
const response = await oidc.fetchProtectedResource(configuration, tokens.access_token, new URL(api), 'GET', undefined, undefined, { DPoP })
console.log(`${api} answered ${response.status}:`, await response.json())
