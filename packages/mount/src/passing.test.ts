import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PassingHandler } from '@holdfast/protocol/http'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { toExpress } from './express.ts'
import { toFastify } from './fastify.ts'
import { toFetch } from './fetch.ts'
import { toHono } from './hono.ts'
import { toNodeListener } from './node.ts'

/** Answers one path, and leaves the others. */
const some: PassingHandler = async ({ path }) => (path === '/ours' ? { status: 200, headers: {}, body: 'ours' } : undefined)
const NOT_FOUND = [404, '{"error":"not_found","error_description":"there is nothing at this path"}']

/** What `/ours` and `/theirs` are answered, the second with a body that somebody else has to read. */
async function answers(send: (path: string, init?: RequestInit) => Promise<Response> | Response): Promise<readonly unknown[]> {
  const [ours, theirs] = [await send('/ours'), await send('/theirs', { method: 'POST', body: 'a body' })]
  return [await ours.text(), theirs.status, await theirs.text()]
}

async function overHttp(listener: RequestListener): Promise<readonly unknown[]> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const found = await answers((path, init) => fetch(`http://127.0.0.1:${port}${path}`, init))
  server.close().closeAllConnections()
  return found
}

test('Express goes on to what follows, which reads the body', async () => {
  const app = express().use(toExpress(some)).use(express.text())
  expect(await overHttp(app.post('/theirs', (request, response) => void response.send(`theirs, with ${String(request.body)}`)))).toEqual([
    'ours',
    200,
    'theirs, with a body',
  ])
})

test('Hono goes on to what follows, which reads the body', async () => {
  const app = new Hono().use(toHono(some)).post('/theirs', async (context) => context.text(`theirs, with ${await context.req.text()}`))
  expect(await answers((path, init) => app.request(path, init))).toEqual(['ours', 200, 'theirs, with a body'])
})

test('fetch and node:http go on to what is named, and answer 404 where nothing is', async () => {
  const named = toFetch(some, { otherwise: async (request) => new Response(`theirs, with ${await request.text()}`) })
  const at = (path: string): string => `https://shop.example${path}`
  expect(await answers((path, init) => named(new Request(at(path), init)))).toEqual(['ours', 200, 'theirs, with a body'])
  expect(await answers((path, init) => toFetch(some)(new Request(at(path), init)))).toEqual(['ours', ...NOT_FOUND])
  expect(await overHttp(toNodeListener(some, {}, (_incoming, outgoing) => void outgoing.end('theirs')))).toEqual(['ours', 200, 'theirs'])
  expect(await overHttp(toNodeListener(some))).toEqual(['ours', ...NOT_FOUND])
})

test('Fastify answers 404: what a plugin took is not given back', async () => {
  const app = fastify().register(toFastify(some))
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  expect(await answers((path, init) => fetch(address + path, init))).toEqual(['ours', ...NOT_FOUND])
  await app.close()
})
