import { afterEach, describe, expect, test } from 'vitest'
import { closeAll, type Sent, world, type World } from '../test/proxy-world.ts'
import type { CredentialFor } from '../credential.ts'

afterEach(closeAll)

/** An API whose process began in this second: it takes no proof from before, some times. */
async function starting(times: number): Promise<{ readonly it: World; readonly slept: number[] }> {
  const slept: number[] = []
  const it = await world({ options: { sleep: async (milliseconds) => void slept.push(milliseconds) } })
  it.answer = (request, response) => {
    if (it.seen.length > times) response.end(`fine ${request.body}`)
    else response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_dpop_proof", error_description="iat"' }).end()
  }
  return { it, slept }
}

describe('a proof that an API does not take', () => {
  test.each<[string, Sent, string]>([
    ['GET', {}, 'fine '],
    ['POST', { method: 'POST', body: 'x' }, 'fine x'],
  ])('DPOP-65 RFC 9449 §7.1: %s is sent once more with a new one, a second later', async (_name, sent, text) => {
    const { it, slept } = await starting(1)
    const answer = await it.handle(sent)
    expect([answer.status, answer.text]).toEqual([200, text])
    expect(slept).toEqual([1100])
    expect(it.asked).toHaveLength(1)
    expect(it.events).toEqual([])
  })

  test('once: then it is our fault, and no reason to sign in', async () => {
    const { it, slept } = await starting(9)
    expect((await it.handle({})).status).toBe(502)
    expect([it.seen.length, slept.length]).toEqual([2, 1])
    expect(it.events).toEqual([expect.objectContaining({ type: 'api.token_refused', error: 'invalid_dpop_proof' })])
  })

  test('a body that was not kept is not waited for', async () => {
    const { it, slept } = await starting(1)
    expect((await it.handle({ method: 'POST', body: 'x'.repeat(65_537) })).status).toBe(502)
    expect([it.seen.length, slept]).toEqual([1, []])
  })

  test('a request without a proof is not sent again', async () => {
    const slept: number[] = []
    const it = await world({ route: { anonymous: 'pass' }, options: { sleep: async (milliseconds) => void slept.push(milliseconds) } })
    it.answer = (_request, response) => response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_dpop_proof"' }).end()
    expect((await it.handle({ headers: { cookie: [] } })).status).toBe(502)
    expect([it.seen.length, slept]).toEqual([1, []])
  })

  test('nothing is sent for somebody who has gone meanwhile', async () => {
    const client = new AbortController()
    const it = await world({ options: { sleep: async () => client.abort() } })
    it.answer = (_request, response) => response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_dpop_proof"' }).end()
    expect((await it.handle({ signal: client.signal })).status).toBe(502)
    expect(it.seen).toHaveLength(1)
  })
})

describe('the cookies of a session that was renewed on the way', () => {
  /** Renewed at once, and refused when it is asked for anew. */
  const seam: CredentialFor = async (_request, _api, renew) =>
    renew
      ? { kind: 'refused', reply: { status: 503, headers: { 'set-cookie': ['session=newest'] }, body: '' } }
      : { kind: 'credential', setCookie: ['session=newer'], credential: { headers: async () => ({}), learn: () => false } }

  test('BFF-05: reach the browser also where its request is malformed', async () => {
    const it = await world({ credentialFor: seam })
    const answer = await it.handle({ method: 'POST', body: 'x', headers: { 'content-type': ['text/plain', 'text/html'] } })
    expect([answer.status, answer.headers['set-cookie']]).toEqual([400, ['session=newer']])
  })

  test('BFF-05: and where there is no second token, before those of that refusal', async () => {
    const it = await world({ credentialFor: seam })
    it.answer = (_request, response) => response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_token"' }).end()
    const answer = await it.handle({})
    expect([answer.status, answer.headers['set-cookie']]).toEqual([503, ['session=newer', 'session=newest']])
  })
})

test.each<[string, Sent]>([
  ['without a session', { headers: { cookie: [] } }],
  ['with two content types', { headers: { 'content-type': ['a/b', 'c/d'] } }],
])('BFF-47: the body of a request %s is given back, and not left open', async (_name, sent) => {
  const given = Promise.withResolvers<string>()
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => given.resolve('given back'),
  })
  const it = await world()
  expect((await it.handle({ ...sent, method: 'POST', stream })).status).toBeLessThan(402)
  expect(await Promise.race([given.promise, new Promise((resolve) => setImmediate(resolve, 'left open'))])).toBe('given back')
})
