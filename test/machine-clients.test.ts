import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Records, serverKinds } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { compactDecrypt, exportJWK, generateKeyPair } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MACHINE, PAYMENTS_API, resourceServer } from '../packages/server/src/test/resource-server.ts'
import { ACCOUNTS_API, API, ISSUER, RealClock, SECRET, startServer, type TestServer } from '../packages/server/src/test/server.ts'

/** Machines whose programs nobody here wrote: a client that acts for itself, and an API that asks about its token. */
const folder = mkdtempSync(join(tmpdir(), 'holdfast-machines-'))
afterAll(() => rmSync(folder, { recursive: true }))

const engines: readonly [string, () => Promise<OpenStore<Records>>][] = [
  ['memory', () => Promise.resolve(openMemoryStore(serverKinds))],
  ['sqlite', () => openSqliteStore({ path: join(folder, 'store.db'), kinds: serverKinds })],
]

describe.each(engines)('on %s', (_name, open) => {
  let as: TestServer
  let store: OpenStore<Records>
  let metadata: oauth.AuthorizationServer
  let decrypt: oauth.JweDecryptFunction
  const robot: oauth.Client = { client_id: 'robot' }
  const secret = oauth.ClientSecretBasic(SECRET)
  const web = (): { readonly [oauth.customFetch]: (url: string, init: unknown) => Promise<Response> } => ({
    [oauth.customFetch]: (url, init) => as.fetch(url, init as RequestInit),
  })

  beforeAll(async () => {
    const pair = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true })
    decrypt = async (jwe) => new TextDecoder().decode((await compactDecrypt(jwe, pair.privateKey)).plaintext)
    store = await open()
    const sealed = resourceServer({
      clientId: 'sealed-api',
      introspectionEncryptedResponse: { alg: 'ECDH-ES', enc: 'A256GCM' },
      jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), use: 'enc' }] },
    })
    as = await startServer([MACHINE, resourceServer(), sealed], {
      store,
      clock: new RealClock(),
      resources: [{ ...ACCOUNTS_API, accessTokenFormat: 'opaque' }, PAYMENTS_API],
    })
    const issuer = new URL(ISSUER)
    metadata = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...web(), algorithm: 'oauth2' }))
  })
  afterAll(async () => {
    await as.server.close()
    await store.close()
  })

  async function token(scope: string, DPoP?: oauth.DPoPHandle): Promise<oauth.TokenEndpointResponse> {
    const ask = (): Promise<Response> =>
      oauth.clientCredentialsGrantRequest(metadata, robot, secret, { scope }, { ...web(), ...(DPoP === undefined ? {} : { DPoP }) })
    try {
      return await oauth.processClientCredentialsResponse(metadata, robot, await ask())
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error
      return oauth.processClientCredentialsResponse(metadata, robot, await ask())
    }
  }

  async function introspected(of: string, client: oauth.Client, jwt: boolean): Promise<oauth.IntrospectionResponse> {
    const response = await oauth.introspectionRequest(metadata, client, secret, of, { ...web(), requestJwtResponse: jwt })
    return oauth.processIntrospectionResponse(metadata, client, response, { [oauth.jweDecrypt]: decrypt })
  }

  const api: oauth.Client = { client_id: 'accounts-api', introspection_signed_response_alg: 'ES256' }
  const sealedApi: oauth.Client = { client_id: 'sealed-api', introspection_signed_response_alg: 'ES256' }

  test.each<[string, oauth.Client, boolean]>([
    ['JSON', api, false],
    ['a signed answer', api, true],
    ['a signed and encrypted answer', sealedApi, true],
  ])('OA-56 INT-07 JIN-02 JIN-04 an opaque token, told to its API as %s, and revoked', async (_kind, caller, jwt) => {
    const { access_token: access, token_type: type } = await token('accounts:read')
    expect(type).toBe('bearer')
    expect(await introspected(access, caller, jwt)).toMatchObject({ active: true, sub: 'robot', aud: API, scope: 'accounts:read' })
    await oauth.processRevocationResponse(await oauth.revocationRequest(metadata, robot, secret, access, web()))
    expect(await introspected(access, caller, jwt)).toEqual({ active: false })
  })

  test('INT-08 DPOP-35 bound to the key of its proof', async () => {
    const DPoP = oauth.DPoP(robot, await oauth.generateKeyPair('ES256'))
    const { access_token: access, token_type: type } = await token('accounts:read', DPoP)
    expect(type).toBe('dpop')
    expect(await introspected(access, api, true)).toMatchObject({ token_type: 'DPoP', cnf: { jkt: await DPoP.calculateThumbprint() } })
  })

  test('REV-06 a JWT for another resource, revoked before its end, on the list of this store', async () => {
    const { access_token: access } = await token('payments')
    expect(access.split('.').length).toBe(3)
    await oauth.processRevocationResponse(await oauth.revocationRequest(metadata, robot, secret, access, web()))
    const { jti } = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }
    expect(await store.read('revoked_token', jti)).toBeDefined()
  })
})
