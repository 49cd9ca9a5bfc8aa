import { expect, it } from 'vitest'
import { times, told } from '../test/application.ts'
import { type Held, MutualTls, selfSigned } from '../test/mutual-tls.ts'
import { Places } from '../test/places.ts'
import { client, startServer } from '../test/server.ts'

const URI = 'https://app.example/jwks'
const SELF = client({ tokenEndpointAuthMethod: 'self_signed_tls_client_auth', secrets: [], jwksUri: URI })
const REFUSED = '401 invalid_client'

interface Scene {
  readonly tls: MutualTls
  readonly places: Places
  ask(held: Held | undefined): Promise<string>
}

async function scene(...keys: readonly object[]): Promise<Scene> {
  const places = new Places().put(URI, { keys })
  const tls = await MutualTls.open(await startServer([SELF], { mutualTls: {}, outbound: places }))
  return { tls, places, ask: async (held) => told(await tls.application(SELF, held).post('/revoke', { token: 'x' })) }
}

it('MTLS-14 RFC 8705 §2.2: the certificates at jwks_uri, and no others', async () => {
  const own = await selfSigned()
  const { tls, places, ask } = await scene(own.jwk)
  expect([await ask(undefined), places.asked.length]).toEqual([REFUSED, 0])
  expect([await ask(own), await ask(await selfSigned()), places.asked.length]).toEqual(['200', REFUSED, 1])
  await tls.close()
})

it('MTLS-16 RFC 8705 §2.2: a new certificate is looked for once more, and strangers cannot hammer the host', async () => {
  const [before, after] = [await selfSigned(), await selfSigned()]
  const { tls, places, ask } = await scene(before.jwk)
  expect(await ask(before)).toBe('200')
  places.put(URI, { keys: [after.jwk] })
  tls.as.clock.advance(10)
  expect([await ask(after), await ask(before)]).toEqual(['200', REFUSED])
  const asked = places.asked.length
  const stranger = await selfSigned()
  await Promise.all(times(5, () => ask(stranger)))
  expect(places.asked.length).toBe(asked)
  await tls.close()
})

it('MTLS-15 RFC 8705 §2.2.2: a key whose certificate is of another key is unusable', async () => {
  const [own, other] = [await selfSigned(), await selfSigned()]
  const { tls, ask } = await scene({ ...own.jwk, x5c: other.jwk['x5c'] })
  expect([await ask(own), await ask(other)]).toEqual([REFUSED, REFUSED])
  await tls.close()
})

it('a host that is away is a refusal, and the log says so', async () => {
  const own = await selfSigned()
  const { tls, places, ask } = await scene(own.jwk)
  places.cut(URI)
  expect(await ask(own)).toBe(REFUSED)
  expect(tls.as.logged.join()).toContain('jwks_uri cannot be used')
  await tls.close()
})
