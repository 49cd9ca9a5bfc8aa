import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Authority, CLIENT } from '../../../../test/certificates.ts'
import { type Answer, Application, basic, KEY, told } from '../test/application.ts'
import { type Held, MutualTls, selfSigned, SUBJECT, tlsClient } from '../test/mutual-tls.ts'
import { client, publicClient, SECRET, startServer } from '../test/server.ts'
import type { Client } from '../index.ts'

const WEB = tlsClient()
const OTHER = tlsClient({ clientId: 'other', tlsClientAuth: { kind: 'san_dns', value: 'other.example' } })
const BASIC = client({ clientId: 'basic' })
const ASSERTING = client({
  clientId: 'asserting',
  tokenEndpointAuthMethod: 'private_key_jwt',
  secrets: [],
  jwks: { keys: [{ ...KEY.publicJwk }] },
})
const PUBLIC = publicClient()
let own: Held
let listed: Held
let tls: MutualTls
let web: Held

beforeAll(async () => {
  own = await selfSigned({ subject: SUBJECT })
  listed = await selfSigned({ subject: [{ CN: ['second'] }] })
  const unsigned = client({
    clientId: 'self',
    tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
    secrets: [],
    jwks: { keys: [{ kty: 'RSA' }, own.jwk, listed.jwk] },
  })
  tls = await MutualTls.open(await startServer([WEB, OTHER, BASIC, ASSERTING, PUBLIC, unsigned], { mutualTls: {} }))
  web = await tls.held()
})
afterAll(() => tls.close())

/** Whether a client is authenticated: revocation answers 200 to every client that is. */
const ask = (one: Client, held: Held | undefined, sent: Parameters<Application['post']>[2] = {}): Promise<Answer> =>
  tls.application(one, held, { assertion: KEY }).post('/revoke', { token: 'unknown' }, sent)

const REFUSED = '401 invalid_client'

describe('tls_client_auth (RFC 8705 §2.1)', () => {
  it.each(['/token', '/par', '/revoke'])(
    'MTLS-01 MTLS-05 MTLS-06 RFC 8705 §2: authenticates at %s, and nobody without a certificate',
    async (path) => {
      const grant = { grant_type: 'refresh_token', refresh_token: 'unknown', token: 'unknown' }
      expect(told(await tls.application(WEB, web).post(path, grant))).not.toBe(REFUSED)
      expect(told(await tls.application(WEB, undefined).post(path, grant))).toBe(REFUSED)
    },
  )
  it('MTLS-03 MTLS-06 RFC 8705 §2: another name, another authority, a chain of one’s own: invalid_client, and nobody is told why', async () => {
    const elsewhere = await Authority.create('Issuer of clients')
    const answers = [
      await ask(WEB, undefined),
      await ask(WEB, await tls.held({ subject: [{ C: ['US'] }, { O: ['Example'] }, { CN: ['web2'] }] })),
      await ask(WEB, await tls.held({ subject: SUBJECT.toReversed() })),
      await ask(WEB, await elsewhere.issue({ subject: SUBJECT, purposes: [CLIENT] })),
      await ask(WEB, own),
      await ask(WEB, await tls.held({ notAfter: new Date(Date.now() - 1000) })),
      await ask({ ...WEB, clientId: 'nobody' }, web),
    ]
    expect(answers.map(told)).toEqual(answers.map(() => REFUSED))
    expect(new Set(answers.map(({ body }) => body['error_description'])).size).toBe(1)
  })
  it('A32 CVE-2023-2422 a valid certificate is its own client’s alone', async () => {
    const other = await tls.held({ subject: [{ CN: ['web.example'] }], names: [{ type: 'dns', value: 'other.example' }] })
    expect(told(await ask(OTHER, other))).toBe('200')
    expect([told(await ask(WEB, other)), told(await ask(OTHER, web))]).toEqual([REFUSED, REFUSED])
  })
  it('MTLS-13 RFC 8705 §2.1: a renewed certificate of the same name needs no new registration', async () => {
    const renewed = await tls.held()
    expect(renewed.thumbprint).not.toBe(web.thumbprint)
    expect(told(await ask(WEB, renewed))).toBe('200')
  })
  it('MTLS-33 RFC 9700 §4.13: a Client-Cert header is no certificate', async () => {
    for (const held of [undefined, own]) expect(told(await ask(WEB, held, { headers: { 'client-cert': web.header } }))).toBe(REFUSED)
  })
  it('MTLS-02 RFC 8705 §2: without client_id nobody is named, whatever the certificate says', async () => {
    expect(told(await ask(WEB, web, { credentials: { parameters: {} } }))).toBe(REFUSED)
  })
  it('MTLS-04 CAUTH-01 RFC 8705 §2: the certificate of a client of another method proves nothing', async () => {
    for (const one of [BASIC, ASSERTING])
      expect(told(await ask(one, web, { credentials: { parameters: { client_id: one.clientId } } }))).toBe(REFUSED)
    expect(told(await ask(PUBLIC, web))).toBe('200')
  })
  it('CAUTH-02 a certificate beside a secret or an assertion is no second method; its connection may bind tokens', async () => {
    expect([told(await ask(BASIC, web)), told(await ask(ASSERTING, web))]).toEqual(['200', '200'])
  })
  it('CAUTH-01 CAUTH-03 a secret does not stand in for the certificate', async () => {
    const secret = { client_id: 'web', client_secret: SECRET }
    expect(told(await ask(WEB, web, { credentials: { parameters: secret } }))).toBe(REFUSED)
    const other = { headers: { authorization: basic('basic', SECRET) }, parameters: { client_id: 'web' } }
    expect(told(await ask(WEB, web, { credentials: other }))).toBe(REFUSED)
  })
  it('the operator’s log says what the certificate has and what was expected', async () => {
    await ask(WEB, await tls.held({ subject: [{ CN: ['web3'] }] }))
    expect(tls.as.logged.join('\n')).toContain('another name than subject_dn CN=web,O=Example,C=US')
  })
})

