import { describe, expect, test } from 'vitest'
import type { Handler, HttpRequest, Reply } from '@holdfast/protocol/http'
import { Browser } from './browser.ts'
import { TestClock } from './clock.ts'
import { Internet } from './internet.ts'

const AS = 'https://as.example'
const APP = 'https://app.test'

const html = (body: string, headers: Reply['headers'] = {}): Reply => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
  body,
})
const to = (location: string, status = 303, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers: { location, ...headers },
  body: '',
})
const shown = async (request: HttpRequest): Promise<Reply> => {
  const body = await request.body(10_000)
  const line = (name: Lowercase<string>): string => request.headers(name).join('|')
  const seen = [request.method, request.path + (request.query && `?${request.query}`), new TextDecoder().decode(body as Uint8Array)].join(
    ' ',
  )
  return html(
    `<p id="seen">${seen.replaceAll('&', '&amp;')}</p><p id="cookie">${line('cookie')}</p><p id="origin">${line('origin')}</p><p id="referer">${line('referer')}</p><p id="site">${line('sec-fetch-site')}</p><p id="type">${line('content-type')}</p>`,
  )
}

const FORM = `<form method="post" action="/login?return=1"><input type="hidden" name="csrf" value="t&amp;k"><input id="username" name="username"><input id="password" type="password" name="password">
  <textarea id="note" name="note">\none\ntwo</textarea><select id="lang" name="lang"><option value="en">English<option selected>de</select>
  <input type="checkbox" id="remember" name="remember"><input type="radio" name="r" value="1" id="r1" checked><input type="radio" name="r" value="2" id="r2">
  <input name="off" disabled value="x"><fieldset disabled><input name="off2" value="x"></fieldset><input value="nameless">
  <button id="login-cancel" name="answer" value="no">No</button><button id="login-submit" name="answer" value="yes">Yes</button><button id="login-get" formmethod="get" formaction="/search">Get</button></form><input name="outside" value="x">`

function net(page: (request: HttpRequest) => Reply | undefined = () => undefined): {
  readonly internet: Internet
  readonly browser: Browser
  readonly clock: TestClock
} {
  const handler: Handler = async (request) => page(request) ?? (request.path === '/form' ? html(FORM) : shown(request))
  const internet = new Internet().host(AS, handler).host(APP, handler).host('https://sub.as.example', handler)
  const clock = new TestClock()
  return { internet, clock, browser: new Browser(internet, { clock }) }
}

describe('forms', () => {
  test('what a person filled in is sent as a browser sends it', async () => {
    const { browser } = net()
    await browser.goto(`${AS}/form`)
    browser.fill('#username', 'ada é').fill('#password', 'a&b').fill('#lang', 'en').check('#remember').check('#r2')
    await browser.click('#login-submit')
    expect(browser.text('#seen')).toBe(
      'POST /login?return=1 csrf=t%26k&username=ada+%C3%A9&password=a%26b&note=one%0D%0Atwo&lang=en&remember=on&r=2&answer=yes',
    )
    expect(browser.text('#type')).toBe('application/x-www-form-urlencoded')
    expect(browser.text('#origin')).toBe(AS)
  })

  test('defaults, no pressed button on Enter', async () => {
    const { browser } = net()
    await (await browser.goto(`${AS}/form`)).submit()
    expect(browser.text('#seen')).toBe('POST /login?return=1 csrf=t%26k&username=&password=&note=one%0D%0Atwo&lang=de&r=1')
  })

  test('a button may change method and action', async () => {
    const { browser } = net()
    await (await browser.goto(`${AS}/form`)).fill('#username', 'x').click('#login-get')
    expect(new URL(browser.url).pathname).toBe('/search')
    expect(new URL(browser.url).searchParams.get('username')).toBe('x')
    expect(browser.text('#origin')).toBe('')
  })

  test('what a person could not do fails', async () => {
    const { browser } = net()
    await browser.goto(`${AS}/form`)
    expect(() => browser.fill('#nothing', 'x')).toThrow('no #nothing on https://as.example/form (200)')
    expect(() => browser.fill('#lang', 'fr')).toThrow('no option fr')
    expect(() => browser.fill('#login-submit', 'x')).toThrow('nothing can be typed')
    await expect(browser.click('#username')).rejects.toThrow('neither a link nor a button')
  })
})

describe('navigation', () => {
  test.each([
    [301, 'GET /end'],
    [302, 'GET /end'],
    [303, 'GET /end'],
    [307, 'POST /end csrf'],
    [308, 'POST /end csrf'],
  ])('%s after a POST', async (status, seen) => {
    const { browser } = net((request) => (request.path === '/login' ? to('/end', status) : undefined))
    await (await browser.goto(`${AS}/form`)).submit()
    expect(browser.text('#seen')).toContain(seen)
    expect(browser.visited).toEqual([`${AS}/login?return=1`, `${AS}/end`])
  })

  test('redirects can be followed one by one', async () => {
    const { browser } = net((request) => (request.path === '/a' ? to('/b') : request.path === '/b' ? to('/c') : undefined))
    browser.follow = false
    await browser.goto(`${AS}/a`)
    expect([browser.status, browser.header('location')]).toEqual([303, '/b'])
    await browser.step()
    await browser.step()
    expect([browser.status, browser.url]).toEqual([200, `${AS}/c`])
    await expect(browser.step()).rejects.toThrow('is no redirect')
  })

  test('a redirect out of the net ends there, with its address', async () => {
    const { browser } = net((request) => (request.path === '/a' ? to('com.example.app:/cb?code=1') : undefined))
    await browser.goto(`${AS}/a`)
    expect([browser.status, browser.url]).toEqual([0, 'com.example.app:/cb?code=1'])
  })

  test('a fragment is inherited and never sent', async () => {
    const { browser, internet } = net((request) => (request.path === '/a' ? to('/b') : undefined))
    await browser.goto(`${AS}/a#x`)
    expect(browser.url).toBe(`${AS}/b#x`)
    expect(internet.traffic.some(({ url }) => url.includes('#'))).toBe(false)
  })

  test('a loop ends', async () => {
    const { browser } = net(() => to('/again'))
    await expect(browser.goto(AS)).rejects.toThrow('more than 20 redirects')
  })

  test('an address where nobody is fails', async () => {
    await expect(net().browser.goto('https://nobody.example/')).rejects.toThrow(TypeError)
  })
})

