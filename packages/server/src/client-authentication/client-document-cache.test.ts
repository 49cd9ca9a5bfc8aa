import { describe, expect, test } from 'vitest'
import { asked, CALLBACK, opened, published, reply, start, URL_OF_CLIENT } from '../test/published.ts'

describe('CIMD-06 MCP-07 how long a document is kept', () => {
  test('as long as its headers say, from a minute to an hour', async () => {
    for (const [cacheControl, kept] of [
      ['max-age=600', 600],
      ['no-store', 60],
      ['max-age=1', 60],
      ['max-age=86400', 3600],
      ['', 300],
    ] as const) {
      const registrar = await start(reply(published(), cacheControl))
      await opened(registrar)
      registrar.as.clock.advance(kept - 1)
      await opened(registrar)
      expect([cacheControl, asked(registrar)]).toEqual([cacheControl, 1])
      registrar.as.clock.advance(1)
      await opened(registrar)
      expect([cacheControl, asked(registrar)]).toEqual([cacheControl, 2])
    }
  })
  test('an error is not kept, and not asked for again for 10 s', async () => {
    const registrar = await start('broken')
    expect(await opened(registrar)).toBe(400)
    registrar.places.put(URL_OF_CLIENT, published())
    expect([await opened(registrar), asked(registrar)]).toEqual([400, 1])
    registrar.as.clock.advance(10)
    expect([await opened(registrar), asked(registrar)]).toEqual([303, 2])
  })
  test('one host is not asked more than twenty times a minute through us, whatever the paths', async () => {
    const registrar = await start()
    for (let count = 0; count < 30; count++) await opened(registrar, { client_id: `https://app.example/${count}` })
    expect(asked(registrar)).toBe(20)
    expect(await opened(registrar, { client_id: 'https://other.example/c' })).toBe(400)
    expect(asked(registrar)).toBe(21)
    registrar.as.clock.advance(60)
    registrar.places.put(URL_OF_CLIENT, published())
    expect(await opened(registrar)).toBe(303)
  })
  test('fifty browsers at once are one fetch', async () => {
    const registrar = await start(published())
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => opened(registrar))))).toEqual(new Set([303]))
    expect(asked(registrar)).toBe(1)
  })
})

describe('CIMD-07 CIMD-15 MCP-17 where its codes may go', () => {
  const mixed = published({ redirect_uris: [CALLBACK, 'https://other.example/cb', 'http://127.0.0.1:3000/cb', 'http://localhost:3000/cb'] })
  test('to its own origin and to the device, exactly as written, but for the port of loopback', async () => {
    const registrar = await start(mixed)
    for (const [uri, status] of [
      [CALLBACK, 303],
      ['http://127.0.0.1:3000/cb', 303],
      ['http://127.0.0.1:51234/cb', 303],
      ['http://localhost:3000/cb', 303],
    ] as const)
      expect([uri, await opened(registrar, { redirect_uri: uri })]).toEqual([uri, status])
    for (const uri of [
      'https://other.example/cb',
      `${CALLBACK}/`,
      'https://APP.example/cb',
      'http://127.0.0.1:3000/other',
      'http://localhost:4000/cb',
    ])
      expect([uri, await opened(registrar, { redirect_uri: uri })]).toEqual([uri, 400])
  })
  test('a client of the device alone may have any port of localhost', async () => {
    const registrar = await start(published({ redirect_uris: ['http://localhost/cb'] }))
    expect(await opened(registrar, { redirect_uri: 'http://localhost:4321/cb' })).toBe(303)
  })
  test('the operator may let documents name other origins', async () => {
    expect(await opened(await start(mixed, { redirectUris: 'any' }), { redirect_uri: 'https://other.example/cb' })).toBe(303)
  })
  test('one that names other origins alone is no client', async () => {
    expect(
      await opened(await start(published({ redirect_uris: ['https://other.example/cb'] })), { redirect_uri: 'https://other.example/cb' }),
    ).toBe(400)
  })
  test('hosts that are not allowed, hosts and single documents that are denied, are not asked', async () => {
    for (const options of [
      { allowedHosts: ['other.example', '*.app.example'] },
      { deniedHosts: ['app.example'] },
      { deniedHosts: [URL_OF_CLIENT] },
      { allowedHosts: ['app.example'], deniedHosts: ['*.example'] },
    ]) {
      const registrar = await start(published(), options)
      expect([await opened(registrar), asked(registrar)]).toEqual([400, 0])
    }
    expect(await opened(await start(published(), { allowedHosts: ['*.example'] }))).toBe(303)
  })
})