describe('self_signed_tls_client_auth (RFC 8705 §2.2)', () => {
  const SELF = client({ clientId: 'self', tokenEndpointAuthMethod: 'self_signed_tls_client_auth' })

  it('MTLS-14 MTLS-17 RFC 8705 §2.2: the certificates that it registered, each of them, without a chain', async () => {
    expect([told(await ask(SELF, own)), told(await ask(SELF, listed))]).toEqual(['200', '200'])
  })
  it('MTLS-14 RFC 8705 §2.2: no other, be it of the same name, the same key, or of a trusted authority', async () => {
    const { createPrivateKey, webcrypto } = await import('node:crypto')
    const pkcs8 = createPrivateKey(own.key).export({ type: 'pkcs8', format: 'der' })
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const { kty, crv, x, y } = own.jwk as { kty: string; crv: string; x: string; y: string }
    const keys = {
      privateKey: await webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, true, ['sign']),
      publicKey: await webcrypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify']),
    }
    for (const held of [await selfSigned({ subject: SUBJECT }), await selfSigned({ subject: SUBJECT, keys }), web, undefined])
      expect(told(await ask(SELF, held))).toBe(REFUSED)
  })
  it('MTLS-04 a registered certificate is no name for tls_client_auth, nor the other way round', async () => {
    expect([told(await ask(WEB, own)), told(await ask(SELF, web))]).toEqual([REFUSED, REFUSED])
  })
})

describe('a server without mutual TLS', () => {
  it('MTLS-25 takes no certificate for a client, and does not say that it would', async () => {
    const plain = await MutualTls.open(await startServer([WEB]))
    const known = plain.application(WEB, await plain.held())
    expect(told(await known.post('/revoke', { token: 'unknown' }))).toBe(REFUSED)
    const { body } = await new Application(plain.as, WEB).send('https://as.example/.well-known/openid-configuration', {})
    expect(body['token_endpoint_auth_methods_supported']).not.toContain('tls_client_auth')
    expect(Object.keys(body).filter((name) => name.includes('tls'))).toEqual([])
    await plain.close()
  })
})
