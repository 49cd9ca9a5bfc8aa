import { describe, expect, test } from 'vitest'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { Browser } from './browser.ts'
import { TestClock } from './clock.ts'
import { Internet } from './internet.ts'

const AS = 'https://as.example'
const APP = 'https://app.test'

function net(page: (request: HttpRequest) => Reply | undefined): { readonly internet: Internet; readonly browser: Browser } {
  const handler = async (request: HttpRequest): Promise<Reply> =>
    page(request) ?? { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>a page</p>' }
  const internet = new Internet().host(AS, handler).host(APP, handler)
  return { internet, browser: new Browser(internet, { clock: new TestClock() }) }
}

describe('a script’s fetch', () => {
  const api =
    (headers: Reply['headers'], preflight = headers) =>
    (request: HttpRequest): Reply | undefined =>
      request.path === '/api'
        ? {
            status: 200,
            headers: request.method === 'OPTIONS' ? preflight : { ...headers, 'set-cookie': 'x=1; Path=/; SameSite=None; Secure' },
            body: request.headers('cookie').join(),
          }
        : undefined

  test('to its own origin brings cookies and needs no CORS', async () => {
    const { browser, internet } = net(api({}))
    await browser.goto(`${AS}/x`)
    await browser.fetch('/api')
    expect(await (await browser.fetch('/api', { method: 'POST', headers: { 'X-CSRF': '1' } })).text()).toBe('x=1')
    expect(internet.traffic.at(-1)).toMatchObject({ method: 'POST' })
    expect(internet.traffic.at(-1)?.requestHeaders).toContainEqual(['Sec-Fetch-Site', 'same-origin'])
    expect(internet.traffic.at(-1)?.requestHeaders).toContainEqual(['Origin', AS])
  })

  test.each([
    ['no CORS at all', {}, {}, {}, false],
    ['any origin', { 'access-control-allow-origin': '*' }, {}, {}, true],
    ['any origin, with cookies', { 'access-control-allow-origin': '*' }, {}, { credentials: 'include' }, false],
    [
      'this origin, with cookies',
      { 'access-control-allow-origin': APP, 'access-control-allow-credentials': 'true' },
      {},
      { credentials: 'include' },
      true,
    ],
    [
      'a header that is not allowed',
      { 'access-control-allow-origin': '*' },
      { 'access-control-allow-origin': '*' },
      { headers: { dpop: 'x' } },
      false,
    ],
    [
      'a header that is',
      { 'access-control-allow-origin': '*' },
      { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'Authorization, DPoP' },
      { headers: { dpop: 'x' } },
      true,
    ],
    [
      'Authorization is not *',
      { 'access-control-allow-origin': '*' },
      { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' },
      { headers: { authorization: 'x' } },
      false,
    ],
    [
      'a method that is not allowed',
      { 'access-control-allow-origin': '*' },
      { 'access-control-allow-origin': '*' },
      { method: 'DELETE' },
      false,
    ],
  ] as const)('to another origin: %s', async (_name, headers, preflight, init, allowed) => {
    const { browser } = net(api(headers, preflight))
    await browser.goto(`${APP}/x`)
    const fetched = browser.fetch(`${AS}/api`, init as RequestInit)
    if (allowed) await expect(fetched).resolves.toMatchObject({ status: 200 })
    else await expect(fetched).rejects.toThrow(TypeError)
  })
})
