import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { selfSigned } from '../../../../test/certificates.ts'
import { openGateway, type TestGateway } from '../test/gateway.ts'
import {
  bearer,
  BOUND,
  dpop,
  listen,
  type Listening,
  RESOURCE,
  seconds,
  send,
  startApi,
  startIssuer,
  tokenOf,
} from '../test/gateway-world.ts'

type Api = Awaited<ReturnType<typeof startApi>>

let issuer: Listening
let api: Api
const opened: { close(): Promise<void> }[] = []
beforeAll(async () => {
  issuer = await startIssuer()
  api = await startApi()
})
afterEach(async () => {
  api.seen.length = 0
  await Promise.all(opened.splice(0).map((one) => one.close()))
})
afterAll(async () => void (await Promise.all([api.close(), issuer.close()])))

async function open(options: Readonly<Record<string, unknown>>, by = issuer): Promise<TestGateway> {
  const gateway = await openGateway(by, { upstream: api.origin, ...options })
  opened.push(gateway)
  return gateway
}

test('DPOP-11 publicUrl and otherPublicUrls are what proofs may name, and the resource is not', async () => {
  const { origin } = await open({ publicUrl: 'https://www.example', otherPublicUrls: ['https://mtls.example'] })
  const by = async (htu: string): Promise<number> => (await send(origin, '/v1', { headers: dpop(tokenOf(issuer, BOUND), { htu }) })).status
  expect(await Promise.all(['https://www.example/v1', 'https://mtls.example/v1', RESOURCE].map(by))).toEqual([200, 200, 401])
})

test('DPOP-59 dpopRequired: a bearer token stays out, and Bearer is not offered', async () => {
  const { origin } = await open({ dpopRequired: true })
  expect((await send(origin, '/v1', { headers: [bearer(tokenOf(issuer))] })).status).toBe(401)
  expect((await send(origin, '/v1')).headers['www-authenticate']).toEqual([expect.stringMatching(/^DPoP /)])
})

test('MTLS-20 MTLS-21 MTLS-22 a token that is bound to a certificate comes in with it, as a named proxy tells it, and the API is not told', async () => {
  const [own, other] = await Promise.all([selfSigned(), selfSigned()])
  const named = await open({ clientCertificateProxies: ['127.0.0.1'], bindingRequired: true })
  const unnamed = await open({ bindingRequired: true })
  const headers = (shown: string): readonly (readonly [string, string])[] => [
    bearer(tokenOf(issuer, { cnf: { 'x5t#S256': own.thumbprint } })),
    ['Client-Cert', shown],
  ]
  expect((await send(named.origin, '/v1', { headers: headers(own.header) })).status).toBe(200)
  expect(api.of('client-cert')).toEqual([])
  expect((await send(named.origin, '/v1', { headers: headers(other.header) })).status).toBe(401)
  expect((await send(unnamed.origin, '/v1', { headers: headers(own.header) })).status).toBe(401)
  expect((await send(named.origin, '/v1', { headers: [bearer(tokenOf(issuer))] })).status).toBe(401)
})

test('X-Forwarded-For of a trusted proxy tells the client to the API, of anybody else it is dropped', async () => {
  const trusting = await open({ trustedProxies: ['127.0.0.1'] })
  const headers = [bearer(tokenOf(issuer)), ['X-Forwarded-For', '203.0.113.7, 198.51.100.2']] as const
  await send(trusting.origin, '/v1', { headers })
  expect(api.of('x-forwarded-for')).toEqual(['198.51.100.2'])
  await send((await open({})).origin, '/v1', { headers })
  expect(api.of('x-forwarded-for')).toEqual(['127.0.0.1'])
})

test('INT-06 introspection: an opaque token is asked about, as the client that the configuration names', async () => {
  const asked: (string | undefined)[] = []
  const asking = await listen((incoming, outgoing) => {
    const origin = `http://${incoming.headers.host}`
    if (incoming.url?.startsWith('/.well-known/') === true)
      return void outgoing.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/jwks`, introspection_endpoint: `${origin}/ask` }))
    asked.push(incoming.headers.authorization)
    const answer = { active: true, aud: RESOURCE, sub: 'u_eve', client_id: 'web', exp: seconds() + 60 }
    incoming.resume().on('end', () => outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(answer)))
  })
  opened.push(asking)
  const { origin } = await open({ 'introspection.clientId': 'api', 'introspection.clientSecret': 'a secret' }, asking)
  expect((await send(origin, '/v1', { headers: [bearer('opaque-and-long-enough')] })).status).toBe(200)
  expect(api.of('x-holdfast-subject')).toEqual(['u_eve'])
  expect(asked).toEqual([`Basic ${Buffer.from('api:a+secret').toString('base64')}`])
})

test('nonces of one secret are good at another guard with the same', async () => {
  const nonceSecret = createHash('sha256').update('shared').digest('base64url')
  const [one, two] = await Promise.all([open({ nonceSecret }), open({ nonceSecret })])
  const token = tokenOf(issuer, BOUND)
  const refused = await send(one.origin, '/v1', { headers: dpop(token, { htu: RESOURCE }) })
  const [nonce] = refused.headers['dpop-nonce'] ?? []
  expect((await send(two.origin, '/v1', { headers: dpop(token, { htu: RESOURCE, nonce }) })).status).toBe(200)
})
