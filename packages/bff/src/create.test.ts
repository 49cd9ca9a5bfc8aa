import { generateKeyPair } from '@holdfast/proof/node'
import { TestClock } from '@holdfast/testing/clock'
import { describe, expect, test } from 'vitest'
import { createBff } from './create.ts'
import type { BffOptions } from './options.ts'
import { CLIENT_JWK, optionsFor, SECRET } from './test/world.ts'

const start = (over: object): unknown => createBff({ ...optionsFor(new TestClock()), ...over })
const api = (over: object): object => ({ apis: [{ path: '/api', upstream: 'https://orders.internal', ...over }] })
const { publicJwk } = generateKeyPair('ES256')
const { alg: _, ...withoutAlg } = CLIENT_JWK

describe('a start that is refused names the option and the rule', () => {
  test.each<[object, RegExp]>([
    [{ publicUrl: 'https://shop.example/' }, /publicUrl must be an origin/],
    [{ publicUrl: 'shop.example' }, /publicUrl must be an absolute URL/],
    [{ publicUrl: 'http://shop.example' }, /publicUrl must be https/],
    [{ issuer: 'http://as.example' }, /issuer must be https/],
    [{ issuer: 'https://as.example?x' }, /issuer has no query/],
    [{ scope: 'profile' }, /scope must have openid/],
    [{ secrets: [] }, /secrets must have at least one/],
    [{ secrets: [{ id: 'x', value: 'too short' }] }, /secrets\[0\].value must have at least 32 bytes/],
    [{ secrets: [{ id: '', value: SECRET.value }] }, /secrets\[0\].id/],
    [{ secrets: [SECRET, SECRET] }, /secrets must have ids that differ/],
    [{ basePath: 'bff' }, /basePath must be a path/],
    [{ basePath: '/bff/' }, /basePath must be a path/],
    [{ basePath: '/' }, /basePath must be a path/],
    [{ home: '//evil.example' }, /home must be a path of this origin/],
    [{ home: '/bff/login' }, /home must be a path of this origin/],
    [{ lifetime: { idle: 5 } }, /lifetime.idle must be whole seconds/],
    [{ lifetime: { idle: 600, absolute: 300 } }, /lifetime.absolute/],
    [{ cookie: { name: 'session' } }, /cookie.name must begin with __Host-/],
    [{ cookie: { name: '__Host-a b' } }, /cookie.name must be 1 to 64/],
    [{ cookie: { sameSite: 'None' } }, /cookie.sameSite must be Strict or Lax/],
    [{ client: { clientId: '', privateJwk: CLIENT_JWK } }, /client.clientId is missing/],
    [{ client: { clientId: 'shop' } }, /client must have privateJwk/],
    [{ client: { clientId: 'shop', unsafeSecret: 'short' } }, /unsafeSecret of at least 32/],
    [{ client: { clientId: 'shop', privateJwk: withoutAlg } }, /client.privateJwk must have alg, one of ES256/],
    [{ client: { clientId: 'shop', privateJwk: { ...CLIENT_JWK, alg: 'RS256' } } }, /client.privateJwk must have alg/],
    [{ client: { clientId: 'shop', privateJwk: { ...CLIENT_JWK, alg: 'PS256' } } }, /client.privateJwk must be a key for PS256/],
    [{ client: { clientId: 'shop', privateJwk: { ...publicJwk, alg: 'ES256' } } }, /client.privateJwk must be a private key/],
    [api({ path: 'api' }), /apis\[0\].path must be a path/],
    [api({ path: '/api/' }), /apis\[0\].path must be a path/],
    [api({ path: '/' }), /apis\[0\].path must not overlap \/bff/],
    [api({ path: '/bff' }), /apis\[0\].path must not overlap \/bff/],
    [api({ path: '/bff/orders' }), /apis\[0\].path must not overlap \/bff/],
    [{ ...api({ path: '/a' }), basePath: '/a/bff' }, /apis\[0\].path must not overlap \/a\/bff/],
    [api({ upstream: '/orders' }), /apis\[0\].upstream must be an absolute URL/],
    [api({ resource: 'https://a.example#x' }), /apis\[0\].resource has no fragment/],
    [api({ by: 'magic' }), /apis\[0\].by must be/],
    [api({ scope: 'a"b' }), /apis\[0\].scope must be scopes/],
    [{ apis: [...((api({}) as BffOptions).apis ?? []), ...((api({}) as BffOptions).apis ?? [])] }, /apis must have paths that differ/],
    [{ session: 'cookie' }, /session is no option/],
  ])('row %#: %j', (over, message) => {
    expect(() => start(over)).toThrow(TypeError)
    expect(() => start(over)).toThrow(message)
  })

  test.each<[object, RegExp]>([
    [{ name: 'session' }, /cookie.name must begin with __Host-/],
    [{ sameSite: 'None' }, /cookie.sameSite must be Strict or Lax/],
    [{ path: '/shop' }, /cookie.path is no option/],
    [{ domain: 'example' }, /cookie.domain is no option/],
    [{ secure: false }, /cookie.secure is no option/],
  ])('BFF-24 §6.1.3.2: no option takes a cookie further from what it should be: %j', (cookie, message) => {
    expect(() => start({ cookie })).toThrow(message)
  })

  test.each<[object, string]>([
    [{ unsafeWithoutPar: true }, 'unsafeWithoutPar'],
    [{ unsafeWithoutDpop: true }, 'unsafeWithoutDpop'],
    [{ client: { clientId: 'shop', unsafeSecret: SECRET.value } }, 'client.unsafeSecret'],
    [api({ upstream: 'http://orders.internal', unsafeHttp: true }), 'apis[0].unsafeHttp'],
    [api({ unsafeUpstreamCookies: true }), 'apis[0].unsafeUpstreamCookies'],
  ])('BFF-24: what is weaker, for systems that exist, is called unsafe and told at the start: %j', (over, option) => {
    const told: unknown[] = []
    start({ onEvent: (event: unknown) => told.push(event), ...over })
    expect(told).toEqual([{ type: 'option.unsafe', option }])
  })

  test('what a key that is wrong has in it is in no message', () => {
    const privateJwk = { ...CLIENT_JWK, d: 'secret part', alg: 'ES256' }
    expect(() => start({ client: { clientId: 'shop', privateJwk } })).toThrow(/must be a key for ES256$/)
  })
})

