import { createHmac } from 'node:crypto'
import { generateKeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import type { Client } from '../../index.ts'
import { tally, times, told } from '../../test/application.ts'
import { ATTESTER, ATTESTERS, INSTANCE, type Shown, STRANGER, type Wallet, wallet } from '../../test/attested.ts'
import { authorizationParameters } from '../../test/person.ts'
import { ISSUER, SECRET } from '../../test/server.ts'

const PROVEN = '400 invalid_grant'
const REFUSED = '401 invalid_client'
const RSA = generateKeyPair('RS256')

describe('the attestation (§4, §7.1)', () => {
  type Case = [name: string, shown: (now: number) => Shown, expected: string]
  test.each<Case>([
    ['ABCA-01 ABCA-02 ABCA-03 a right one', () => ({}), PROVEN],
    ['ABCA-02 without iat, with claims nobody knows', () => ({ claims: { iat: undefined, evidence: { level: 'high' } } }), PROVEN],
    ['ABCA-02 iat 10 s ahead', (now) => ({ claims: { iat: now + 10 } }), PROVEN],
    ['ABCA-02 iat 11 s ahead', (now) => ({ claims: { iat: now + 11 } }), REFUSED],
    ['ABCA-02 no typ', () => ({ header: { typ: undefined } }), REFUSED],
    ['ABCA-02 the type of a proof', () => ({ header: { typ: 'oauth-client-attestation-pop+jwt' } }), REFUSED],
    ['ABCA-02 the type of an access token', () => ({ header: { typ: 'at+jwt' } }), REFUSED],
    ['ABCA-02 ABCA-04 another sub than client_id', () => ({ claims: { sub: 'other' } }), REFUSED],
    ['ABCA-02 no sub', () => ({ claims: { sub: undefined } }), REFUSED],
    ['ABCA-02 no exp', () => ({ claims: { exp: undefined } }), REFUSED],
    ['ABCA-02 expired now', (now) => ({ claims: { exp: now } }), REFUSED],
    ['ABCA-02 exp as text', (now) => ({ claims: { exp: String(now + 100) } }), REFUSED],
    ['ABCA-02 nbf 11 s ahead', (now) => ({ claims: { nbf: now + 11 } }), REFUSED],
    ['ABCA-02 no cnf', () => ({ claims: { cnf: undefined } }), REFUSED],
    ['ABCA-02 cnf with a thumbprint alone', () => ({ claims: { cnf: { jkt: 'x' } } }), REFUSED],
    ['ABCA-02 a private key in cnf', () => ({ claims: { cnf: { jwk: INSTANCE.privateKey.export({ format: 'jwk' }) } } }), REFUSED],
    ['ABCA-03 by a stranger', () => ({ key: STRANGER }), REFUSED],
    ['ABCA-03 by a stranger who brings the key', () => ({ key: STRANGER, header: { jwk: STRANGER.publicJwk, kid: undefined } }), REFUSED],
    ['ABCA-03 another kid', () => ({ header: { kid: 'm2' } }), REFUSED],
    ['ABCA-03 signed by its own instance key', () => ({ key: INSTANCE }), REFUSED],
    ['ABCA-02 an algorithm that is not allowed', () => ({ key: RSA }), REFUSED],
  ])('%s', async (_name, shown, expected) => {
    const one = await wallet()
    const now = one.application.as.clock.now()
    expect(told(await one.ask(one.credentials(one.attestation(shown(now)))))).toBe(expected)
  })

  test('ABCA-02 CAUTH-29 alg none, and a MAC with the public key, are refused', async () => {
    const one = await wallet()
    const [, payload = ''] = one.attestation().split('.')
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const unsigned = `${encode({ typ: 'oauth-client-attestation+jwt', alg: 'none' })}.${payload}.`
    const head = `${encode({ typ: 'oauth-client-attestation+jwt', alg: 'HS256', kid: 'm1' })}.${payload}`
    const maced = `${head}.${createHmac('sha256', JSON.stringify(ATTESTER.publicJwk)).update(head).digest('base64url')}`
    for (const attestation of [unsigned, maced, 'x', 'a.b.c', `${head}.`])
      expect(told(await one.ask(one.credentials(attestation)))).toBe(REFUSED)
  })

  test('ABCA-01 two attestations are refused', async () => {
    const one = await wallet()
    const both = { ...one.credentials().headers, 'oauth-client-attestation': `${one.attestation()}, ${one.attestation()}` }
    expect(told(await one.ask({ headers: both, parameters: { client_id: 'wallet' } }))).toBe(REFUSED)
  })

  test('ABCA-04 client_id of the form must be the sub', async () => {
    const one = await wallet()
    const { headers } = one.credentials()
    expect(told(await one.ask({ headers: headers ?? {}, parameters: { client_id: 'other' } }))).toBe(REFUSED)
    expect(told(await one.ask({ headers: headers ?? {}, parameters: {} }))).toBe(PROVEN)
  })

  test('ABCA-03 an attester speaks for the clients it was allowed, and for no other', async () => {
    const [maker] = ATTESTERS
    const one = await wallet({}, { attesters: [{ ...(maker as (typeof ATTESTERS)[0]), clients: ['other'] }] as never })
    expect(told(await one.ask(one.credentials()))).toBe(REFUSED)
  })

  test('ABCA-05 with a limit of age, an old one is use_fresh_attestation, and a young one is not', async () => {
    const one = await wallet({}, { maxAge: 60 })
    const now = one.application.as.clock.now()
    const aged = (iat: number | undefined): Promise<string> => one.ask(one.credentials(one.attestation({ claims: { iat } }))).then(told)
    expect(await aged(now - 60)).toBe(PROVEN)
    expect(await aged(now - 61)).toBe('400 use_fresh_attestation')
    expect(await aged(undefined)).toBe('400 use_fresh_attestation')
  })
})

describe('the proof (§5.1, §7.2)', () => {
  type Case = [name: string, shown: (now: number) => Shown, expected: string]
  test.each<Case>([
    ['ABCA-06 ABCA-07 a right one', () => ({}), PROVEN],
    ['ABCA-07 aud as a list of the issuer alone', () => ({ claims: { aud: [ISSUER] } }), PROVEN],
    ['ABCA-07 aud: another server', () => ({ claims: { aud: 'https://evil.example' } }), REFUSED],
    ['ABCA-07 aud: the token endpoint', () => ({ claims: { aud: `${ISSUER}/token` } }), REFUSED],
    ['ABCA-07 aud: the issuer and another', () => ({ claims: { aud: [ISSUER, 'https://evil.example'] } }), REFUSED],
    ['ABCA-06 no jti', () => ({ claims: { jti: undefined } }), REFUSED],
    ['ABCA-06 a jti of 257 characters', () => ({ claims: { jti: 'j'.repeat(257) } }), REFUSED],
    ['ABCA-06 no iat', () => ({ claims: { iat: undefined } }), REFUSED],
    ['ABCA-12 60 s old', (now) => ({ claims: { iat: now - 60 } }), PROVEN],
    ['ABCA-12 61 s old', (now) => ({ claims: { iat: now - 61 } }), REFUSED],
    ['ABCA-12 10 s ahead', (now) => ({ claims: { iat: now + 10 } }), PROVEN],
    ['ABCA-12 11 s ahead', (now) => ({ claims: { iat: now + 11 } }), REFUSED],
    ['ABCA-12 expired', (now) => ({ claims: { exp: now } }), REFUSED],
    ['ABCA-06 another typ', () => ({ header: { typ: 'dpop+jwt' } }), REFUSED],
    ['ABCA-06 by another key', () => ({ key: STRANGER }), REFUSED],
    ['ABCA-06 by another key, shown', () => ({ key: STRANGER, header: { jwk: STRANGER.publicJwk } }), REFUSED],
    ['ABCA-08 no challenge', () => ({ claims: { challenge: undefined } }), '400 use_attestation_challenge'],
    ['ABCA-08 a challenge of nobody', () => ({ claims: { challenge: 'made up' } }), '400 use_attestation_challenge'],
  ])('%s', async (_name, shown, expected) => {
    const one = await wallet()
    const now = one.application.as.clock.now()
    expect(told(await one.ask(one.credentials(undefined, one.pop(shown(now)))))).toBe(expected)
  })

  test('ABCA-06 one proof and one only: none, two, and one without an attestation are refused', async () => {
    const one = await wallet()
    const { headers = {} } = one.credentials()
    const without = (name: string): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))
    const ask = (sent: Record<string, string>): Promise<string> =>
      one.ask({ headers: sent, parameters: { client_id: 'wallet' } }).then(told)
    expect(await ask(without('oauth-client-attestation-pop'))).toBe(REFUSED)
    expect(await ask(without('oauth-client-attestation'))).toBe(REFUSED)
    expect(await ask({ ...headers, 'oauth-client-attestation-pop': `${one.pop()}, ${one.pop()}` })).toBe(REFUSED)
  })

  test('ABCA-08 ABCA-11 a refused challenge comes with a new one in the header, and that one is taken', async () => {
    const one = await wallet()
    one.application.as.clock.advance(300)
    const stale = await one.ask(one.credentials())
    expect(told(stale)).toBe('400 use_attestation_challenge')
    one.challenge = stale.headers.get('oauth-client-attestation-challenge') ?? ''
    expect(told(await one.ask(one.credentials()))).toBe(PROVEN)
  })

  test('ABCA-12 CAUTH-27 of fifty uses of one proof at once one is answered', async () => {
    const one = await wallet()
    const once = one.credentials()
    const answers = await Promise.all(times(50, () => one.ask(once)))
    expect(tally(answers)).toEqual({ [PROVEN]: 1, [REFUSED]: 49 })
  })

  test('ABCA-08 ABCA-11 with challenges off none is asked for, and there is no endpoint', async () => {
    const one = await wallet({}, { challenge: 'off' })
    expect(told(await one.ask(one.credentials()))).toBe(PROVEN)
    const there = await one.application.send(`${ISSUER}/attestation-challenge`, { method: 'POST' })
    expect(there.status).toBe(404)
  })
})

