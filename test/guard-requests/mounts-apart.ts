import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import type { Access } from '@holdfast/guard'
import { toFetch } from '@holdfast/mount/fetch'
import { nestGuard } from '@holdfast/mount/nest'
import { handedAccess, nextGuard, nextMiddleware, type NextResponses } from '@holdfast/mount/next'
import { toExpress } from '@holdfast/mount/express'
import { toFastify } from '@holdfast/mount/fastify'
import { answerNode, apisOf, HERE, inProcess, isApi, onPort, type Open } from './mounts.ts'
import { platformCertificate, ROUTE_TYPE, routeBody, routeResponse } from './apis.ts'

/** Mounts of frameworks that are not installed here: what these hand over, and what they do with what comes back. `npm run runtimes` has the real ones. */

const SECRET = { secret: new Uint8Array(32).fill(3) }
const CERTIFICATE = { clientCertificate: platformCertificate }

/** As Next writes it: headers of the request that goes on to the route stand in headers of the response. */
const responses: NextResponses = {
  next({ request: { headers } }) {
    const all = [...headers]
    const changed = all.map(([name, value]) => [`x-middleware-request-${name}`, value] as const)
    return new Response(null, {
      headers: [['x-middleware-next', '1'], ['x-middleware-override-headers', all.map(([name]) => name).join(',')], ...changed] as [
        string,
        string,
      ][],
    })
  },
}

/** What Next does with a middleware's response, and then the route. */
async function afterMiddleware(request: Request, response: Response, route: (request: Request) => Promise<Response>): Promise<Response> {
  if (response.headers.get('x-middleware-next') === null) return response
  const names = (response.headers.get('x-middleware-override-headers') ?? '').split(',')
  const headers = new Headers(names.map((name) => [name, response.headers.get(`x-middleware-request-${name}`) ?? ''] as [string, string]))
  const answer = await route(new Request(request, { headers }))
  for (const [name, value] of response.headers) if (!name.startsWith('x-middleware-')) answer.headers.append(name, value)
  return answer
}

interface Pair {
  readonly request: unknown
  readonly response: unknown
}
/** As Nest hands them over. */
const contextOf = ({ request, response }: Pair): Parameters<ReturnType<typeof nestGuard>['canActivate']>[0] => ({
  getType: () => 'http',
  switchToHttp: () => ({ getRequest: () => request, getResponse: () => response }),
})

export const MOUNTS_APART: Readonly<Record<string, Open>> = {
  'next route handlers': async (list) => {
    const { check, handler } = apisOf(list)
    const route = nextGuard(
      check,
      (request, access, _context: { readonly params: Promise<object> }) => routeResponse(request, access),
      CERTIFICATE,
    )
    const rest = toFetch(handler)
    return inProcess(list, (request) =>
      isApi(new URL(request.url).pathname) ? route(request, { params: Promise.resolve({}) }) : rest(request),
    )
  },
  'next middleware': async (list) => {
    const { check, handler } = apisOf(list)
    const middleware = nextMiddleware(check, responses, SECRET, CERTIFICATE)
    const rest = toFetch(handler)
    const route = async (request: Request): Promise<Response> => {
      const access = await handedAccess<Access>(request, SECRET)
      return access === undefined ? new Response('', { status: 500 }) : routeResponse(request, access)
    }
    return inProcess(list, async (request) =>
      isApi(new URL(request.url).pathname) ? afterMiddleware(request, await middleware(request), route) : rest(request),
    )
  },
  'nest on express': async (list) => {
    const { check, handler } = apisOf(list)
    const guard = nestGuard(check, HERE)
    const app = express().disable('x-powered-by')
    app.use('/api', (request, response, next) => {
      guard.canActivate(contextOf({ request, response })).then((allowed) => {
        if (allowed) answerNode(request, response, (request as unknown as { auth: Access }).auth)
      }, next)
    })
    app.use('/.well-known', toExpress(handler))
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return onPort(list, (server.address() as AddressInfo).port, () => new Promise((resolve) => server.close(resolve)))
  },
  'nest on fastify': async (list) => {
    const { check, handler } = apisOf(list)
    const guard = nestGuard(check, HERE)
    const app = fastify()
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.all('/api/*', async (request, reply) => {
      if (!(await guard.canActivate(contextOf({ request, response: reply })))) return reply.code(403).send()
      return reply.type(ROUTE_TYPE).send(routeBody(request.method, (request as unknown as { auth: Access }).auth))
    })
    await app.register(toFastify(handler), { prefix: '/.well-known' })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return onPort(list, (app.server.address() as AddressInfo).port, () => app.close())
  },
}