describe('headers', () => {
  const link =
    (href: string, headers: Reply['headers'] = {}) =>
    (request: HttpRequest): Reply | undefined =>
      request.path === '/link'
        ? html(`<a id="go" href="${href}">go</a><form method="post" action="${href}"><button id="post">post</button></form>`, headers)
        : request.path === '/hop'
          ? to(`${APP}/end`)
          : undefined

  test('a typed address has no initiator', async () => {
    const { browser } = net()
    await browser.goto(`${AS}/x`)
    expect([browser.text('#site'), browser.text('#origin'), browser.text('#referer')]).toEqual(['none', '', ''])
  })

  test.each([
    [`${AS}/end`, 'same-origin', `${AS}/link`],
    ['https://sub.as.example/end', 'same-site', `${AS}/`],
    [`${APP}/end`, 'cross-site', `${AS}/`],
    [`${APP}/hop`, 'cross-site', `${AS}/`],
  ])('a link to %s is %s with Referer %s', async (href, site, referer) => {
    const { browser } = net(link(href))
    await (await browser.goto(`${AS}/link`)).click('#go')
    expect([browser.text('#site'), browser.text('#referer')]).toEqual([site, referer])
  })

  test('there and back by a redirect is cross-site', async () => {
    const { browser } = net((request) => (request.path === '/back' ? to(`${AS}/end`) : link(`${APP}/back`)(request)))
    await (await browser.goto(`${AS}/link`)).click('#go')
    expect(browser.text('#site')).toBe('cross-site')
  })

  test.each([
    ['no-referrer', `${AS}/end`, 'null'],
    ['same-origin', `${APP}/end`, 'null'],
    ['same-origin', `${AS}/end`, AS],
    ['strict-origin-when-cross-origin', `${APP}/end`, AS],
  ])('under %s a form to %s comes with Origin %s', async (policy, href, origin) => {
    const { browser } = net(link(href, { 'referrer-policy': policy }))
    await (await browser.goto(`${AS}/link`)).click('#post')
    expect(browser.text('#origin')).toBe(origin)
  })

  test.each([
    ["form-action 'self'", `${APP}/end`, false],
    ["form-action 'self'", `${AS}/hop`, false],
    [`default-src 'none'; form-action 'self' ${APP}`, `${AS}/hop`, true],
    ["form-action 'none'", `${AS}/end`, false],
    ["default-src 'none'", `${APP}/end`, true],
    ['form-action https:', `${APP}/end`, true],
  ])('%s on a form to %s: %s', async (policy, href, allowed) => {
    const { browser } = net(link(href, { 'content-security-policy': policy }))
    const pressed = (await browser.goto(`${AS}/link`)).click('#post')
    if (allowed) await expect(pressed).resolves.toMatchObject({ status: 200 })
    else await expect(pressed).rejects.toThrow('form-action')
  })

  test('what a third origin redirected comes with Origin null', async () => {
    const { browser } = net((request) =>
      request.path === '/one'
        ? to(`${APP}/two`, 307)
        : request.path === '/two'
          ? to('https://sub.as.example/end', 307)
          : link('/one')(request),
    )
    await (await browser.goto(`${AS}/link`)).click('#post')
    expect([browser.text('#origin'), browser.url]).toEqual(['null', 'https://sub.as.example/end'])
  })

  test('one redirect from the own origin keeps it', async () => {
    const { browser } = net((request) => (request.path === '/one' ? to(`${APP}/end`, 307) : link('/one')(request)))
    await (await browser.goto(`${AS}/link`)).click('#post')
    expect(browser.text('#origin')).toBe(AS)
  })
})

describe('cookies', () => {
  const set = (request: HttpRequest): Reply | undefined =>
    request.path === '/set'
      ? to('/end', 303, {
          'set-cookie': ['s=1; SameSite=Strict; Path=/', 'l=1; Path=/; Max-Age=60', '__Host-n=1; SameSite=None; Secure; HttpOnly; Path=/'],
        })
      : request.path === '/link'
        ? html(`<a id="go" href="${AS}/end">go</a><form method="post" action="${AS}/end"><button id="post">post</button></form>`)
        : undefined

  test('are kept, also from a redirect, and end by the clock', async () => {
    const { browser, clock } = net(set)
    await browser.goto(`${AS}/set`)
    expect(browser.text('#cookie')).toBe('s=1; l=1; __Host-n=1')
    clock.advance(60)
    await browser.goto(`${AS}/end`)
    expect(browser.text('#cookie')).toBe('s=1; __Host-n=1')
    await browser.goto(`${APP}/end`)
    expect(browser.text('#cookie')).toBe('')
  })

  test('SameSite: a link from another site brings Lax and None, a form None alone', async () => {
    const { browser } = net(set)
    await browser.goto(`${AS}/set`)
    await (await browser.goto(`${APP}/link`)).click('#go')
    expect(browser.text('#cookie')).toBe('l=1; __Host-n=1')
    await (await browser.goto(`${APP}/link`)).click('#post')
    expect(browser.text('#cookie')).toBe('__Host-n=1')
  })
})
