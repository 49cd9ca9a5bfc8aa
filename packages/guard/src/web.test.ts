import { describe, expect, test } from 'vitest'
import { createHash } from 'node:crypto'
import { createGuard as createNodeGuard } from './index.ts'
import { accessToken, type Answer, API, type Call, clientKey, issuerKey, proofFor, requestOf, START, startApi } from './test/api.ts'
import { createGuard } from './web.ts'
import { thumbprint } from '@holdfast/proof/node'

const nonceSecret = new Uint8Array(32).fill(9)
const jkt = thumbprint(clientKey.publicJwk)
const bearer = (claims = {}): Call => ({ token: accessToken({ cnf: undefined, ...claims }), scheme: 'Bearer' })

/** The same words without what is drawn by lot. */
const told = ({ status, challenges, headers, subject }: Answer): unknown => ({ status, challenges, headers, subject })

describe('by WebCrypto the answers are those of node:crypto', () => {
  const token = accessToken()
  const der = new Uint8Array([1, 2, 3])
  const x5t = createHash('sha256').update(der).digest('base64url')
  const CALLS: Readonly<Record<string, Call>> = {
    'OA-65 a bearer token': bearer(),
    'TOK-12 one that has expired': bearer({ exp: START - 60 }),
    'TOK-12 one for another API': bearer({ aud: 'https://other.example' }),
    'TOK-12 a signature that does not verify': { token: `${accessToken().split('.', 2).join('.')}.${'A'.repeat(86)}`, scheme: 'Bearer' },
    'DPOP-46 a bound token and its proof': { token, proof: proofFor(token) },
    'DPOP-49 a bound token as Bearer': { token, scheme: 'Bearer' },
    'DPOP-48 a proof by another key': { token, proof: proofFor(token, {}, {}, issuerKey) },
    'DPOP-47 a proof for another token': { token, proof: proofFor(accessToken()) },
    'DPOP-09 a proof for another address': { token, proof: proofFor(token, { htu: 'https://other.example/accounts' }) },
    'DPOP-06 a proof that was changed': { token, proof: `${proofFor(token).slice(0, -86)}${'A'.repeat(86)}` },
    'MTLS-21 a certificate that is not there': bearer({ cnf: { 'x5t#S256': x5t } }),
    'OA-71 nothing': {},
  }
  test.each(Object.entries(CALLS))('%s', async (_name, call) => {
    const [web, node] = await Promise.all([startApi({}, createGuard).call(call), startApi({}, createNodeGuard).call(call)])
    expect(told(web)).toEqual(told(node))
  })
  test('MTLS-20 the certificate of the connection', async () => {
    const request = requestOf(bearer({ cnf: { 'x5t#S256': x5t } }))
    const { guard } = startApi({}, createGuard)
    expect((await guard.check({ ...request, clientCertificate: { der, authorized: false } })).kind).toBe('allowed')
    const other = { der: new Uint8Array([1, 2, 4]), authorized: true }
    expect((await guard.check({ ...request, clientCertificate: other })).kind).toBe('refused')
  })
  test('DPOP-53 DPOP-40 nonces, of the same secret the same', async () => {
    const web = startApi({ nonceSecret }, createGuard)
    const first = await web.call({ token, proof: proofFor(token) })
    const nonce = first.headers['dpop-nonce']
    expect([first.error, nonce]).toEqual(['use_dpop_nonce', expect.any(String)])
    const next = (): Call => ({ token, proof: proofFor(token, { nonce }) })
    expect((await web.call(next())).allowed).toBe(true)
    expect((await startApi({ nonceSecret }).call(next())).allowed).toBe(true)
    expect((await web.call({ token, proof: proofFor(token, { nonce: 'made-up' }) })).error).toBe('use_dpop_nonce')
  })
  test('DPOP-16 A63 a proof comes in once, also of twenty at once', async () => {
    const api = startApi({}, createGuard)
    const call = { token, proof: proofFor(token) }
    const all = await Promise.all(Array.from({ length: 20 }, () => api.call(call)))
    expect(all.filter(({ allowed }) => allowed).length).toBe(1)
  })
  test('DPOP-48 the key is told to the route', async () => {
    const verdict = await startApi({}, createGuard).guard.check(requestOf({ token, proof: proofFor(token) }))
    expect(verdict).toMatchObject({ access: { jkt } })
  })
  test('PRM-01 the metadata', () => {
    const reply = startApi({}, createGuard).guard.metadata(requestOf({ path: '/.well-known/oauth-protected-resource/accounts' }))
    expect(JSON.parse(reply?.body ?? '')).toMatchObject({ resource: API })
  })
})
