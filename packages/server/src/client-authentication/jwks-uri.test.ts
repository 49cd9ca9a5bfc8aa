import { generateKeyPair, type KeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import type { Client } from '../index.ts'
import { Application, KEY, OTHER_KEY, type Parameters, tally, times, told } from '../test/application.ts'
import { Places } from '../test/places.ts'
import { client, startServer } from '../test/server.ts'

const URI = 'https://app.example/jwks'
const NEW_KEY = generateKeyPair('ES256')
/** Past authentication, a token that does not exist is `400 invalid_grant`. */
const PROVEN = '400 invalid_grant'
const REFUSED = '401 invalid_client'
const jwk = (key: KeyPair, kid: string): object => ({ ...key.publicJwk, kid })

interface Scene {
  readonly one: Application
  readonly places: Places
  ask(parameters: Parameters): Promise<string>
}

async function scene(over: Partial<Client> = {}): Promise<Scene> {
  const places = new Places().put(URI, { keys: [jwk(KEY, 'k1')] })
  const registered = client({ tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwksUri: URI, ...over })
  const one = new Application(await startServer([registered], { dpopNonce: 'off', outbound: places }), registered, { assertion: KEY })
  return { one, places, ask: async (parameters) => told(await one.refresh('no such token', {}, { credentials: { parameters } })) }
}

describe('private_key_jwt with a jwks_uri', () => {
  test('CAUTH-28 FAPI-73 an assertion is verified by the keys at the registered place, which are fetched once', async () => {
    const { one, places, ask } = await scene()
    expect(await ask(one.asserting({}, { kid: 'k1' }))).toBe(PROVEN)
    expect(await ask(one.asserting())).toBe(PROVEN)
    expect(await ask(one.asserting({}, { kid: 'k1' }, OTHER_KEY))).toBe(REFUSED)
    expect(places.asked).toEqual([
      { method: 'GET', url: URI, body: undefined, wanted: { accept: 'application/jwk-set+json, application/json' } },
    ])
  })

  test('CAUTH-28 a rotated key is taken at its first use, and unknown kids cannot hammer the host', async () => {
    const { one, places, ask } = await scene()
    await ask(one.asserting())
    places.put(URI, { keys: [jwk(KEY, 'k1'), jwk(NEW_KEY, 'k2')] })
    one.as.clock.advance(10)
    expect(await ask(one.asserting({}, { kid: 'k2' }, NEW_KEY))).toBe(PROVEN)
    for (const index of times(20, (i) => i)) expect(await ask(one.asserting({}, { kid: `x${index}` }, NEW_KEY))).toBe(REFUSED)
    expect(places.asked.length).toBe(2)
  })

  test('CAUTH-28 no address in the assertion is ever fetched', async () => {
    const { one, places, ask } = await scene()
    places.put('https://evil.example/jwks', { keys: [jwk(OTHER_KEY, 'k9')] })
    for (const member of ['jku', 'x5u']) {
      expect(await ask(one.asserting({}, { [member]: 'https://evil.example/jwks', kid: 'k9' }, OTHER_KEY))).toBe(REFUSED)
      one.as.clock.advance(20)
    }
    expect(await ask(one.asserting({}, { jwk: OTHER_KEY.publicJwk }, OTHER_KEY))).toBe(REFUSED)
    expect(new Set(places.asked.map(({ url }) => url))).toEqual(new Set([URI]))
  })

  test('50 requests at once are one fetch, and all are proven', async () => {
    const { one, places } = await scene()
    const answers = await Promise.all(times(50, () => one.refresh('no such token', {}, { credentials: { parameters: one.asserting() } })))
    expect([tally(answers), places.asked.length]).toEqual([{ [PROVEN]: 50 }, 1])
  })

  test('what would be refused anyway fetches nothing: wrong aud, past exp, another type, a client nobody knows', async () => {
    const { one, places, ask } = await scene()
    const wrong: readonly Parameters[] = [
      one.asserting({ aud: 'https://evil.example' }),
      one.asserting({ exp: 1 }),
      one.asserting({ jti: undefined }),
      one.asserting({}, { typ: 'dpop+jwt' }),
      one.asserting({ iss: 'nobody', sub: 'nobody' }),
    ]
    for (const parameters of wrong) expect(await ask(parameters)).toBe(REFUSED)
    expect(places.asked).toEqual([])
  })

  test('A51 REG-13 an outage is invalid_client like any other, the log says why, and the next try waits 10 s', async () => {
    const { one, places } = await scene()
    places.cut(URI)
    const parameters = (): Parameters => one.asserting()
    const answer = await one.refresh('no such token', {}, { credentials: { parameters: parameters() } })
    const wrongKey = await (
      await scene()
    ).one.refresh('no such token', {}, { credentials: { parameters: one.asserting({}, {}, OTHER_KEY) } })
    expect([told(answer), answer.body]).toEqual([REFUSED, wrongKey.body])
    const logged = one.as.logged.join('\n')
    expect(logged).toContain('jwks_uri cannot be used: timeout: app.example')
    expect(JSON.stringify(answer.body)).not.toContain('app.example')
    places.put(URI, { keys: [jwk(KEY, 'k1')] })
    expect(told(await one.refresh('x', {}, { credentials: { parameters: parameters() } }))).toBe(REFUSED)
    expect(places.asked.length).toBe(1)
    one.as.clock.advance(10)
    expect(told(await one.refresh('x', {}, { credentials: { parameters: parameters() } }))).toBe(PROVEN)
  })

  test('an assertion that met an outage is not burnt: it proved nothing', async () => {
    const { one, places, ask } = await scene()
    places.cut(URI)
    const parameters = one.asserting({ jti: 'once' })
    expect(await ask(parameters)).toBe(REFUSED)
    places.put(URI, { keys: [jwk(KEY, 'k1')] })
    one.as.clock.advance(10)
    expect(await ask(parameters)).toBe(PROVEN)
    expect(await ask(parameters)).toBe(REFUSED)
  })
})

test('REG-13 A51 without a port of its own the server asks by the guarded client: a jwks_uri on this machine is refused', async () => {
  const registered = client({ tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwksUri: 'https://127.0.0.1:1/jwks' })
  const one = new Application(await startServer([registered], { dpopNonce: 'off' }), registered, { assertion: KEY })
  expect(told(await one.refresh('x'))).toBe(REFUSED)
  expect(one.as.logged.join('\n')).toContain('address: 127.0.0.1 is not a public address')
  const allowed = await startServer([registered], { dpopNonce: 'off', outbound: { allow: ['127.0.0.0/8'] } })
  expect(told(await new Application(allowed, registered, { assertion: KEY }).refresh('x'))).toBe(REFUSED)
  expect(allowed.logged.join('\n')).toMatch(/connect: 127\.0\.0\.1: .*ECONNREFUSED/)
})
