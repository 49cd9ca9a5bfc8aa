import { thumbprint } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { Application, KEY, OTHER_KEY, told } from '../test/application.ts'
import { authorizationParameters, VERIFIER } from '../test/person.ts'
import { client, ISSUER, publicClient, startServer } from '../test/server.ts'

const request = Object.fromEntries(authorizationParameters())

describe('a client at the PAR endpoint', () => {
  test('PAR-22 rfc7523bis: an assertion made out to the PAR endpoint, or to the token endpoint, is refused; to the issuer it is taken', async () => {
    const registered = client({ tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwks: { keys: [KEY.publicJwk] } })
    const application = new Application(await startServer([registered]), registered, { assertion: KEY })
    for (const aud of [`${ISSUER}/par`, `${ISSUER}/token`, [ISSUER, `${ISSUER}/par`]]) {
      expect(told(await application.post('/par', request, { credentials: { parameters: application.asserting({ aud }) } }))).toBe(
        '401 invalid_client',
      )
    }
    expect((await application.post('/par', request)).status).toBe(201)
  })

  test('PAR-23 DPOP-32 RFC 9449 §10.1: a proof on the push binds the code to its key', async () => {
    const app = publicClient()
    const as = await startServer([app])
    const owner = new Application(as, app, { dpop: KEY })
    const redirect_uri = 'http://127.0.0.1:5000/callback'
    const { body } = await owner.post('/par', { ...request, client_id: 'app', redirect_uri })
    const { location } = await owner.person.through(new URLSearchParams({ client_id: 'app', request_uri: String(body['request_uri']) }))
    const code = location?.searchParams.get('code') ?? ''
    const redeem = (who: Application): Promise<string> =>
      who.post('/token', { grant_type: 'authorization_code', code, code_verifier: VERIFIER }).then(told)
    expect(await redeem(owner.holding(OTHER_KEY))).toBe('400 invalid_grant')
    expect(await redeem(owner.holding(undefined))).toBe('400 invalid_grant')
    expect(await redeem(owner)).toBe('200')
  })

  test('DPOP-33 a dpop_jkt of another key than that of the proof is refused', async () => {
    const application = new Application(await startServer([client()]), client(), { dpop: KEY })
    expect(told(await application.post('/par', { ...request, dpop_jkt: thumbprint(OTHER_KEY.publicJwk) }))).toBe('400 invalid_request')
    expect((await application.post('/par', { ...request, dpop_jkt: thumbprint(KEY.publicJwk) })).status).toBe(201)
  })
})
