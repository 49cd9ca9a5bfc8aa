import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { type Access, createGuard } from '@holdfast/guard'
import { createGuard as createWebGuard } from '@holdfast/guard/web'
import { expressGuard, toExpress } from '@holdfast/mount/express'
import { fastifyGuard, toFastify } from '@holdfast/mount/fastify'
import { fetchGuard, toFetch } from '@holdfast/mount/fetch'
import { honoGuard, toHono } from '@holdfast/mount/hono'
import { nodeGuard, toNodeListener } from '@holdfast/mount/node'
import type { Answer } from './answer.ts'
import { type Apis, openApis, platformCertificate, ROUTE_TYPE, routeBody, routeResponse } from './apis.ts'
import { direct } from './direct.ts'
import type { List } from './list.ts'
import type { Sent } from './row.ts'
import { overSocket } from './send.ts'

export interface Mount {
  send(sent: Sent): Promise<Answer>
  close(): Promise<unknown>
}

/** Opens the APIs under a mount. */
export type Open = (list: List) => Promise<Mount>

export const HERE = { clientCertificateFrom: { proxies: ['127.0.0.1'] } }

async function listening(list: List, listener: RequestListener): Promise<Mount> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return onPort(list, (server.address() as AddressInfo).port, () => new Promise((resolve) => server.close(resolve)))
}

export function onPort({ labels }: List, port: number, close: () => Promise<unknown>): Mount {
  return { send: (sent) => overSocket(port, sent, labels), close }
}

export function inProcess({ labels }: List, fetcher: (request: Request) => Promise<Response>): Mount {
  return { send: (sent) => direct(fetcher, sent, labels), close: () => Promise.resolve() }
}

export const apisOf = ({ issuer }: List, create: typeof createGuard = createGuard): Apis => openApis(create, issuer)
export const isApi = (url: string): boolean => url.startsWith('/api/')

export function answerNode(request: IncomingMessage, response: ServerResponse, access: Access): void {
  const body = routeBody(request.method ?? '', access)
  response
    .writeHead(200, { 'content-type': ROUTE_TYPE, 'content-length': Buffer.byteLength(body) })
    .end(request.method === 'HEAD' ? '' : body)
}

/** An application in Express with what stands in front of and around the mount. */
function inExpress(list: List, around: (app: express.Express, router: express.Router) => void): Promise<Mount> {
  const { check, handler } = apisOf(list)
  const app = express().disable('x-powered-by')
  const router = express.Router()
  router.use(expressGuard(check, HERE), (request, response) => answerNode(request, response, (request as unknown as { auth: Access }).auth))
  around(app, router)
  app.use('/.well-known', toExpress(handler))
  return listening(list, app)
}

async function inFastify(list: List, hooks: boolean): Promise<Mount> {
  const { check, handler } = apisOf(list)
  const app = fastify()
  const fetched: string[] = []
  if (hooks) {
    app.addHook('onRequest', async (request) => void fetched.push(request.url))
    app.addHook('preHandler', async (request) => void fetched.push(request.url))
    app.addHook('onSend', async (_request, _reply, payload) => payload)
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  }
  app.all('/api/*', { onRequest: fastifyGuard(check, HERE) }, (request, reply) =>
    reply.type(ROUTE_TYPE).send(routeBody(request.method, (request as unknown as { auth: Access }).auth)),
  )
  await app.register(toFastify(handler), { prefix: '/.well-known' })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return onPort(list, (app.server.address() as AddressInfo).port, () => app.close())
}

function overFetch(list: List, { check, handler }: Apis): Mount {
  const guarded = fetchGuard(check, routeResponse, { clientCertificate: platformCertificate })
  const rest = toFetch(handler)
  return inProcess(list, (request) => (isApi(new URL(request.url).pathname) ? guarded : rest)(request))
}

export const MOUNTS: Readonly<Record<string, Open>> = {
  'node:http': (list) => {
    const { check, handler } = apisOf(list)
    const guarded = nodeGuard(check, answerNode, HERE)
    const rest = toNodeListener(handler)
    return listening(list, (request, response) => (isApi(request.url ?? '') ? guarded : rest)(request, response))
  },
  express: (list) => inExpress(list, (app, router) => app.use('/api', router)),
  'express, behind body parsers and two prefixes': (list) =>
    inExpress(list, (app, router) => {
      app.use(express.json(), express.urlencoded({ extended: false }), express.text(), express.raw())
      app.use('/api', express.Router().use('/accounts', router), router)
    }),
  fastify: (list) => inFastify(list, false),
  'fastify with hooks': (list) => inFastify(list, true),
  fetch: async (list) => overFetch(list, apisOf(list)),
  'fetch with WebCrypto': async (list) => overFetch(list, apisOf(list, createWebGuard)),
  hono: async (list) => {
    const { check, handler } = apisOf(list)
    const app = new Hono<{ Variables: { auth: Access } }>()
    app.use('/api/*', honoGuard(check, { clientCertificate: (context) => platformCertificate(context.req.raw) }))
    app.all('/api/*', (context) => routeResponse(context.req.raw, context.get('auth')))
    app.all('/.well-known/*', toHono(handler))
    return inProcess(list, async (request) => app.fetch(request))
  },
}
