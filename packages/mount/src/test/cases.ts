import { expect } from 'vitest'
import { type Echo, LIMIT } from './echo.ts'
import { type Answer, type Sent, values } from './wire.ts'

/** One request that every mount must answer alike. */
export interface Case {
  readonly name: string
  readonly sent: Sent
  check(answer: Answer): void
}

function echoed(
  name: string,
  sent: Sent,
  expected: Partial<Omit<Echo, 'headers'>> & { readonly headers?: Partial<Echo['headers']> },
  status = 200,
): Case {
  return {
    name,
    sent,
    check(answer) {
      expect(answer.status).toBe(status)
      expect(JSON.parse(answer.body)).toMatchObject(expected)
    },
  }
}

function answered(name: string, sent: Sent, status: number, more: (answer: Answer) => void = () => {}): Case {
  return {
    name,
    sent,
    check(answer) {
      expect(answer.status).toBe(status)
      more(answer)
    },
  }
}

const hex = (text: string): string => Buffer.from(text).toString('hex')
const get = (target: string, headers: Sent['headers'] = []): Sent => ({ target, headers })
const post = (body: Sent['body'], headers: Sent['headers'] = [['Content-Type', 'application/x-www-form-urlencoded']]): Sent => ({
  method: 'POST',
  target: '/auth/echo',
  headers,
  ...(body !== undefined && { body }),
})
const chunked = (...chunks: (string | Uint8Array)[]): Sent => ({ method: 'POST', target: '/auth/echo', chunks })
const silent = (answer: Answer): void => {
  expect(JSON.parse(answer.body)).toEqual({ error: 'server_error' })
  expect(values(answer, 'cache-control')).toEqual(['no-store'])
}

