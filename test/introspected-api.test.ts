import { createGuard, type GuardOptions } from '@holdfast/guard'
import { toFetch } from '@holdfast/mount/fetch'
import { createJwtSigner, generateKeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { Application, hashOf, KEY, OTHER_KEY, proof } from '../packages/server/src/test/application.ts'
import { machineToken, parties, type Parties } from '../packages/server/src/test/resource-server.ts'
import { API, ISSUER, SECRET } from '../packages/server/src/test/server.ts'

const key = generateKeyPair('ES256')
/** The two ways in which an API may ask: as simple as it gets, and as strict. */
const WAYS = {
  'a secret and JSON': { options: { clientSecret: SECRET }, client: {} },
  'private_key_jwt and signed answers': {
    options: { signer: createJwtSigner({ key: key.privateKey, alg: 'ES256', typ: 'client-authentication+jwt' }), signedResponse: true },
    client: { tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwks: { keys: [{ ...key.publicJwk }] } },
  },
} as const

function apiOf({ as }: Parties, options: Partial<NonNullable<GuardOptions['introspection']>>): (request: Request) => Promise<Response> {
  const guard = createGuard({
    issuer: ISSUER,
    resource: API,
    clock: as.clock,
    fetch: ((url: string, init: RequestInit) => as.fetch(url, init)) as typeof fetch,
    introspection: { clientId: 'accounts-api', cacheSeconds: 0, ...options },
  })
  return toFetch(async (request) => {
    const verdict = await guard.check(request, { scopes: ['accounts:read'] })
    return verdict.kind === 'refused' ? verdict.reply : { status: 200, headers: {}, body: verdict.access.subject }
  })
}

describe.each(Object.entries(WAYS))('an API that takes opaque tokens and asks by %s', (_name, way) => {
  test('REV-06 INT-06 lets a bearer token in, and not one moment longer than its client keeps it', async () => {
    const all = await parties('opaque', { api: way.client })
    const api = apiOf(all, way.options)
    const token = await machineToken(all.robot)
    const ask = (): Promise<Response> => api(new Request(API, { headers: { authorization: `Bearer ${token}` } }))
    expect(await (await ask()).text()).toBe('robot')
    await all.robot.post('/revoke', { token })
    expect((await ask()).status).toBe(401)
  })

  test('DPOP-48 DPOP-49 A69 lets a bound token in with a proof by its key, and to nobody who stole it', async () => {
    const all = await parties('opaque', { api: way.client })
    const api = apiOf(all, way.options)
    const token = await machineToken(new Application(all.as, all.robot.client, { dpop: KEY }))
    const ask = (scheme: string, by = KEY): Promise<Response> => {
      const dpop = proof(by, { htm: 'GET', htu: API, iat: all.as.clock.now(), ath: hashOf(token) })
      return api(new Request(API, { headers: { authorization: `${scheme} ${token}`, dpop } }))
    }
    expect((await ask('DPoP')).status).toBe(200)
    expect((await ask('Bearer')).status).toBe(401)
    expect((await ask('DPoP', OTHER_KEY)).status).toBe(401)
  })

  test('INT-06 A41 keeps a token for another API out, which the issuer would tell only to that one', async () => {
    const all = await parties('opaque', { api: way.client })
    const token = await machineToken(all.robot, { scope: 'payments' })
    const api = apiOf(all, { ...way.options, tokens: 'all' })
    expect((await api(new Request(API, { headers: { authorization: `Bearer ${token}` } }))).status).toBe(401)
  })

  test('REV-06 with tokens: all a JWT whose grant was revoked stays out too', async () => {
    const all = await parties('jwt', { api: way.client })
    const api = apiOf(all, { ...way.options, tokens: 'all' })
    const { access, refresh } = await all.web.tokens({ scope: 'openid accounts:read', resource: API })
    const ask = (): Promise<Response> => api(new Request(API, { headers: { authorization: `Bearer ${access}` } }))
    expect((await ask()).status).toBe(200)
    await all.web.post('/revoke', { token: refresh })
    expect((await ask()).status).toBe(401)
  })
})
