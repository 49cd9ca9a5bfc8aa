import * as oauth from 'oauth4webapi'
import { clientCredentialsGrant, customFetch, discovery } from 'openid-client'
import { describe, expect, test } from 'vitest'
import { type Handler, json, type Reply } from '@holdfast/protocol/http'
import { Internet } from './internet.ts'

const AS = 'https://as.example'
const to = (location: string, status: number): Reply => ({ status, headers: { location }, body: '' })

const as: Handler = async (request) => {
  const bytes = await request.body(100)
  if (request.path === '/.well-known/openid-configuration') return json(200, { issuer: AS, token_endpoint: `${AS}/token` })
  if (request.path === '/token') return json(200, { access_token: 'at', token_type: 'Bearer', expires_in: 60 })
  if (request.path === '/throw') throw new Error('bug')
  if (request.path === '/elsewhere') return to('https://app.example/echo', Number(request.query))
  if (request.path === '/loop') return to('/loop', 302)
  if (request.path === '/cookies') return { status: 200, headers: { 'set-cookie': ['a=1', 'b=2'] }, body: '' }
  return json(200, {
    method: request.method,
    path: request.path,
    query: request.query,
    from: request.clientAddress,
    dpop: request.headers('dpop'),
    authorization: request.headers('authorization'),
    type: request.headers('content-type'),
    body: bytes === 'too_large' ? bytes : new TextDecoder().decode(bytes),
  })
}

const net = (): Internet => new Internet().host(AS, as).host('https://app.example', as)

test('a request goes to its origin, whole', async () => {
  const answer = await net().fetch(`${AS}/echo/a%2Fb?x=%20#frag`, {
    method: 'POST',
    body: new URLSearchParams({ a: '1 2' }),
    headers: { DPoP: 'p' },
  })
  expect(answer.url).toBe(`${AS}/echo/a%2Fb?x=%20#frag`)
  expect(await answer.json()).toEqual({
    method: 'POST',
    path: '/echo/a%2Fb',
    query: 'x=%20',
    from: '192.0.2.1',
    dpop: ['p'],
    authorization: [],
    type: ['application/x-www-form-urlencoded;charset=UTF-8'],
    body: 'a=1+2',
  })
})

test('another port, scheme or sub-domain is another host', async () => {
  for (const url of ['https://as.example:8443/', 'http://as.example/', 'https://a.as.example/'])
    await expect(net().fetch(url)).rejects.toThrow(TypeError)
})

test('a host that was cut is a network error', async () => {
  const internet = net()
  internet.cut(AS)
  await expect(internet.fetch(AS)).rejects.toThrow('fetch failed')
  expect(internet.traffic).toEqual([])
})

test('an origin is no more than an origin', () => {
  expect(() => new Internet().host('https://as.example/', as)).toThrow(TypeError)
})

test('header lines can be repeated by hand', async () => {
  const reply = await net().send(`${AS}/echo`, {
    headers: [
      ['DPoP', 'a'],
      ['dpop', 'b'],
    ],
    from: '203.0.113.5',
  })
  expect(JSON.parse(reply.body)).toMatchObject({ dpop: ['a', 'b'], from: '203.0.113.5' })
})

test('a body over the handler’s limit is too large', async () => {
  expect(JSON.parse((await net().send(`${AS}/echo`, { method: 'POST', body: 'x'.repeat(101) })).body)).toMatchObject({ body: 'too_large' })
})

test('what a handler throws is 500 and remembered', async () => {
  const internet = net()
  expect((await internet.fetch(`${AS}/throw`)).status).toBe(500)
  expect(String(internet.faults[0])).toContain('bug')
})

test('several set-cookie stay several', async () => {
  expect((await net().fetch(`${AS}/cookies`)).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

test('traffic is recorded as it went', async () => {
  const internet = net()
  await internet.fetch(`${AS}/echo`, { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } })
  expect(internet.traffic).toMatchObject([
    { method: 'POST', url: `${AS}/echo`, requestBody: 'a=1', status: 200, responseBody: expect.stringContaining('"POST"') },
  ])
})

test('an aborted request rejects', async () => {
  await expect(net().fetch(`${AS}/echo`, { signal: AbortSignal.abort() })).rejects.toThrow()
})

describe('redirects', () => {
  test.each([
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'a=1'],
    [308, 'POST', 'a=1'],
  ])('%s sends a POST on as %s, without Authorization to another origin', async (status, method, body) => {
    const answer = await net().fetch(`${AS}/elsewhere?${status}`, { method: 'POST', body: 'a=1', headers: { authorization: 'Bearer t' } })
    expect(answer).toMatchObject({ redirected: true, url: 'https://app.example/echo' })
    expect(await answer.json()).toMatchObject({ method, body, authorization: [] })
  })

  test('are seen by hand, or refused', async () => {
    const answer = await net().fetch(`${AS}/elsewhere?302`, { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://app.example/echo'])
    await expect(net().fetch(`${AS}/elsewhere?302`, { redirect: 'error' })).rejects.toThrow(TypeError)
    await expect(net().fetch(`${AS}/loop`)).rejects.toThrow(TypeError)
  })
})

test('openid-client and oauth4webapi speak through it', async () => {
  const internet = net()
  const config = await discovery(new URL(AS), 'c', 's', undefined, { [customFetch]: internet.fetch })
  expect(await clientCredentialsGrant(config)).toMatchObject({ access_token: 'at' })
  const client = { client_id: 'c' }
  const response = await oauth.clientCredentialsGrantRequest(
    { issuer: AS, token_endpoint: `${AS}/token` },
    client,
    oauth.ClientSecretPost('s'),
    {},
    { [oauth.customFetch]: internet.fetch },
  )
  expect(await oauth.processClientCredentialsResponse({ issuer: AS }, client, response)).toMatchObject({ access_token: 'at' })
  expect(internet.traffic.map(({ url }) => url)).toEqual([`${AS}/.well-known/openid-configuration`, `${AS}/token`, `${AS}/token`])
})