describe('combined with DPoP (§5.2, §7.3)', () => {
  const COMBINED: Partial<Client> = { tokenEndpointAuthMethod: 'attest_jwt_client_auth_dpop' }
  const made = (draft: 9 | 10 = 9, dpop = INSTANCE): Promise<Wallet> => wallet(COMBINED, { draft }, dpop)

  test('ABCA-09 the DPoP proof is the proof, and the challenge is its nonce', async () => {
    const one = await made()
    expect(told(await one.ask(one.combined()))).toBe(PROVEN)
    const fresh = await made()
    fresh.application.nonce = fresh.challenge
    const answer = await fresh.ask(fresh.combined(), fresh.application.proof('/token'))
    expect(told(answer)).toBe(PROVEN)
  })

  test('ABCA-09 without the nonce it is use_dpop_nonce with one in the header, although other requests need none', async () => {
    const one = await made()
    const answer = await one.ask(one.combined(), one.application.proof('/token'))
    expect(told(answer)).toBe('400 use_dpop_nonce')
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/)
  })

  test('ABCA-09 a proof by another key, or none, is refused', async () => {
    const another = await made(9, STRANGER)
    expect(told(await another.ask(another.combined()))).toBe(REFUSED)
    const none = await wallet(COMBINED)
    expect(told(await none.ask(none.combined()))).toBe(REFUSED)
  })

  test('ABCA-09 ABCA-10 a PoP header is refused by draft 9, and chooses the mode by draft 10', async () => {
    const ninth = await made(9)
    expect(told(await ninth.ask(ninth.credentials()))).toBe(REFUSED)
    const tenth = await made(10, STRANGER)
    expect(told(await tenth.ask(tenth.credentials()))).toBe(PROVEN)
    const other = await wallet({}, { draft: 10 }, INSTANCE)
    expect(told(await other.ask(other.combined()))).toBe(PROVEN)
    const strict = await wallet({}, { draft: 9 }, INSTANCE)
    expect(told(await strict.ask(strict.combined()))).toBe(REFUSED)
  })

  test('DPOP-16 ABCA-12 of fifty uses of one DPoP proof at once one is answered', async () => {
    const one = await made()
    one.application.nonce = one.challenge
    const dpop = one.application.proof('/token')
    const answers = await Promise.all(times(50, () => one.ask(one.combined(), dpop)))
    expect(tally(answers)).toEqual({ [PROVEN]: 1, '400 invalid_dpop_proof': 49 })
  })
})

