import { json, type HttpRequest, type Reply, type StreamedReply } from '@holdfast/protocol/http'
import { beforeEach, describe, expect, it } from 'vitest'
import { Trace } from './trace.ts'
import { traceEndpoint } from './trace-endpoint.ts'

const ISSUER = 'http://localhost:4000'
const SECRET = 'v3ry-s3cret-v4lue'

/** As a mount makes one: of a class, with getters. */
class Sent implements HttpRequest {
  readonly method: string = 'POST'
  readonly query: string
  readonly path: string
  readonly clientAddress: string
  readonly #headers: Readonly<Record<string, string>>

  constructor({ path = '/token', query = '', from = '127.0.0.1', headers = {} }: Partial<Described> = {}) {
    this.path = path
    this.query = query
    this.clientAddress = from
    this.#headers = headers
  }

  headers(name: string): readonly string[] {
    const value = this.#headers[name]
    return value === undefined ? [] : [value]
  }

  body(): Promise<Uint8Array> {
    return Promise.resolve(new TextEncoder().encode(`grant_type=authorization_code&code=${SECRET}`))
  }
}

interface Described {
  readonly path: string
  readonly query: string
  readonly from: string
  readonly headers: Readonly<Record<string, string>>
}

class Get extends Sent {
  override readonly method = 'GET'
}

/** A receiver that reads its request, checks two things and answers with secrets. */
async function receiver(request: HttpRequest): Promise<Reply> {
  await request.body(1000)
  request.witness?.({ about: 'code', check: 'known', rule: 'OA-50', refused: undefined })
  request.witness?.({ about: 'code', check: 'not used before', rule: 'OA-50', refused: 'code was already used' })
  return json(400, { error: 'invalid_grant', access_token: SECRET }, { 'set-cookie': `s=${SECRET}`, 'x-more': SECRET })
}

let trace: Trace

beforeEach(() => {
  trace = new Trace()
})

const sent = {
  headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/x-www-form-urlencoded', dpop: SECRET },
  query: `code=${SECRET}&state=${SECRET}`,
}

function asked(path: string, headers: Readonly<Record<string, string>> = {}, from = '::1'): Reply | undefined {
  const [bare = '', query = ''] = path.split('?')
  return traceEndpoint(trace, ISSUER)(new Get({ path: bare, query, from, headers: { host: 'localhost:4000', ...headers } }))
}

