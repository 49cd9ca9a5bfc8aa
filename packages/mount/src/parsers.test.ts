import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { toExpress } from './express.ts'
import { toFastify } from './fastify.ts'
import { toFetch } from './fetch.ts'
import { toHono } from './hono.ts'
import { echo, LIMIT } from './test/echo.ts'
import { direct, listen, onPort, type Opened } from './test/mounts.ts'
import type { Sent } from './test/wire.ts'

const form: Sent = {
  method: 'POST',
  target: '/auth/echo',
  headers: [['Content-Type', 'application/x-www-form-urlencoded']],
  body: 'a=1&a=2&b%5Bc%5D=3',
}
const hex = Buffer.from('a=1&a=2&b%5Bc%5D=3').toString('hex')

/** A parsed form cannot be put back exactly (repeats, nesting, bytes), and a repeated parameter must be seen. */
async function explainsItself(mount: Opened, faults: unknown[]): Promise<void> {
  const answer = await mount.send(form)
  expect(answer.status).toBe(500)
  expect(JSON.parse(answer.body)).toEqual({
    error: 'server_error',
    error_description: expect.stringContaining('mount this handler before body parsers'),
  })
  expect(String(faults[0])).toContain('express.urlencoded')
  expect((await mount.send({ target: '/auth/echo' })).status).toBe(200)
  await mount.close()
}

test('express: behind express.urlencoded the answer says what is wrong', async () => {
  const faults: unknown[] = []
  await explainsItself(
    await listen(
      express()
        .use(express.urlencoded({ extended: true }))
        .use('/auth', toExpress(echo, { onError: (error) => faults.push(error) })),
    ),
    faults,
  )
})

test('express: a parser that does not fit the body leaves it', async () => {
  const mount = await listen(express().use(express.json()).use('/auth', toExpress(echo)))
  expect(JSON.parse((await mount.send(form)).body)).toMatchObject({ body: hex })
  await mount.close()
})

test('express: behind express.raw the bytes are used, and the limit holds', async () => {
  const mount = await listen(
    express()
      .use(express.raw({ type: () => true }))
      .use('/auth', toExpress(echo)),
  )
  expect(JSON.parse((await mount.send(form)).body)).toMatchObject({ body: hex })
  expect((await mount.send({ ...form, body: 'x'.repeat(LIMIT + 1) })).status).toBe(413)
  await mount.close()
})

test('express: rawBody kept by a parser is used', async () => {
  const keep = express.urlencoded({
    extended: false,
    verify: (request, _response, bytes) => {
      Object.assign(request, { rawBody: bytes })
    },
  })
  const mount = await listen(express().use(keep).use('/auth', toExpress(echo)))
  expect(JSON.parse((await mount.send(form)).body)).toMatchObject({ body: hex })
  await mount.close()
})

test('express: nested routers keep the whole path', async () => {
  const mount = await listen(express().use('/auth', express.Router().use('/echo', toExpress(echo))))
  expect(JSON.parse((await mount.send({ target: '/auth/echo/x?y=1' })).body)).toMatchObject({ path: '/auth/echo/x', query: 'y=1' })
  await mount.close()
})

test('fastify: parsers inside the plugin give way, those outside stay', async () => {
  const app = fastify()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, { parsed: body }),
  )
  await app.register(toFastify(echo), { prefix: '/auth' })
  app.post('/own', (request) => request.body)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const mount = onPort((app.server.address() as AddressInfo).port, () => app.close())
  expect(JSON.parse((await mount.send(form)).body)).toMatchObject({ body: hex })
  expect(JSON.parse((await mount.send({ ...form, target: '/own', body: 'a=1' })).body)).toEqual({ parsed: 'a=1' })
  await mount.close()
})

test('fastify: without a prefix, and under inject', async () => {
  const app = fastify()
  await app.register(toFastify(echo))
  const answer = await app.inject({ method: 'POST', url: '/auth/echo?x=1', payload: 'a=1', headers: { 'content-type': 'text/plain' } })
  expect(answer.json()).toMatchObject({ path: '/auth/echo', query: 'x=1', body: '613d31' })
  await app.close()
})

test('hono: behind parseBody the answer says what is wrong', async () => {
  const faults: unknown[] = []
  const app = new Hono()
  app.use(async (context, next) => {
    if (context.req.method === 'POST') await context.req.parseBody()
    await next()
  })
  app.all('/auth/*', toHono(echo, { onError: (error) => faults.push(error) }))
  await explainsItself(
    direct((request) => Promise.resolve(app.fetch(request))),
    faults,
  )
})

test('fetch: a body that was read is told', async () => {
  const faults: unknown[] = []
  const fetch = toFetch(echo, { onError: (error) => faults.push(error) })
  await explainsItself(
    direct(async (request) => fetch(request.method === 'POST' ? (await request.text(), request) : request)),
    faults,
  )
})
