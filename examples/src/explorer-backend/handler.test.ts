import { createConfidentialClient, createRemoteRun, newSigningKey, type RunState, type World } from '@holdfast/explorer'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { beforeEach, describe, expect, test } from 'vitest'
import { explorerBackend } from './handler.ts'

const ORIGIN = 'http://localhost:4002'
const PAGE = 'http://localhost:4000'
/** Nothing listens there: flows begin, and fail in words. */
const world: World = { issuer: PAGE, redirectUri: `${ORIGIN}/explorer/callback`, api: 'http://localhost:1/api', backend: ORIGIN }

let backend: (request: HttpRequest) => Promise<Reply | undefined>

beforeEach(async () => {
  const client = createConfidentialClient({ clientId: 'backend', issuer: 'http://localhost:1', key: await newSigningKey() })
  backend = explorerBackend({ origin: ORIGIN, world: { ...world, issuer: PAGE }, client })
})

interface Asked {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

function request(target: string, { method = 'POST', body, headers = {} }: Asked = {}): HttpRequest {
  const [path = '', query = ''] = target.split('?')
  const sent: Readonly<Record<string, string>> = { host: 'localhost:4002', origin: PAGE, ...headers }
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
  return {
    method,
    path,
    query,
    clientAddress: '127.0.0.1',
    headers: (name) => [sent[name]].filter((value) => value !== undefined),
    body: (limit) => Promise.resolve(text.length > limit ? 'too_large' : new TextEncoder().encode(text)),
  }
}

const ask = async (target: string, asked?: Asked): Promise<Reply> => (await backend(request(target, asked))) as Reply
const begin = async (): Promise<string> =>
  (JSON.parse((await ask('/explorer/runs', { body: { flow: 'client-credentials' } })).body) as { id: string }).id

describe('runs of the example’s back end', () => {
  test('are begun by name, and told to the explorer’s origin', async () => {
    const reply = await ask('/explorer/runs', { body: { flow: 'client-credentials' } })
    expect([reply.status, reply.headers['access-control-allow-origin']]).toEqual([201, PAGE])
    const { id, state } = JSON.parse(reply.body) as { id: string; state: RunState }
    expect([id, state.view]).toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      expect.objectContaining({ flow: 'client-credentials', done: 0, exchanges: [] }),
    ])
  })

  test.each([
    ['a page of another origin', { origin: 'http://evil.example' }],
    ['a page of a neighbour', { origin: ORIGIN }],
    ['a page without an origin', { origin: 'null' }],
    ['another name for this machine', { host: 'evil.example:4002' }],
  ])('are not for %s', async (_who, headers) => {
    const reply = await ask('/explorer/runs', { body: { flow: 'client-credentials' }, headers })
    expect([reply.status, reply.headers['access-control-allow-origin']]).toEqual([403, undefined])
  })

  test.each([
    [{ flow: 'code-pkce' }, 'flow must be one that a back end runs'],
    [{ flow: 'https://evil.example' }, 'flow must be one that a back end runs'],
    [{}, 'flow must be one that a back end runs'],
    ['{', 'the body must be a JSON object'],
    ['"x"', 'the body must be a JSON object'],
    [{ flow: 'x'.repeat(20_000) }, 'the body must be a JSON object'],
  ])('%j begins none', async (body, description) => {
    const reply = await ask('/explorer/runs', { body })
    expect([reply.status, (JSON.parse(reply.body) as { error_description: string }).error_description]).toEqual([400, description])
  })

  test.each([{}, { do: 'fly' }, { do: 'attack' }, { do: 'answer', text: 5 }])('%j is no order', async (body) => {
    expect((await ask(`/explorer/runs/${await begin()}`, { body })).status).toBe(400)
  })

  test('one that is closed is gone, and so is one that never was', async () => {
    const id = await begin()
    expect((await ask(`/explorer/runs/${id}`, { body: { do: 'close' } })).status).toBe(200)
    expect((await ask(`/explorer/runs/${id}`, { method: 'GET' })).status).toBe(404)
    expect((await ask('/explorer/runs/nothing', { body: { do: 'step' } })).status).toBe(404)
  })

  test('of more than twenty the oldest is forgotten', async () => {
    const first = await begin()
    for (let i = 0; i < 20; i++) await begin()
    expect((await ask(`/explorer/runs/${first}`, { method: 'GET' })).status).toBe(404)
  })

  test('a preflight names what may be sent; another method is refused', async () => {
    expect(await ask('/explorer/runs', { method: 'OPTIONS' })).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-headers': 'Content-Type' },
    })
    expect(await ask('/explorer/runs', { method: 'PUT' })).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } })
  })

  test('a callback that nobody waits for says so; other paths are somebody else’s', async () => {
    expect((await ask('/explorer/callback?code=x', { method: 'GET' })).body).toContain('begin a new run')
    expect(await backend(request('/anything'))).toBeUndefined()
  })
})

describe('a page that drives a run', () => {
  const over = (send: (url: string, init: RequestInit) => Promise<Response>): ReturnType<typeof createRemoteRun> =>
    createRemoteRun({ backend: ORIGIN, flow: 'client-credentials', fetch: send })
  const through = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url)
    const { status, body } = await ask(pathname + search, { method: init.method ?? 'GET', body: init.body ?? '' })
    return new Response(body, { status })
  }

  test('sees the failure of a step in the words of the run', async () => {
    const run = over(through)
    const seen: boolean[] = []
    run.subscribe(() => seen.push(run.view.busy))
    await run.step()
    expect(run.view.failed?.say).toContain('No answer came from')
    expect([seen[0], run.view.busy, run.view.done]).toEqual([true, false, 0])
  })

  test('says that the back end is away, and shows what it has', async () => {
    const run = over(() => Promise.reject(new TypeError('fetch failed')))
    await run.step()
    expect(run.view).toMatchObject({ busy: false, exchanges: [], failed: { say: expect.stringContaining('does not answer') as string } })
  })

  test('says that the run was forgotten', async () => {
    let asked = 0
    const run = over((url, init) => (asked++ === 0 ? through(url, init) : Promise.resolve(new Response('{}', { status: 404 }))))
    await run.step()
    expect(run.view.failed?.say).toContain('forgotten')
  })

  test('two presses at once are one step', async () => {
    const orders: string[] = []
    const run = over((url, init) => {
      if (init.method === 'POST') orders.push(String(init.body))
      return through(url, init)
    })
    await Promise.all([run.step(), run.step(), run.attack('token-changed')])
    expect(orders).toEqual(['{"flow":"client-credentials"}', '{"do":"step"}'])
  })

  test('closed, it asks nothing more', async () => {
    let asked = 0
    const run = over((url, init) => (asked++, through(url, init)))
    run.close()
    await run.step()
    expect([asked, run.view.failed?.remedy]).toEqual([0, 'Begin a new run.'])
  })
})