describe('what an instance may', () => {
  async function tokens(one: Wallet): Promise<{ readonly access: string; readonly refresh: string }> {
    const code = await one.application.code()
    const answer = await one.application.redeem(code, {}, { credentials: one.credentials() })
    expect(told(answer)).toBe('200')
    return { access: String(answer.body['access_token']), refresh: String(answer.body['refresh_token']) }
  }

  test('ABCA-13 RT-12 a refresh token is worth nothing to another instance of the same client', async () => {
    const one = await wallet()
    const { refresh } = await tokens(one)
    const foreign = one.credentials(one.attestation({ instance: STRANGER }), one.pop({ key: STRANGER }))
    expect(told(await one.application.refresh(refresh, {}, { credentials: foreign }))).toBe(PROVEN)
    expect(told(await one.application.refresh(refresh, {}, { credentials: one.credentials() }))).toBe('200')
  })

  test('ABCA-14 a code whose request an instance pushed is worth nothing to another one', async () => {
    const one = await wallet()
    const parameters = Object.fromEntries(authorizationParameters({ client_id: 'wallet' }))
    const push = await one.application.post('/par', parameters, { credentials: one.credentials() })
    expect(push.status).toBe(201)
    const code = await one.application.code({ request_uri: String(push.body['request_uri']) })
    const foreign = one.credentials(one.attestation({ instance: STRANGER }), one.pop({ key: STRANGER }))
    expect(told(await one.application.redeem(code, {}, { credentials: foreign }))).toBe(PROVEN)
    expect(told(await one.application.redeem(code, {}, { credentials: one.credentials() }))).toBe('200')
  })

  test('CAUTH-01 ABCA-20 a client of another method cannot use it, and such a client no other', async () => {
    const one = await wallet()
    const secret = { parameters: { client_id: 'wallet', client_secret: SECRET } }
    expect(told(await one.ask(secret))).toBe(REFUSED)
    expect(told(await one.ask({ parameters: { client_id: 'wallet' } }))).toBe(REFUSED)
    const web = one.credentials(one.attestation({ claims: { sub: 'web' } }))
    expect(told(await one.ask({ ...web, parameters: { client_id: 'web' } }))).toBe(REFUSED)
  })

  test('CAUTH-02 beside a secret it is refused as two methods at once', async () => {
    const one = await wallet()
    const { headers = {} } = one.credentials()
    expect(told(await one.ask({ headers, parameters: { client_id: 'wallet', client_secret: SECRET } }))).toBe('400 invalid_request')
  })
})

describe('metadata (§8)', () => {
  test('ABCA-15 ABCA-11 says methods, algorithms and the challenge endpoint, and nothing where no attester is trusted', async () => {
    const one = await wallet()
    const { body } = await one.application.send(`${ISSUER}/.well-known/oauth-authorization-server`, {})
    expect(body).toMatchObject({
      challenge_endpoint: `${ISSUER}/attestation-challenge`,
      client_attestation_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256'],
      client_attestation_pop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']) as unknown,
    })
    expect(body['token_endpoint_auth_methods_supported']).toEqual(
      expect.arrayContaining(['attest_jwt_client_auth', 'attest_jwt_client_auth_dpop']),
    )
    const none = await wallet({}, { attesters: [], challenge: 'off' })
    const without = (await none.application.send(`${ISSUER}/.well-known/oauth-authorization-server`, {})).body
    expect(without['challenge_endpoint']).toBeUndefined()
    expect(without['token_endpoint_auth_methods_supported']).not.toContain('attest_jwt_client_auth')
  })
})
