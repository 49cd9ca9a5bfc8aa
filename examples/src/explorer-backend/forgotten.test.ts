import { createConfidentialClient, newSigningKey } from '@holdfast/explorer'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { beforeEach, describe, expect, test } from 'vitest'
import { explorerBackend } from './handler.ts'

const PAGE = 'http://localhost:4000'
const BACKEND = 'http://localhost:4002'
const RIGHT = { host: 'localhost:4002', origin: PAGE }

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

let now = 0
let handler: (request: HttpRequest) => Promise<Reply | undefined>

beforeEach(async () => {
  now = 0
  const key = await newSigningKey()
  handler = explorerBackend({
    origin: BACKEND,
    world: { issuer: PAGE, redirectUri: `${BACKEND}/explorer/callback` },
    client: createConfidentialClient({ clientId: 'c', issuer: PAGE, key, kid: 'k' }),
    now: () => now,
  })
})

async function send(target: string, { method = 'POST', headers = RIGHT, body }: Sent = {}): Promise<{ status: number; body: unknown }> {
  const [path = '', query = ''] = target.split('?')
  const all: Readonly<Record<string, string>> = headers
  const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
  const reply = await handler({
    method,
    path,
    query,
    clientAddress: '127.0.0.1',
    headers: (name) => (all[name] === undefined ? [] : [all[name]]),
    body: (limit) => Promise.resolve(bytes.length > limit ? 'too_large' : bytes),
  })
  return { status: reply?.status ?? 0, body: reply?.headers['content-type'] === 'application/json' ? JSON.parse(reply.body) : reply?.body }
}

const begin = async (): Promise<string> => {
  const { status, body } = await send('/explorer/runs', { body: { flow: 'client-credentials' } })
  expect(status).toBe(201)
  return (body as { id: string }).id
}

describe('it answers the explorer alone', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['another page', { ...RIGHT, origin: 'http://localhost:4003' }],
    ['its own pages', { ...RIGHT, origin: BACKEND }],
    ['a page without an origin', { ...RIGHT, origin: 'null' }],
    ['who says nothing', { host: RIGHT.host }],
    ['a name of a stranger that leads here', { ...RIGHT, host: 'evil.example:4002' }],
  ])('not %s', async (_who, headers) => {
    const id = await begin()
    for (const [method, path] of [
      ['POST', '/explorer/runs'],
      ['POST', `/explorer/runs/${id}`],
      ['GET', `/explorer/runs/${id}`],
      ['OPTIONS', '/explorer/runs'],
    ] as const)
      expect((await send(path, { method, headers, body: { flow: 'client-credentials', do: 'step' } })).status).toBe(403)
  })
})

describe('it is nobody’s way elsewhere', () => {
  test.each([
    { flow: 'code-pkce' },
    { flow: 'https://internal.example' },
    { flow: { by: 'backend' } },
    [],
    'null',
    '{',
    'x'.repeat(10_001),
  ])('no run of %j', async (body) => expect((await send('/explorer/runs', { body })).status).toBe(400))
  test('nor an order that is none', async () => {
    const id = await begin()
    for (const body of [{ do: 'fetch' }, { do: 'attack', attack: 5 }, { do: 'answer' }])
      expect((await send(`/explorer/runs/${id}`, { body })).status).toBe(400)
  })
})

describe('runs', () => {
  test('that nobody asks for are forgotten, also when no other begins', async () => {
    const id = await begin()
    now = 9 * 60_000
    expect((await send(`/explorer/runs/${id}`, { method: 'GET' })).status).toBe(200)
    now += 10 * 60_000
    expect((await send(`/explorer/runs/${id}`, { method: 'GET' })).status).toBe(404)
  })

  test('are twenty at most: the oldest goes', async () => {
    const first = await begin()
    for (let i = 0; i < 19; i++) await begin()
    expect((await send(`/explorer/runs/${first}`, { method: 'GET' })).status).toBe(200)
    await begin()
    expect((await send(`/explorer/runs/${first}`, { method: 'GET' })).status).toBe(404)
  })

  test('an answer that nobody waits for belongs to none', async () => {
    expect((await send('/explorer/callback?code=x&state=y', { method: 'GET', headers: {} })).body).toContain('Nobody waits for this')
  })
})