export const CASES: readonly Case[] = [
  echoed('a GET without query', get('/auth/echo'), { method: 'GET', path: '/auth/echo', query: '', body: '' }),
  echoed('a GET with query', get('/auth/echo?a=1&b=2'), { path: '/auth/echo', query: 'a=1&b=2' }),
  echoed('an empty query', get('/auth/echo?'), { path: '/auth/echo', query: '' }),
  echoed('a query with a second question mark', get('/auth/echo?a=?&b'), { query: 'a=?&b' }),
  echoed('a query is not decoded', get('/auth/echo?a=%C3%A9+%26'), { query: 'a=%C3%A9+%26' }),
  echoed('repeated parameters stay', get('/auth/echo?a=1&a=2'), { query: 'a=1&a=2' }),
  echoed('a path is not decoded', get('/auth/echo/a%2Fb%20c'), { path: '/auth/echo/a%2Fb%20c' }),
  echoed('a path keeps its case', get('/auth/echo/AbC'), { path: '/auth/echo/AbC' }),
  echoed('a path keeps its slashes', get('/auth/echo//x/'), { path: '/auth/echo//x/' }),
  echoed('the prefix alone', get('/auth'), { path: '/auth' }),
  echoed('the prefix with a slash', get('/auth/'), { path: '/auth/' }),
  echoed('the prefix with a query', get('/auth?x=1'), { path: '/auth', query: 'x=1' }),
  echoed('a header is found whatever its case', get('/auth/echo', [['aUTHORIZATION', 'Bearer a']]), {
    headers: { authorization: ['Bearer a'] },
  }),
  echoed('an absent header has no values', get('/auth/echo'), { headers: { 'x-none': [] } }),
  echoed('an empty header has one', get('/auth/echo', [['X-Many', '']]), { headers: { 'x-many': [''] } }),
  echoed(
    'two Authorization lines are two values',
    get('/auth/echo', [
      ['Authorization', 'Bearer a'],
      ['Authorization', 'DPoP b'],
    ]),
    { headers: { authorization: ['Bearer a', 'DPoP b'] } },
  ),
  echoed(
    'two DPoP lines are two values',
    get('/auth/echo', [
      ['DPoP', 'a.b.c'],
      ['dpop', 'd.e.f'],
    ]),
    { headers: { dpop: ['a.b.c', 'd.e.f'] } },
  ),
  echoed(
    'two equal Authorization lines are two values',
    get('/auth/echo', [
      ['Authorization', 'Bearer a'],
      ['Authorization', 'Bearer a'],
    ]),
    { headers: { authorization: ['Bearer a', 'Bearer a'] } },
  ),
  echoed('cookies in one line', get('/auth/echo', [['Cookie', 'a=1; b=2']]), { headers: { cookie: ['a=1; b=2'] } }),
  echoed('bytes over 127 in a header are Latin-1', get('/auth/echo', [['X-Latin', 'gr\u00fc\u00df']]), {
    headers: { 'x-latin': ['gr\u00fc\u00df'] },
  }),
  echoed('the address of the peer', get('/auth/echo'), { clientAddress: '127.0.0.1' }),
  echoed('X-Forwarded-For of a stranger is not believed', get('/auth/echo', [['X-Forwarded-For', '203.0.113.9']]), {
    clientAddress: '127.0.0.1',
  }),
  echoed(
    'nor Forwarded, X-Real-IP',
    get('/auth/echo', [
      ['Forwarded', 'for=203.0.113.9'],
      ['X-Real-IP', '203.0.113.9'],
    ]),
    { clientAddress: '127.0.0.1' },
  ),
  echoed('a form', post('grant_type=client_credentials&scope=a+b'), {
    method: 'POST',
    body: hex('grant_type=client_credentials&scope=a+b'),
  }),
  echoed('an empty body', post(''), { body: '' }),
  echoed('a POST without a body', post(undefined), { body: '' }),
  echoed('bytes that are not UTF-8', post(new Uint8Array([0x61, 0x3d, 0xff, 0xfe, 0x00])), { body: '613dfffe00' }),
  echoed('a JSON body', post('{"a":1}', [['Content-Type', 'application/json']]), { body: hex('{"a":1}') }),
  echoed('malformed JSON is the handler’s', post('{"a":', [['Content-Type', 'application/json']]), { body: hex('{"a":') }),
  echoed('a body of an unknown type', post('x', [['Content-Type', 'application/vnd.unknown']]), { body: hex('x') }),
  echoed('a body without a type', post('x', []), { body: hex('x') }),
  echoed('a body exactly at the limit', post('x'.repeat(LIMIT)), { body: hex('x'.repeat(LIMIT)) }),
  echoed('a body over the limit', post('x'.repeat(LIMIT + 1)), { body: 'too_large' }, 413),
  echoed('a body far over the limit', post('x'.repeat(300_000)), { body: 'too_large' }, 413),
  echoed('a chunked body', chunked('a=1', '&b', '=2'), { body: hex('a=1&b=2') }),
  echoed('a chunked body over the limit', chunked('x'.repeat(LIMIT), 'y'), { body: 'too_large' }, 413),
  echoed('an empty chunked body', chunked(), { body: '' }),
  echoed('PUT', { method: 'PUT', target: '/auth/echo', body: 'x' }, { method: 'PUT', body: hex('x') }),
  echoed('DELETE without a body', { method: 'DELETE', target: '/auth/echo' }, { method: 'DELETE', body: '' }),
  echoed('OPTIONS', { method: 'OPTIONS', target: '/auth/echo' }, { method: 'OPTIONS' }),
  answered('a body that nobody reads', { ...post('x=1'), target: '/auth/unread' }, 200),
  answered('several set-cookie', get('/auth/cookies'), 200, (answer) =>
    expect(values(answer, 'set-cookie')).toEqual(['a=1; Path=/', 'b=2; Path=/']),
  ),
  answered('HEAD is GET without the body', { method: 'HEAD', target: '/auth/cookies' }, 200, (answer) => {
    expect(answer.body).toBe('')
    expect(values(answer, 'content-type')).toEqual(['text/plain'])
    expect(values(answer, 'content-length')).toEqual(['3'])
  }),
  answered('a handler need not know HEAD', { method: 'HEAD', target: '/auth/method' }, 200, (answer) =>
    expect(values(answer, 'x-method')).toEqual(['GET']),
  ),
  answered('a redirect goes out as it is', get('/auth/see-other'), 303, (answer) =>
    expect(values(answer, 'location')).toEqual(['https://app.example/cb?code=a%20b']),
  ),
  answered('204', get('/auth/empty'), 204, (answer) => expect(answer.body).toBe('')),
  answered('304', get('/auth/same'), 304, (answer) => expect(values(answer, 'etag')).toEqual(['"1"'])),
  answered('a body of more bytes than characters', get('/auth/unicode'), 200, (answer) => expect(answer.body).toBe('smørrebrød 🥪')),
  answered('no content type is invented', get('/auth/untyped'), 200, (answer) => expect(values(answer, 'content-type')).toEqual([])),
  answered('a streamed reply', get('/auth/streamed'), 200, (answer) => {
    expect(answer.body).toBe('one two three')
    expect(values(answer, 'content-type')).toEqual(['text/plain'])
  }),
  answered('a streamed reply to HEAD', { method: 'HEAD', target: '/auth/streamed' }, 200, (answer) => expect(answer.body).toBe('')),
  answered('a streamed 204', get('/auth/streamed-empty'), 204, (answer) => expect(answer.body).toBe('')),
  answered('a streamed 304', get('/auth/streamed-same'), 304, (answer) => expect(answer.body).toBe('')),
  answered('a streamed reply with a line break in a header is a fault', get('/auth/streamed-split'), 500, silent),
  answered('a stream that somebody else reads is a fault', get('/auth/streamed-locked'), 500, silent),
  ...(
    [
      ['a body', { body: 'x=1' }],
      ['a large body', { body: 'x'.repeat(300_000) }],
      ['a chunked body', { chunks: ['a=1', '&b', '=2'] }],
      ['an empty body', { body: '' }],
      ['an empty chunked body', { chunks: [] }],
      ['no body', {}],
    ] as const
  ).map(([name, sent]) =>
    answered(`${name} as a stream`, { method: 'POST', target: '/auth/relayed', ...sent }, 200, (answer) =>
      expect(answer.body).toBe('body' in sent ? sent.body : 'chunks' in sent ? sent.chunks.join('') : ''),
    ),
  ),
  answered('404', get('/auth/nowhere'), 404, (answer) => expect(JSON.parse(answer.body)).toEqual({ error: 'not_found' })),
  answered('a rejected handler is 500 and tells nothing', get('/auth/rejects'), 500, silent),
  answered('a handler that throws at once is 500 and tells nothing', get('/auth/throws'), 500, silent),
  answered('a header with a line break is a fault, not a second header', get('/auth/split'), 500, (answer) => {
    silent(answer)
    expect(values(answer, 'set-cookie')).toEqual([])
  }),
]
