import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { All, Controller, Module, Req, Res, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { createGuard } from '@holdfast/guard'
import { toExpress } from '@holdfast/mount/express'
import { toFastify } from '@holdfast/mount/fastify'
import { nestGuard } from '@holdfast/mount/nest'
import { openApis, ROUTE_TYPE, routeBody } from '../../test/guard-requests/apis.ts'

const [, , file, adapter] = process.argv
const { check, handler } = openApis(createGuard, JSON.parse(readFileSync(file, 'utf8')))

/** Decorators by hand, since plain JavaScript has none yet. */
class Apis {
  answer(request, response) {
    const body = routeBody(request.method, request.auth)
    if (response.raw !== undefined) return void response.type(ROUTE_TYPE).send(body)
    response.writeHead(200, { 'content-type': ROUTE_TYPE, 'content-length': Buffer.byteLength(body) })
    return void response.end(request.method === 'HEAD' ? '' : body)
  }
}
Req()(Apis.prototype, 'answer', 0)
Res()(Apis.prototype, 'answer', 1)
All(adapter === 'fastify' ? '/*' : '/*path')(Apis.prototype, 'answer', Object.getOwnPropertyDescriptor(Apis.prototype, 'answer'))
UseGuards(nestGuard(check, { clientCertificateFrom: { proxies: ['127.0.0.1'] } }))(Apis)
Controller('/api')(Apis)

class Root {}
Module({ controllers: [Apis] })(Root)

const app = await NestFactory.create(Root, adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(), {
  logger: ['error', 'warn'],
})
if (adapter === 'fastify') await app.register(toFastify(handler), { prefix: '/.well-known' })
else app.use('/.well-known', toExpress(handler)).getHttpAdapter().getInstance().disable('x-powered-by')
await app.listen(0, '127.0.0.1')
console.log(`listening on ${app.getHttpServer().address().port}`)
