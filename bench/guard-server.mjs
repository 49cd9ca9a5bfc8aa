/** One protected route behind the same HTTP mount: by our guard, or by oauth4webapi. */
import { readFileSync } from 'node:fs'
import { createGuard } from '@holdfast/guard'
import { serve } from '@holdfast/mount/node'
import * as oauth from 'oauth4webapi'
import { API, GUARD_ISSUER, publicJwk } from './world.mjs'

const [port, _dataDirectory, worldFile, by] = process.argv.slice(2)
const jwks = { keys: [publicJwk(JSON.parse(readFileSync(worldFile, 'utf8')).guardSigning)] }
const issuer = { issuer: GUARD_ISSUER, jwks_uri: `${GUARD_ISSUER}/jwks` }
const origin = new URL(API).origin
const jwksResponse = async () => new Response(JSON.stringify(jwks), { headers: { 'content-type': 'application/json' } })

function allowed(subject) {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ sub: subject }),
  }
}

const guard = createGuard({ issuer: GUARD_ISSUER, resource: API, jwksUri: issuer.jwks_uri, fetch: jwksResponse })
async function byHoldfast(request) {
  const verdict = await guard.check(request, { scopes: ['accounts:read'] })
  return verdict.kind === 'refused' ? verdict.reply : allowed(verdict.access.subject)
}

/** It keeps the issuer's keys, and remembers neither verdicts nor used proofs: what is left out there is counted in its favour. */
const kept = { jwks, uat: Math.floor(Date.now() / 1000) }
async function byPeer(received) {
  const headers = ['authorization', 'dpop'].flatMap((name) => received.headers(name).map((value) => [name, value]))
  const request = new Request(origin + received.path, { method: received.method, headers })
  try {
    const claims = await oauth.validateJwtAccessToken(issuer, request, API, {
      [oauth.jwksCache]: kept,
      [oauth.customFetch]: jwksResponse,
      requireDPoP: true,
    })
    if (!claims.scope.split(' ').includes('accounts:read')) throw new Error('insufficient_scope')
    return allowed(claims.sub)
  } catch (fault) {
    return { status: 401, headers: { 'content-type': 'text/plain' }, body: String(fault) }
  }
}

const serving = await serve(by === 'peer' ? byPeer : byHoldfast, { port: Number(port) })
console.log(`listening ${serving.port}`)
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))
