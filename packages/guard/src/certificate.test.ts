import { describe, expect, test } from 'vitest'
import { createHash } from 'node:crypto'
import { thumbprint } from '@holdfast/proof/node'
import type { ClientCertificate } from '@holdfast/protocol/http'
import { accessToken, API, type Answer, type Call, clientKey, proofFor, requestOf, startApi } from './test/api.ts'

/** What matters of a certificate here is its bytes. */
const shown = (text: string, authorized = false): ClientCertificate => ({ der: Buffer.from(text), authorized })
const x5t = (text: string): string => createHash('sha256').update(text).digest('base64url')
const jkt = thumbprint(clientKey.publicJwk)

type Over = Parameters<typeof startApi>[0]
async function call(over: Over, options: Call, certificate?: ClientCertificate): Promise<Answer['error']> {
  const verdict = await startApi(over).guard.check({ ...requestOf(options), clientCertificate: certificate })
  return verdict.kind === 'allowed' ? 'allowed' : (JSON.parse(verdict.reply.body) as { error?: string }).error
}

describe('a token that is bound to a certificate (RFC 8705 §3)', () => {
  const token = accessToken({ cnf: { 'x5t#S256': x5t('mine') } })
  const bearer = { token, scheme: 'Bearer' }

  test('MTLS-20 MTLS-22 RFC 8705 §3, §6.2: comes in with that certificate, whoever signed it', async () => {
    expect(await call({}, bearer, shown('mine', false))).toBe('allowed')
    expect(await call({}, bearer, shown('mine', true))).toBe('allowed')
  })
  test('MTLS-20 RFC 8705 §3: with another it is 401 invalid_token, under the scheme that was used', async () => {
    const { guard } = startApi()
    const verdict = await guard.check({ ...requestOf(bearer), clientCertificate: shown('other', true) })
    expect(verdict).toMatchObject({ kind: 'refused', reply: { status: 401 } })
    expect(verdict.kind === 'refused' && verdict.reply.headers['www-authenticate']).toEqual([
      expect.stringMatching(/^Bearer error="invalid_token"/),
    ])
  })
  test('MTLS-21 RFC 8705 §3: without one it is no bearer token', async () => {
    expect(await call({}, bearer)).toBe('invalid_token')
    expect(await call({}, { ...bearer, headers: { 'client-cert': [':bWluZQ==:'] } })).toBe('invalid_token')
  })
  test('MTLS-26 RFC 8705 §3: it is not shown as DPoP', async () => {
    expect(await call({}, { token, proof: proofFor(token) }, shown('mine'))).toBe('invalid_token')
  })
  test('what it was bound to is told to the route', async () => {
    const verdict = await startApi().guard.check({ ...requestOf(bearer), clientCertificate: shown('mine') })
    expect(verdict).toMatchObject({ access: { jkt: undefined, x5t: x5t('mine') } })
  })
  test('MTLS-19 RFC 8705 §3.2: a member that is no text binds to nothing and keeps it out', async () => {
    for (const cnf of [{ 'x5t#S256': 5 }, { 'x5t#S256': null }, { 'x5t#S256': x5t('mine'), kid: 'x' }])
      expect(await call({}, { token: accessToken({ cnf }), scheme: 'Bearer' }, shown('mine'))).toBe('invalid_token')
  })
})

describe('a token that is bound to both (MTLS-29)', () => {
  const token = accessToken({ cnf: { jkt, 'x5t#S256': x5t('mine') } })
  test('MTLS-29 RFC 8705 §3, RFC 9449 §6: needs both', async () => {
    expect(await call({}, { token, proof: proofFor(token) }, shown('mine'))).toBe('allowed')
    expect(await call({}, { token, proof: proofFor(token) }, shown('other'))).toBe('invalid_token')
    expect(await call({}, { token, proof: proofFor(token) })).toBe('invalid_token')
    expect(await call({}, { token, scheme: 'Bearer' }, shown('mine'))).toBe('invalid_token')
    expect(await call({}, { token, scheme: 'DPoP' }, shown('mine'))).toBe('invalid_dpop_proof')
  })
  test('a wrong certificate does not spend the proof', async () => {
    const { guard } = startApi()
    const request = requestOf({ token, proof: proofFor(token) })
    expect(await guard.check({ ...request, clientCertificate: shown('other') })).toMatchObject({ kind: 'refused' })
    expect(await guard.check({ ...request, clientCertificate: shown('mine') })).toMatchObject({ kind: 'allowed' })
  })
})

describe('what an API takes', () => {
  const plain = accessToken({ cnf: undefined })
  const bound = accessToken({ cnf: { 'x5t#S256': x5t('mine') } })
  const dpop = accessToken()
  test('FAPI-63 FAPI 2.0 SP §5.3.4: with bindingRequired, bound tokens of either kind and no bearer token', async () => {
    expect(await call({ bindingRequired: true }, { token: plain, scheme: 'Bearer' }, shown('mine'))).toBe('invalid_token')
    expect(await call({ bindingRequired: true }, { token: bound, scheme: 'Bearer' }, shown('mine'))).toBe('allowed')
    expect(await call({ bindingRequired: true }, { token: dpop, proof: proofFor(dpop) })).toBe('allowed')
  })
  test('DPOP-59 with dpopRequired a certificate is not enough', async () => {
    expect(await call({ dpopRequired: true }, { token: bound, scheme: 'Bearer' }, shown('mine'))).toBe('invalid_token')
  })
  test('MTLS-25 RFC 9728 §2: certificateBoundTokens is said in the metadata, and otherwise nothing', () => {
    const ask = (over: Over): unknown => {
      const reply = startApi(over).guard.metadata({
        ...requestOf({}),
        path: '/.well-known/oauth-protected-resource/accounts',
        method: 'GET',
      })
      return (JSON.parse(reply?.body ?? '{}') as Record<string, unknown>)['tls_client_certificate_bound_access_tokens']
    }
    expect([ask({ certificateBoundTokens: true }), ask({})]).toEqual([true, undefined])
  })
  test('MTLS-36 RFC 9449 §4.3: htu may name any of the origins that are configured', async () => {
    const publicUrl = ['https://api.example', 'https://mtls.api.example'] as const
    const asked = (htu: string): Promise<unknown> => call({ publicUrl }, { token: dpop, proof: proofFor(dpop, { htu }) })
    expect(await asked(API)).toBe('allowed')
    expect(await asked('https://mtls.api.example/accounts')).toBe('allowed')
    expect(await asked('https://mtls.api.example/other')).toBe('invalid_dpop_proof')
    expect(await asked('https://evil.example/accounts')).toBe('invalid_dpop_proof')
  })
})
