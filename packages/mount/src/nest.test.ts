import express from 'express'
import fastify from 'fastify'
import { json } from '@holdfast/protocol/http'
import { expect, test } from 'vitest'
import { type Check, nestGuard, type NestContext } from './nest.ts'
import { listen } from './test/mounts.ts'
import { values } from './test/wire.ts'

const check: Check<{ readonly sub: string }> = async (request) => {
  if (request.headers('x-outage').length > 0) throw new Error('away')
  return request.headers('authorization')[0] === 'Bearer good'
    ? { kind: 'allowed', access: { sub: 'ada' }, headers: { 'DPoP-Nonce': 'n1' } }
    : { kind: 'refused', reply: json(401, { error: 'invalid_token' }, { 'www-authenticate': ['Bearer', 'DPoP'] }) }
}

const contextOf = (request: unknown, response: unknown, type = 'http'): NestContext => ({
  getType: () => type,
  switchToHttp: () => ({ getRequest: () => request, getResponse: () => response }),
})

/** What Nest does around a guard: after a no, and after a throw, it answers something of its own. */
function inNest(settled: string[]): ReturnType<typeof listen> {
  const app = express()
  const guard = nestGuard(check)
  app.use('/api', (request, response, next) => {
    guard.canActivate(contextOf(request, response)).then((allowed) => {
      settled.push(String(allowed))
      response.json((request as unknown as { readonly auth: object }).auth)
    }, next)
  })
  app.use((error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    settled.push(String(error))
    response.status(500).end()
  })
  return listen(app)
}

test('a request that is allowed goes on with its access and the guard’s headers', async () => {
  const settled: string[] = []
  const mount = await inNest(settled)
  const answer = await mount.send({ target: '/api/orders', headers: [['Authorization', 'Bearer good']] })
  expect([JSON.parse(answer.body), values(answer, 'dpop-nonce'), settled]).toEqual([{ sub: 'ada' }, ['n1'], ['true']])
  await mount.close()
})

test('a refusal is answered whole, and Nest hears neither yes nor no: no filter of an application answers after it', async () => {
  const settled: string[] = []
  const mount = await inNest(settled)
  const answer = await mount.send({ target: '/api/orders' })
  expect([answer.status, JSON.parse(answer.body), values(answer, 'www-authenticate')]).toEqual([
    401,
    { error: 'invalid_token' },
    ['Bearer', 'DPoP'],
  ])
  expect((await mount.send({ target: '/api/orders', headers: [['Authorization', 'Bearer good']] })).status).toBe(200)
  expect(settled).toEqual(['true'])
  await mount.close()
})

test('a throw of the check goes to the filters of Nest', async () => {
  const settled: string[] = []
  const mount = await inNest(settled)
  expect((await mount.send({ target: '/api/orders', headers: [['X-Outage', '1']] })).status).toBe(500)
  expect(settled).toEqual(['Error: away'])
  await mount.close()
})

test.each(['graphql', 'rpc', 'ws'])('%s is no HTTP, and nobody comes in', async (type) => {
  await expect(nestGuard(check).canActivate(contextOf({}, {}, type))).rejects.toThrow(`this is one of ${type}`)
})

test('on Fastify the path is the one that was sent, and a refusal is taken out of its hands', async () => {
  const paths: string[] = []
  let taken: boolean | undefined
  const guard = nestGuard((request) => {
    paths.push(request.path)
    return check(request)
  })
  const app = fastify({ rewriteUrl: () => '/inside' })
  app.get('/inside', async (request, reply) => {
    const settled = guard.canActivate(contextOf(request, reply))
    // The answer leaves at the end of the turn; before that Fastify must know that it is none of its own.
    await new Promise((resolve) => setImmediate(resolve))
    taken = reply.sent && !reply.raw.headersSent
    await settled
  })
  expect((await app.inject('/v1/orders')).statusCode).toBe(401)
  expect([paths, taken]).toEqual([['/v1/orders'], true])
  await app.close()
})
