import { describe, expect, it } from 'vitest'
import { toFetch } from '@holdfast/mount/fetch'
import { ALIAS } from '../test/mutual-tls.ts'
import { ISSUER, startServer } from '../test/server.ts'
import type { ServerOptions } from '../index.ts'
import { ENDPOINTS } from './index.ts'

async function metadata(over: Partial<Pick<ServerOptions, 'mutualTls' | 'issuer'>>): Promise<Readonly<Record<string, unknown>>> {
  const as = await startServer([], over)
  const issuer = over.issuer ?? ISSUER
  return (await (await as.fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Readonly<Record<string, unknown>>
}

describe('metadata (RFC 8705 §3.3, §5)', () => {
  it('MTLS-25 says nothing of mutual TLS where there is none', async () => {
    const document = await metadata({})
    expect([document['mtls_endpoint_aliases'], document['tls_client_certificate_bound_access_tokens']]).toEqual([undefined, undefined])
  })
  it('MTLS-25 RFC 8705 §3.3: bound tokens and both methods; no aliases where every address asks for certificates', async () => {
    const document = await metadata({ mutualTls: {} })
    expect(document).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
    expect(document['token_endpoint_auth_methods_supported']).toEqual(
      expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
    )
    expect(document['mtls_endpoint_aliases']).toBeUndefined()
  })
  it('MTLS-30 MTLS-32 RFC 8705 §5: every endpoint that clients call has its alias, and no page has one', async () => {
    const document = await metadata({ mutualTls: { publicUrl: `${ALIAS}/` } })
    const aliases = document['mtls_endpoint_aliases'] as Readonly<Record<string, string>>
    expect(aliases).toMatchObject({
      token_endpoint: `${ALIAS}/token`,
      pushed_authorization_request_endpoint: `${ALIAS}/par`,
      revocation_endpoint: `${ALIAS}/revoke`,
      userinfo_endpoint: `${ALIAS}/userinfo`,
    })
    for (const [name, url] of Object.entries(aliases)) expect(new URL(url).pathname).toBe(new URL(String(document[name])).pathname)
    const pages = ENDPOINTS.filter(({ cors }) => cors === 'never').map(({ metadata: name }) => name)
    expect(Object.keys(aliases).filter((name) => pages.includes(name) || !name.endsWith('_endpoint'))).toEqual([])
    expect(document['issuer']).toBe(ISSUER)
  })
  it('MTLS-31 RFC 8705 §5: paths are those of the issuer', async () => {
    const document = await metadata({ issuer: 'https://as.example/tenant', mutualTls: { publicUrl: ALIAS } })
    expect(document['mtls_endpoint_aliases']).toMatchObject({ token_endpoint: `${ALIAS}/tenant/token` })
  })
})

describe('the handler for the listener of mutual TLS', () => {
  it('MTLS-31 MTLS-32 RFC 8705 §5, §6.1: answers the aliases, and shows no page to a browser', async () => {
    const { server } = await startServer([], { mutualTls: { publicUrl: ALIAS } })
    const ask = async (path: string, method = 'GET'): Promise<number> =>
      (await toFetch(server.mutualTlsHandler)(new Request(ALIAS + path, { method }))).status
    expect([await ask('/token', 'POST'), await ask('/userinfo')]).toEqual([400, 401])
    for (const path of ['/authorize', '/interaction/x', '/assets/pages.css', '/jwks', '/.well-known/openid-configuration'])
      expect([path, await ask(path)]).toEqual([path, 404])
  })
})
