import { beforeAll, describe, expect, it } from 'vitest'
import { type Held, selfSigned } from '../../../../test/certificates.ts'
import { readClient } from './read-client.ts'

const CONTEXT = { profile: 'oauth21', resources: [], grantTypes: ['authorization_code', 'refresh_token'] } as const
const BASE = { client_id: 'web', redirect_uris: ['https://app.example/cb'] }
const PKI = { ...BASE, token_endpoint_auth_method: 'tls_client_auth' }
const SELF = { ...BASE, token_endpoint_auth_method: 'self_signed_tls_client_auth' }
const DN = { tls_client_auth_subject_dn: 'CN=web,O=Example,C=US' }

const read = (metadata: object): ReturnType<typeof readClient> => readClient(metadata, CONTEXT, 'c')
const faults = (metadata: object): readonly string[] => read(metadata).faults.map(({ path, message }) => `${path} ${message}`)

let held: Held
let other: Held
beforeAll(async () => {
  held = await selfSigned()
  other = await selfSigned()
})

describe('tls_client_auth', () => {
  it.each([
    ['subject_dn', 'CN=web,O=Example\\, Inc,1.3.6.1.4.1.99999.1=x'],
    ['san_dns', 'web.example.com'],
    ['san_uri', 'spiffe://example.org/web'],
    ['san_ip', '10.0.0.1'],
    ['san_ip', '2001:db8::1'],
    ['san_email', 'web@example.com'],
  ] as const)('MTLS-07 RFC 8705 §2.1.2: one name is right: %s %s', (kind, value) => {
    const { value: client, faults: found } = read({ ...PKI, [`tls_client_auth_${kind}`]: value })
    expect(found).toEqual([])
    expect(client?.tlsClientAuth).toEqual({ kind, value })
  })
  it('MTLS-07 RFC 8705 §2.1.2: none is wrong, and two are', () => {
    expect(faults(PKI)).toEqual([expect.stringMatching(/^c\.token_endpoint_auth_method is tls_client_auth, which needs exactly one of /)])
    expect(faults({ ...PKI, ...DN, tls_client_auth_san_dns: 'web.example' })).toEqual([
      expect.stringMatching(/^c\.tls_client_auth_san_dns stands beside tls_client_auth_subject_dn/),
    ])
  })
  it('MTLS-07 a name belongs to this method alone', () => {
    expect(faults({ ...BASE, ...DN, token_endpoint_auth_method: 'none' })).toEqual([
      expect.stringMatching(/^c\.tls_client_auth_subject_dn must be absent/),
    ])
  })
  it.each([
    ['subject_dn', 'web'],
    ['subject_dn', 'CN=web,O=Example, Inc'],
    ['subject_dn', 'XX=web'],
    ['subject_dn', 'CN='],
    ['subject_dn', 'CN=web,'],
    ['subject_dn', 'CN=web\\00'],
    ['subject_dn', 'CN=#0500'],
    ['subject_dn', 'C=US\nCN=web'],
    ['san_dns', '*.example.com'],
    ['san_dns', '.example.com'],
    ['san_dns', 'web.example.com.'],
    ['san_dns', 'web example'],
    ['san_uri', '/path'],
    ['san_uri', 'urn:a b'],
    ['san_ip', '10.0.0'],
    ['san_ip', '10.0.0.256'],
    ['san_ip', '10.0.0.0/8'],
    ['san_ip', 'fe80::1%eth0'],
    ['san_ip', '2001:db8'],
    ['san_email', 'web'],
    ['san_email', '@example.com'],
    ['san_email', 'a@b@c'],
  ] as const)('MTLS-08 MTLS-09 MTLS-11 a name that cannot be compared is refused: %s %j', (kind, value) => {
    expect(faults({ ...PKI, [`tls_client_auth_${kind}`]: value })).toEqual([
      expect.stringMatching(new RegExp(`^c\\.tls_client_auth_${kind} must be`)),
    ])
  })
})

describe('self_signed_tls_client_auth', () => {
  it('MTLS-14 RFC 8705 §2.2: needs a key with its certificate', () => {
    const { x5c: _x5c, ...bare } = held.jwk
    expect(faults({ ...SELF, jwks: { keys: [held.jwk] } })).toEqual([])
    for (const jwks of [undefined, { keys: [bare] }])
      expect(faults({ ...SELF, jwks })).toEqual([expect.stringMatching(/^c\.jwks is without a certificate/)])
  })
  it('MTLS-15 RFC 8705 §2.2.2, RFC 7517 §4.7: the certificate is of the key, and is one', () => {
    const der = held.der
    const wrong: readonly unknown[] = [
      other.jwk['x5c'],
      [held.der.toString('base64url')],
      [Buffer.concat([der, der]).toString('base64')],
      [Buffer.from(held.certificate).toString('base64')],
      [held.certificate],
      held.der.toString('base64'),
      [],
      ['AAAA'],
    ]
    for (const x5c of wrong)
      expect([x5c, faults({ ...SELF, jwks: { keys: [{ ...held.jwk, x5c }] } })]).toEqual([
        x5c,
        [expect.stringMatching(/^c\.jwks\.keys\[0\]\.x5c /)],
      ])
    expect(
      faults({ ...BASE, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...held.jwk, x5c: other.jwk['x5c'] }] } }),
    ).toHaveLength(1)
  })
})

describe('profiles', () => {
  const BOUND = { tls_client_certificate_bound_access_tokens: true }
  it('FAPI-14 FAPI 2.0 SP §5.3.2.1-6: both methods are allowed under fapi2', () => {
    expect(faults({ ...PKI, ...DN, profile: 'fapi2' })).toEqual([])
    expect(faults({ ...SELF, jwks: { keys: [held.jwk] }, profile: 'fapi2' })).toEqual([])
  })
  it.each(['strong', 'fapi2'] as const)('FAPI-13 under %s tokens are bound to a DPoP key, or to a certificate, or to both', (profile) => {
    const client = (over: object): readonly unknown[] => {
      const { value } = read({ ...PKI, ...DN, profile, ...over })
      return [value?.dpopBoundAccessTokens, value?.certificateBoundAccessTokens]
    }
    expect(client({})).toEqual([true, false])
    expect(client(BOUND)).toEqual([false, true])
    expect(client({ ...BOUND, dpop_bound_access_tokens: true })).toEqual([true, true])
    expect(client({ ...BOUND, dpop_bound_access_tokens: false })).toEqual([false, true])
    expect(faults({ ...PKI, ...DN, profile, dpop_bound_access_tokens: false })).toHaveLength(1)
  })
})
