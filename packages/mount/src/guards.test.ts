import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { json } from '@holdfast/protocol/http'
import { expressGuard, expressRoute } from './express.ts'
import { fastifyGuard } from './fastify.ts'
import { fetchGuard } from './fetch.ts'
import { honoGuard } from './hono.ts'
import { type Check, nodeGuard } from './node.ts'
import { direct, listen, onPort, type Opened } from './test/mounts.ts'
import { values } from './test/wire.ts'

interface Access {
  readonly sub: string
  readonly seen: string
}

/** Allows `Bearer good`; tells what it saw of the request. */
const check: Check<Access> = async (request) => {
  const [authorization, ...more] = request.headers('authorization')
  if (authorization === 'Bearer outage') throw new Error('the keys of https://as.internal cannot be fetched')
  if (authorization === 'Bearer greedy') await request.body(10)
  if (more.length > 0 || authorization !== 'Bearer good')
    return {
      kind: 'refused',
      reply: json(401, { error: 'invalid_token' }, { 'www-authenticate': ['Bearer realm="a"', 'DPoP algs="ES256"'] }),
    }
  return {
    kind: 'allowed',
    access: { sub: 'ada', seen: `${request.method} ${request.path}?${request.query} ${request.clientAddress}` },
    headers: { 'DPoP-Nonce': 'n1', vary: 'Authorization', 'cache-control': 'private' },
  }
}

const address = '127.0.0.1'
const OPEN: readonly (readonly [string, (faults: unknown[]) => Promise<Opened>])[] = [
  [
    'node',
    (faults) =>
      listen(
        nodeGuard(
          check,
          async (incoming, outgoing, access) => {
            let body = ''
            for await (const chunk of incoming) body += chunk
            outgoing.appendHeader('vary', 'Origin').end(JSON.stringify({ ...access, body }))
          },
          { onError: (error) => faults.push(error) },
        ),
      ),
  ],
  [
    'express',
    async (faults) => {
      const app = express()
      const router = express.Router().all('/orders', expressGuard(check), express.text(), (request, response) => {
        response.vary('Origin').json({ ...(request as unknown as { readonly auth: Access }).auth, body: request.body ?? '' })
      })
      app.use('/api', router)
      app.use((error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
        faults.push(error)
        response.status(500).end()
      })
      return listen(app)
    },
  ],
  [
    'fastify',
    async (faults) => {
      const app = fastify()
      app.setErrorHandler((error, _request, reply) => {
        faults.push(error)
        return reply.code(500).send()
      })
      app.all('/api/orders', { onRequest: fastifyGuard(check) }, (request) => ({
        ...(request as unknown as { readonly auth: Access }).auth,
        body: request.body ?? '',
      }))
      await app.listen({ port: 0, host: address })
      return onPort((app.server.address() as AddressInfo).port, async () => {
        app.server.closeAllConnections()
        await app.close()
      })
    },
  ],
  [
    'fetch',
    async (faults) =>
      direct(
        fetchGuard(
          check,
          async (request, access) => Response.json({ ...access, body: await request.text() }, { headers: { vary: 'Origin' } }),
          { clientAddress: () => address, onError: (error) => faults.push(error) },
        ),
      ),
  ],
  [
    'hono',
    async (faults) => {
      const app = new Hono()
      app.onError((error, context) => {
        faults.push(error)
        return context.body(null, 500)
      })
      app.all('/api/orders', honoGuard(check, { clientAddress: () => address }), async (context) =>
        Response.json({ ...context.get('auth'), body: await context.req.text() }, { headers: { vary: 'Origin' } }),
      )
      return direct((request) => Promise.resolve(app.fetch(request)))
    },
  ],
]

describe.each(OPEN)('%s guard', (name, open) => {
  const good = ['Authorization', 'Bearer good'] as const
  const target = '/api/orders?x=1'

  test('an allowed request reaches its route with the access, and the headers come on its response', async () => {
    const mount = await open([])
    const answer = await mount.send({ target, headers: [good] })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({ sub: 'ada', seen: `GET /api/orders?x=1 ${address}` })
    expect(values(answer, 'dpop-nonce')).toEqual(['n1'])
    expect(values(answer, 'cache-control')).toEqual(['private'])
    if (name !== 'fastify') expect(values(answer, 'vary').join(', ')).toMatch(/Authorization.*Origin|Origin.*Authorization/)
    await mount.close()
  })

  test('the body stays for the route', async () => {
    const mount = await open([])
    const answer = await mount.send({ method: 'POST', target, headers: [good, ['Content-Type', 'text/plain']], body: 'one order' })
    expect(JSON.parse(answer.body)).toMatchObject({ body: 'one order', seen: expect.stringContaining('POST') })
    await mount.close()
  })

  test('a check sees HEAD as HEAD, since a proof names the method', async () => {
    const faults: unknown[] = []
    const mount = await open(faults)
    const answer = await mount.send({ method: 'HEAD', target, headers: [good] })
    expect(answer.status).toBe(200)
    expect(values(answer, 'dpop-nonce')).toEqual(['n1'])
    await mount.close()
  })

  test('a refused request is answered whole and does not reach the route', async () => {
    const mount = await open([])
    const answer = await mount.send({ target, headers: [['Authorization', 'Bearer bad']] })
    expect(answer.status).toBe(401)
    expect(JSON.parse(answer.body)).toEqual({ error: 'invalid_token' })
    expect(values(answer, 'www-authenticate').join(', ')).toBe('Bearer realm="a", DPoP algs="ES256"')
    expect(values(answer, 'dpop-nonce')).toEqual([])
    await mount.close()
  })

  test('two Authorization headers are seen as two', async () => {
    const mount = await open([])
    expect((await mount.send({ target, headers: [good, good] })).status).toBe(401)
    await mount.close()
  })

  test.each(['Bearer outage', 'Bearer greedy'])('a check that throws (%s) is 500 and tells the client nothing', async (authorization) => {
    const faults: unknown[] = []
    const mount = await open(faults)
    const answer = await mount.send({ method: 'POST', target, headers: [['Authorization', authorization]], body: 'x' })
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('internal')
    expect(faults).toHaveLength(1)
    await mount.close()
  })
})

describe('expressRoute', () => {
  const good = [['Authorization', 'Bearer good']] as const

  test('the route has the access by its type; a fault of check and route goes to next, and a refusal does not reach the route', async () => {
    const faults: unknown[] = []
    const app = express().get(
      '/orders',
      expressRoute(check, async (request, response) => {
        if (request.query['fault'] !== undefined) throw new Error(`of ${request.auth.sub}`)
        response.json({ owner: request.auth.sub })
      }),
    )
    app.use((error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      faults.push(String(error))
      response.status(500).end()
    })
    const mount = await listen(app)
    expect(JSON.parse((await mount.send({ target: '/orders', headers: good })).body)).toEqual({ owner: 'ada' })
    expect((await mount.send({ target: '/orders' })).status).toBe(401)
    expect((await mount.send({ target: '/orders?fault', headers: good })).status).toBe(500)
    expect((await mount.send({ target: '/orders', headers: [['Authorization', 'Bearer outage']] })).status).toBe(500)
    expect(faults).toEqual(['Error: of ada', 'Error: the keys of https://as.internal cannot be fetched'])
    await mount.close()
  })
})
