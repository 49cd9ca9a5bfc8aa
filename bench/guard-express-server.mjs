/** The same route on Express: by our guard, or by express-oauth2-jwt-bearer with DPoP required. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createGuard } from '@holdfast/guard'
import { expressGuard } from '@holdfast/mount/express'
import express from 'express'
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer'
import { API, GUARD_ISSUER, publicJwk } from './world.mjs'

const [port, _dataDirectory, worldFile, by] = process.argv.slice(2)
const jwks = JSON.stringify({ keys: [publicJwk(JSON.parse(readFileSync(worldFile, 'utf8')).guardSigning)] })

/** The peer asks over HTTP; it keeps what it was told. */
const keys = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(jwks))
await new Promise((resolve) => keys.listen(0, '127.0.0.1', resolve))
const jwksUri = `http://127.0.0.1:${keys.address().port}/jwks`

const app = express().disable('x-powered-by').disable('etag')
const { pathname } = new URL(API)
if (by === 'peer') {
  // What a proxy in front would tell Express by X-Forwarded-Proto, without the cost of reading it.
  Object.defineProperty(app.request, 'protocol', { get: () => 'https' })
  app.use(auth({ issuer: GUARD_ISSUER, audience: API, jwksUri, tokenSigningAlg: 'ES256', dpop: { enabled: true, required: true } }))
  app.get(pathname, requiredScopes('accounts:read'), (request, response) => response.json({ sub: request.auth.payload.sub }))
} else {
  const guard = createGuard({ issuer: GUARD_ISSUER, resource: API, jwksUri })
  app.get(
    pathname,
    expressGuard((request) => guard.check(request, { scopes: ['accounts:read'] })),
    (request, response) => response.json({ sub: request.auth.subject }),
  )
}
app.use((fault, _request, response, _next) =>
  response
    .status(fault.status ?? 500)
    .set(fault.headers ?? {})
    .end(String(fault)),
)

const server = app.listen(Number(port), '127.0.0.1', () => console.log(`listening ${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))
