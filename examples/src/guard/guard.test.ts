import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKeyPair, signJws } from '@holdfast/proof/node'
import { json } from '@holdfast/protocol/http'
import { Internet } from '@holdfast/testing/internet'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const ISSUER = 'https://login.example'
const key = generateKeyPair('ES256')
const internet = new Internet()
internet.host(ISSUER, async ({ path }) =>
  path === '/jwks' ? json(200, { keys: [key.publicJwk] }) : json(200, { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }),
)
// The quick starts say nothing of how to reach the issuer: that is this machine's `fetch`.
const real = globalThis.fetch
beforeAll(() => void vi.stubGlobal('fetch', internet.fetch))
afterAll(() => void vi.unstubAllGlobals())

function token(scope: string): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: ISSUER,
    aud: 'https://api.example/orders',
    sub: 'u_ada',
    client_id: 'web',
    jti: 'j',
    iat: now,
    exp: now + 60,
    scope,
  }
  return signJws({ typ: 'at+jwt', alg: 'ES256' }, claims, key.privateKey)
}

type Ask = (request: Request) => Promise<Response>

const onPort = async (server: Server): Promise<Ask> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const { port } = server.address() as AddressInfo
  return ({ headers }) => real(`http://127.0.0.1:${port}/orders`, { headers: [...headers, ['connection', 'close']] })
}

const EXAMPLES: Readonly<Record<string, () => Promise<Ask>>> = {
  node: async () => onPort((await import('./node.ts')).server),
  async express() {
    const { app } = await import('./express.ts')
    const { createServer } = await import('node:http')
    return onPort(createServer(app))
  },
  async fastify() {
    const { app } = await import('./fastify.ts')
    await app.ready()
    return async ({ headers }) => {
      const { statusCode, body, headers: sent } = await app.inject({ url: '/orders', headers: Object.fromEntries(headers) })
      return new Response(body, { status: statusCode, headers: { 'www-authenticate': String(sent['www-authenticate'] ?? '') } })
    }
  },
  async hono() {
    const { app } = await import('./hono.ts')
    return async (request) => app.fetch(request)
  },
  fetch: async () => (await import('./fetch.ts')).answer,
  async 'next-route'() {
    const { GET } = await import('./next-route.ts')
    return (request) => GET(request, { params: Promise.resolve({}) })
  },
}

test.each(Object.keys(EXAMPLES))('the quick start for %s lets in whom it should, and tells the others why not', async (name) => {
  const ask = await (EXAMPLES[name] as () => Promise<Ask>)()
  const asked = (authorization?: string): Promise<Response> =>
    ask(new Request('https://api.example/orders', { headers: authorization === undefined ? {} : { authorization } }))
  const good = await asked(`Bearer ${token('orders:read')}`)
  expect([good.status, await good.json()]).toEqual([200, { owner: 'u_ada' }])
  const bare = await asked()
  expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('DPoP ')])
  const poor = await asked(`Bearer ${token('orders:write')}`)
  expect([poor.status, await poor.json()]).toEqual([403, expect.objectContaining({ error: 'insufficient_scope' })])
})
