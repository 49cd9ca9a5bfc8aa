import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'

const SITE = new URL('../../../packages/explorer/site/', import.meta.url)
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
/** What the README says is enough. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src *"

export interface Served {
  readonly origin: string
  stop(): Promise<void>
}

/** The built page on any static host, in a folder of it. */
export function servePages(): Promise<Served> {
  return serve(async (path) => {
    const name = path.replace(/^\/explorer\//, '') || 'index.html'
    const body = /^[\w/.-]+$/.test(name) && !name.includes('..') ? await readFile(new URL(name, SITE)).catch(() => undefined) : undefined
    if (body === undefined) return { status: 404, headers: {}, body: 'not found' }
    return { status: 200, headers: { 'content-type': TYPES[extname(name)] ?? 'text/plain', 'content-security-policy': POLICY }, body }
  })
}

/** A server that has metadata, and lets no page of another origin read it. */
export function serveWithoutCors(): Promise<Served> {
  return serve((_path, origin) =>
    Promise.resolve({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ issuer: origin }) }),
  )
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

function serve(answer: (path: string, origin: string) => Promise<Answer>): Promise<Served> {
  return new Promise((resolve) => {
    const server = createServer((incoming, outgoing) => {
      const origin = originOf()
      void answer(new URL(incoming.url ?? '/', origin).pathname, origin).then(({ status, headers, body }) =>
        outgoing.writeHead(status, headers).end(body),
      )
    })
    const originOf = (): string => `http://localhost:${(server.address() as AddressInfo).port}`
    server.listen(0, 'localhost', () =>
      resolve({
        origin: originOf(),
        stop: () =>
          new Promise((ended) => {
            server.closeAllConnections()
            server.close(() => ended())
          }),
      }),
    )
  })
}
