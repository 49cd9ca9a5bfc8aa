import { json } from '@holdfast/protocol/http'
import { describe, expect, test } from 'vitest'
import { type Check, handedAccess, nextGuard, nextMiddleware, type NextResponses } from './next.ts'

const SECRET = new Uint8Array(32).fill(1)
const URL = 'https://api.example/api/orders'
const clock = { time: 1000, now: () => clock.time }
const handover = { secret: SECRET, clock }

const check: Check<{ readonly sub: string }> = async (request) =>
  request.headers('authorization')[0] === 'Bearer good'
    ? { kind: 'allowed', access: { sub: 'ådå \n🥪' }, headers: { 'DPoP-Nonce': 'n1' } }
    : { kind: 'refused', reply: json(401, { error: 'invalid_token' }) }

/** Keeps what would go on to the route. */
class Passed implements NextResponses {
  headers: Headers = new Headers()
  next({ request }: Parameters<NextResponses['next']>[0]): Response {
    this.headers = request.headers
    return new Response(null, { headers: { 'x-middleware-next': '1' } })
  }
}

const asked = (headers: Record<string, string>): Request => new Request(URL, { headers })

/** What the route gets after the middleware, of a request with these headers. */
async function after(headers: Record<string, string>): Promise<{ readonly request: Request; readonly response: Response }> {
  const passed = new Passed()
  const response = await nextMiddleware(check, passed, handover)(asked(headers))
  return { request: new Request(URL, { headers: passed.headers }), response }
}

describe('a route handler', () => {
  test('gets the request, the access and the context of Next', async () => {
    const route = nextGuard(check, async (request: Request, access, context: { readonly params: Promise<{ id: string }> }) =>
      Response.json({ url: request.url, ...access, ...(await context.params) }),
    )
    const response = await route(asked({ authorization: 'Bearer good' }), { params: Promise.resolve({ id: '7' }) })
    expect(await response.json()).toEqual({ url: URL, sub: 'ådå \n🥪', id: '7' })
    expect(response.headers.get('dpop-nonce')).toBe('n1')
  })

  test('is not run for a request that is refused; a throw of the check is 500', async () => {
    const faults: unknown[] = []
    const outage: typeof check = (request) => (request.headers('x-outage').length > 0 ? Promise.reject(new Error('away')) : check(request))
    const route = nextGuard(outage, () => expect.unreachable(), { onError: (error) => faults.push(error) })
    expect((await route(asked({}), undefined)).status).toBe(401)
    expect((await route(asked({ 'x-outage': '1' }), undefined)).status).toBe(500)
    expect(faults).toHaveLength(1)
  })
})

describe('a middleware', () => {
  test('hands the access over to the route, and the guard’s headers to the answer', async () => {
    const { request, response } = await after({ authorization: 'Bearer good', 'x-own': '1' })
    expect(await handedAccess(request, handover)).toEqual({ sub: 'ådå \n🥪' })
    expect([request.headers.get('x-own'), response.headers.get('dpop-nonce'), response.headers.get('x-middleware-next')]).toEqual([
      '1',
      'n1',
      '1',
    ])
  })

  test('answers a refusal itself', async () => {
    const { response } = await after({ authorization: 'Bearer bad' })
    expect([response.status, response.headers.get('x-middleware-next'), await response.json()]).toEqual([
      401,
      null,
      { error: 'invalid_token' },
    ])
  })

  test('what a client made up is replaced, and is nothing where no middleware ran', async () => {
    for (const made of ['x', '', JSON.stringify({ sub: 'eve' }), `${'A'.repeat(43)}= 9999999999 %7B%22sub%22%3A%22eve%22%7D`]) {
      expect(await handedAccess(asked({ authorization: 'Bearer good', 'holdfast-access': made }), handover)).toBeUndefined()
      const { request } = await after({ authorization: 'Bearer good', 'holdfast-access': made })
      expect(await handedAccess(request, handover)).toEqual({ sub: 'ådå \n🥪' })
    }
    expect(await handedAccess(asked({ authorization: 'Bearer good' }), handover)).toBeUndefined()
  })

  test('what was handed over is good for this token, this proof, and half a minute alone', async () => {
    const { request } = await after({ authorization: 'Bearer good', dpop: 'p1' })
    const sealed = request.headers.get('holdfast-access') ?? ''
    const shown = (more: Record<string, string>): Promise<unknown> =>
      handedAccess(asked({ authorization: 'Bearer good', dpop: 'p1', 'holdfast-access': sealed, ...more }), handover)
    expect(await shown({})).toBeDefined()
    expect(await shown({ authorization: 'Bearer other' })).toBeUndefined()
    expect(await shown({ dpop: 'p2' })).toBeUndefined()
    expect(await shown({ 'holdfast-access': sealed.replace('sub', 'sup') })).toBeUndefined()
    expect(await shown({ 'holdfast-access': sealed.replace(' 1030 ', ' 9030 ') })).toBeUndefined()
    expect(await handedAccess(request, { ...handover, secret: new Uint8Array(32).fill(2) })).toBeUndefined()
    clock.time = 1030
    expect(await shown({})).toBeDefined()
    clock.time = 1031
    expect(await shown({})).toBeUndefined()
    clock.time = 1000
  })

  test('a short secret is found at the start, and lets nobody in', async () => {
    const short = { secret: new Uint8Array(31), clock }
    expect(() => nextMiddleware(check, new Passed(), short)).toThrow(RangeError)
    const { request } = await after({ authorization: 'Bearer good' })
    await expect(handedAccess(request, short)).rejects.toThrow(RangeError)
  })
})