describe('a watched receiver', () => {
  it('answers as before, with the name of the entry, under which its checks are told', async () => {
    const reply = await trace.watch(receiver, ISSUER)(new Sent(sent))
    expect(reply).toMatchObject({ status: 400, body: (await receiver(new Sent(sent))).body })
    const told = asked(`/explorer/trace/${String(reply.headers['holdfast-trace'])}`)
    expect(told?.status).toBe(200)
    expect(JSON.parse(told?.body ?? '')).toEqual({
      findings: [
        { about: 'code', check: 'known', rule: 'OA-50' },
        { about: 'code', check: 'not used before', rule: 'OA-50', refused: 'code was already used' },
      ],
    })
  })

  it('tells the requests since a number, and no value of any of them that could be a secret', async () => {
    const watched = trace.watch(receiver, ISSUER)
    await watched(new Sent(sent))
    await watched(new Sent({ ...sent, path: `/interaction/${'0123456789abcdefghijklmnopq'}` }))
    const { last, requests } = JSON.parse(asked('/explorer/trace?after=1')?.body ?? '') as {
      last: number
      requests: { request: { url: string } }[]
    }
    expect([last, requests.map(({ request }) => request.url)]).toEqual([
      2,
      ['http://localhost:4000/interaction/hidden?code=hidden&state=hidden'],
    ])
    expect(asked('/explorer/trace?after=0')?.body).not.toContain(SECRET)
  })

  it('is left alone by requests of other machines', async () => {
    const heard: unknown[] = []
    const watched = trace.watch(async (request) => (heard.push(request.witness), receiver(request)), ISSUER)
    const reply = await watched(new Sent({ ...sent, from: '192.0.2.7' }))
    expect([reply.headers['holdfast-trace'], heard, trace.last]).toEqual([undefined, [undefined], 0])
  })

  it('is left alone by requests that a proxy hands on', async () => {
    const reply = await trace.watch(receiver, ISSUER)(new Sent({ ...sent, headers: { ...sent.headers, 'x-forwarded-for': '192.0.2.7' } }))
    expect([reply.headers['holdfast-trace'], trace.last]).toEqual([undefined, 0])
  })

  it('answers whatever stands in a request', async () => {
    const reply = await trace.watch(receiver, ISSUER)(new Sent({ query: `${'a'.repeat(63)}\u{1f600}=1&%E0%A4%A=%FF` }))
    expect([reply.status, trace.last]).toEqual([400, 1])
  })

  it('forgets the oldest', async () => {
    const watched = trace.watch(receiver, ISSUER)
    const first = await watched(new Sent())
    for (let i = 0; i < 500; i++) await watched(new Sent())
    expect(asked(`/explorer/trace/${String(first.headers['holdfast-trace'])}`)?.status).toBe(404)
    expect(trace.after(0)).toHaveLength(500)
  })

  it('hands on content that comes later as it came, and notes that there was some', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(SECRET))
        controller.close()
      },
    })
    const streaming = (): Promise<StreamedReply> =>
      Promise.resolve({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8', 'x-more': SECRET }, body })
    const reply = await trace.watch(streaming, ISSUER)(new Sent())
    expect(reply.headers['holdfast-trace']).toMatch(/^[\w-]{43}$/)
    expect(trace.after(0).map(({ response }) => response.body)).toEqual(['(content that was handed on, of application/json)'])
    expect(asked('/explorer/trace?after=0')?.body).not.toContain(SECRET)
    expect(await new Response(reply.body).text()).toBe(SECRET)
  })

  it('what is somebody else’s to answer passes unseen', async () => {
    expect(await trace.watch(() => Promise.resolve(undefined), ISSUER)(new Sent())).toBeUndefined()
    expect([trace.last, trace.after(0)]).toEqual([0, []])
  })

  it('tells in which order requests began: one that others were sent for is noted after them', async () => {
    const inner = trace.watch(receiver, 'http://localhost:4001')
    const outer = trace.watch(async (request) => (await inner(new Sent()), receiver(request)), ISSUER)
    await outer(new Sent({ path: '/outer' }))
    expect(trace.after(0).map(({ n, began, request }) => [n, began, request.url])).toEqual([
      [1, 2, 'http://localhost:4001/token'],
      [2, 1, 'http://localhost:4000/outer'],
    ])
  })

  it('a receiver that breaks breaks as before', async () => {
    await expect(trace.watch(() => Promise.reject(new Error('bug')), ISSUER)(new Sent())).rejects.toThrow('bug')
  })
})

describe('the trace is told', () => {
  it.each([
    ['to no other machine', {}, '192.0.2.7', 'the trace is told on this machine only'],
    ['by no other name', { host: 'evil.example:4000' }, '127.0.0.1', 'the trace is told at localhost:4000 only'],
    ['by no other port', { host: 'localhost:4001' }, '127.0.0.1', 'the trace is told at localhost:4000 only'],
    ['to nobody behind a proxy of this machine', { 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1', 'the trace is told on this machine only'],
    ['nor where it says so otherwise', { forwarded: 'for=192.0.2.7' }, '127.0.0.1', 'the trace is told on this machine only'],
    ['to no other origin', { origin: 'http://localhost:4002' }, '127.0.0.1', 'the trace is told to the explorer only'],
    ['to no page of another site', { 'sec-fetch-site': 'cross-site' }, '127.0.0.1', 'the trace is told to the explorer only'],
    ['to no page of a neighbour', { 'sec-fetch-site': 'same-site' }, '127.0.0.1', 'the trace is told to the explorer only'],
  ])('%s', (_what, headers, from, reason) => {
    const reply = asked('/explorer/trace', headers, from)
    expect([reply?.status, (JSON.parse(reply?.body ?? '') as { error_description: string }).error_description]).toEqual([403, reason])
  })

  it('to a program of this machine, which sends no headers of browsers', () => expect(asked('/explorer/trace')?.status).toBe(200))
  it('by GET alone', () => {
    const reply = traceEndpoint(trace, ISSUER)(new Sent({ path: '/explorer/trace', headers: { host: 'localhost:4000' } }))
    expect([reply?.status, reply?.headers['allow']]).toEqual([405, 'GET'])
  })
  it('after a number', () => expect(asked('/explorer/trace?after=x')?.status).toBe(400))
  it('and nothing else is its own', () => expect([asked('/explorer/tracer'), asked('/token')]).toEqual([undefined, undefined]))
})
