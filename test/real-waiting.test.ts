import * as oauth from 'oauth4webapi'
import { expect, test } from 'vitest'
import { bank, openApprovals, answerApproval } from '../packages/server/src/test/backchannel.ts'
import { decide, television, typeCode } from '../packages/server/src/test/device.ts'
import { Person } from '../packages/server/src/test/person.ts'
import { ISSUER, RealClock, SECRET, startServer, type TestServer } from '../packages/server/src/test/server.ts'

/** A client that nobody here wrote asks for a device and over the backchannel. */
interface Scene {
  readonly as: TestServer
  readonly metadata: oauth.AuthorizationServer
  readonly options: { readonly [oauth.customFetch]: (url: string, options: object) => Promise<Response> }
}

async function scene(): Promise<Scene> {
  const as = await startServer([television(), bank()], { clock: new RealClock() })
  const options = { [oauth.customFetch]: (url: string, init: object): Promise<Response> => as.fetch(url, init) }
  const issuer = new URL(ISSUER)
  const metadata = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...options }))
  return { as, metadata, options }
}

test('DEV-05 DEV-26 RFC 8628: oauth4webapi connects a device with DPoP, and takes its ID token', async () => {
  const { as, metadata, options } = await scene()
  const client: oauth.Client = { client_id: 'tv' }
  const parameters = new URLSearchParams({ scope: 'openid profile' })
  const asked = await oauth.processDeviceAuthorizationResponse(
    metadata,
    client,
    await oauth.deviceAuthorizationRequest(metadata, client, oauth.None(), parameters, options),
  )
  const person = new Person(as)
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const poll = (): Promise<Response> =>
    oauth.deviceCodeGrantRequest(metadata, client, oauth.None(), asked.device_code, { ...options, DPoP })
  // Without a nonce at first; the client has learnt one then (RFC 9449 §8).
  await expect(oauth.processDeviceCodeResponse(metadata, client, await poll())).rejects.toMatchObject({ error: 'use_dpop_nonce' })
  await expect(oauth.processDeviceCodeResponse(metadata, client, await poll())).rejects.toMatchObject({ error: 'authorization_pending' })
  await decide(person, await typeCode(person, asked.user_code), 'allow')
  const tokens = await oauth.processDeviceCodeResponse(metadata, client, await poll())
  expect([tokens.token_type, oauth.getValidatedIdTokenClaims(tokens)?.sub]).toEqual(['dpop', 'u_ada'])
})

test('CIBA-03 CIBA-05 CIBA Core: oauth4webapi asks a person and takes the ID token', async () => {
  const { as, metadata, options } = await scene()
  const client: oauth.Client = { client_id: 'bank' }
  const authentication = oauth.ClientSecretBasic(SECRET)
  const parameters = new URLSearchParams({ scope: 'openid', login_hint: 'ada', binding_message: 'Till 7' })
  const asked = await oauth.processBackchannelAuthenticationResponse(
    metadata,
    client,
    await oauth.backchannelAuthenticationRequest(metadata, client, authentication, parameters, options),
  )
  const poll = (): Promise<Response> =>
    oauth.backchannelAuthenticationGrantRequest(metadata, client, authentication, asked.auth_req_id, options)
  const taken = async (): Promise<oauth.TokenEndpointResponse> =>
    oauth.processBackchannelAuthenticationGrantResponse(metadata, client, await poll())
  await expect(taken()).rejects.toMatchObject({ error: 'authorization_pending' })
  const person = new Person(as)
  await answerApproval(person, await openApprovals(person), 'allow')
  expect(oauth.getValidatedIdTokenClaims(await taken())?.sub).toBe('u_ada')
})