describe('a start that is not', () => {
  test.each<[string, object]>([
    ['on https', {}],
    ['on http on localhost, at both ends', { publicUrl: 'http://localhost:3000', issuer: 'http://127.0.0.1:4000' }],
    ['below another path', { basePath: '/my/bff' }],
    ['with a cookie of another name', { cookie: { name: '__Host-shop', sameSite: 'Lax' } }],
    ['with sessions in this process', { sessions: undefined }],
    ['with a secret', { client: { clientId: 'shop', unsafeSecret: SECRET.value } }],
    [
      'with an Ed25519 key',
      { client: { clientId: 'shop', privateJwk: { ...generateKeyPair('EdDSA').privateKey.export({ format: 'jwk' }), alg: 'EdDSA' } } },
    ],
  ])('%s', (_name, over) => {
    expect(start(over)).toBeDefined()
  })

  test('BFF-20: on http on localhost cookies have neither Secure nor a prefix', async () => {
    const bff = start({ publicUrl: 'http://localhost:3000' }) as ReturnType<typeof createBff>
    const request = {
      method: 'POST',
      path: '/bff/logout',
      query: '',
      clientAddress: '',
      headers: (name: string) => (name === 'x-holdfast-csrf' ? ['1'] : []),
      body: () => Promise.resolve(new Uint8Array()),
    }
    expect((await bff.handle(request))?.headers['set-cookie']).toEqual(['holdfast-bff=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax'])
  })

  test('paths that are not its own are the application’s', async () => {
    const bff = start({}) as ReturnType<typeof createBff>
    const request = { method: 'GET', query: '', clientAddress: '', headers: () => [], body: () => Promise.resolve(new Uint8Array()) }
    for (const path of ['/', '/bff', '/bff/', '/bff/other', '/bff/login/', '/BFF/login'])
      expect(await bff.handle({ ...request, path })).toBeUndefined()
    expect(await bff.upgrade({ ...request, path: '/ws' })).toBeUndefined()
  })
})
