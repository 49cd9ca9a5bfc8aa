import { createServer, type RequestListener, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { StreamingHandler } from '@holdfast/protocol/http'
import { toExpress } from '../express.ts'
import { toFastify } from '../fastify.ts'
import { toFetch } from '../fetch.ts'
import { toHono } from '../hono.ts'
import { toNodeListener } from '../node.ts'
import { type Answer, overSocket, type Sent } from './wire.ts'

export interface Opened {
  /** 0 for a mount that no socket leads to. */
  readonly port: number
  send(sent: Sent): Promise<Answer>
  close(): Promise<void>
}

export interface Options {
  readonly onError?: (error: unknown) => void
  readonly trustedProxies?: readonly string[]
}

export type Open = (handler: StreamingHandler, options?: Options) => Promise<Opened>

export async function listen(listener: RequestListener, options: ServerOptions = {}): Promise<Opened> {
  const server = createServer(options, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return onPort((server.address() as AddressInfo).port, async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
}

export function onPort(port: number, close: () => Promise<void>): Opened {
  return { port, send: (sent) => overSocket(port, sent), close }
}

/** Mounts on real sockets; the frameworks under a prefix, which the handler must see. */
export const SOCKETS: readonly (readonly [string, Open])[] = [
  ['node', (handler, options) => listen(toNodeListener(handler, options))],
  ['express', (handler, options) => listen(express().use('/auth', toExpress(handler, options)))],
  [
    'fastify',
    async (handler, options) => {
      const app = fastify()
      await app.register(toFastify(handler, options), { prefix: '/auth' })
      await app.listen({ port: 0, host: '127.0.0.1' })
      app.server.keepAliveTimeout = 1000
      return onPort((app.server.address() as AddressInfo).port, async () => {
        app.server.closeAllConnections()
        await app.close()
      })
    },
  ],
]

export const WEB: readonly (readonly [string, Open])[] = [
  [
    'fetch',
    async (handler, { onError } = {}) => direct(toFetch(handler, { clientAddress: () => '127.0.0.1', ...(onError && { onError }) })),
  ],
  [
    'hono',
    async (handler, { onError } = {}) => {
      const mount = toHono(handler, { clientAddress: () => '127.0.0.1', ...(onError && { onError }) })
      const app = new Hono().all('/auth', mount).all('/auth/*', mount)
      return direct((request) => Promise.resolve(app.fetch(request)))
    },
  ],
]

/** Sends what is sent on a socket elsewhere as a web `Request`. */
export function direct(fetch: (request: Request) => Promise<Response>): Opened {
  return {
    port: 0,
    close: () => Promise.resolve(),
    async send(sent) {
      const headers = new Headers()
      for (const [name, value] of sent.headers ?? []) headers.append(name, value)
      const stream = sent.chunks && streamOf(sent.chunks)
      if (sent.body !== undefined) headers.set('content-length', String(Buffer.from(sent.body as string).length))
      const body = stream ?? (sent.body === undefined ? null : new Uint8Array(Buffer.from(sent.body as string)))
      const response = await fetch(
        new Request(new URL(sent.target, 'http://as.example'), {
          method: sent.method ?? 'GET',
          headers,
          body,
          duplex: 'half',
        } as RequestInit),
      )
      return { status: response.status, headers: [...response.headers], body: await response.text() }
    },
  }
}

function streamOf(chunks: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new Uint8Array(Buffer.from(chunk as string)))
      controller.close()
    },
  })
}
