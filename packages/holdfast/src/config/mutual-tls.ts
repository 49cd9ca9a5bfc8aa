import { X509Certificate } from 'node:crypto'
import { clientCertificates } from '@holdfast/mount/node'
import type { Client } from '@holdfast/server/config'
import type { MutualTlsListener, WrittenMutualTls } from './mutual-tls-shape.ts'
import { pemOf, readTls, type Tell } from './sections.ts'

export function readMutualTls(
  written: WrittenMutualTls | undefined,
  issuer: string,
  directory: string,
  tell: Tell,
): MutualTlsListener | undefined {
  if (written === undefined) return undefined
  const { publicUrl, listen, certificate, key, proxies, proxyValidates } = written
  checkPublicUrl(publicUrl, issuer, tell)
  const authorities = written.authorities.flatMap((text, index) => readAuthority(text, directory, `mtls.authorities[${index}]`, tell))
  if (proxies.length > 0) {
    if (certificate !== undefined || key !== undefined)
      tell('mtls.proxies', 'stands beside certificate and key: either proxies end mutual TLS or this listener does')
    checkProxies(proxies, tell)
    return { publicUrl, listen, tls: undefined, authorities, proxies, proxyValidates }
  }
  if (proxyValidates) tell('mtls.proxyValidates', 'is for a listener behind proxies; name them in mtls.proxies')
  if (certificate === undefined || key === undefined) {
    tell('mtls', 'needs certificate and key, or proxies that end mutual TLS')
    return undefined
  }
  checkRoots(authorities, tell)
  const tls = readTls({ certificate, key }, directory, tell, 'mtls')
  return { publicUrl, listen, tls, authorities, proxies, proxyValidates }
}

/** RFC 8705 §5: the paths are those of the issuer, so an origin is all there is to say. */
function checkPublicUrl(publicUrl: string, issuer: string, tell: Tell): void {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined
  if (url?.protocol !== 'https:' || (publicUrl !== url.origin && publicUrl !== `${url.origin}/`))
    tell('mtls.publicUrl', 'must be an https origin without a path, such as https://mtls.id.example.com')
  else if (URL.canParse(issuer) && new URL(issuer).origin === url.origin)
    tell('mtls.publicUrl', 'must be another origin than that of the issuer: browsers would be asked for certificates there (RFC 8705 §5)')
}

function checkProxies(proxies: readonly string[], tell: Tell): void {
  for (const [index, entry] of proxies.entries()) {
    try {
      clientCertificates({ proxies: [entry] })
    } catch {
      tell(`mtls.proxies[${index}]`, 'must be an address, a range such as 10.0.0.0/8, or unix')
    }
  }
}

function readAuthority(text: string, directory: string, path: string, tell: Tell): readonly string[] {
  const pem = pemOf(text, directory, path, tell)
  if (pem === undefined) return []
  try {
    clientCertificates({ proxies: [], authorities: [pem] })
    return [pem]
  } catch {
    tell(path, 'must hold certificates of authorities, in PEM')
    return []
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** OpenSSL follows a chain to its root: an intermediate authority alone would let nobody in, and nobody would know why. */
function checkRoots(authorities: readonly string[], tell: Tell): void {
  const all = authorities.flatMap((text) => text.match(PEM) ?? []).map((pem) => new X509Certificate(pem))
  for (const one of all) {
    if (!all.some((other) => one.checkIssued(other)))
      tell('mtls.authorities', `has ${one.subject.replaceAll('\n', ', ')} without the authority above it: add its root`)
  }
}

/** A client that cannot work is a fault of the start, not of its first request. */
export function checkCertificateClients(clients: readonly Client[], mtls: MutualTlsListener | undefined, tell: Tell): void {
  for (const [index, { tokenEndpointAuthMethod: method, certificateBoundAccessTokens }] of clients.entries()) {
    const withCertificate = method === 'tls_client_auth' || method === 'self_signed_tls_client_auth'
    if (mtls === undefined && (withCertificate || certificateBoundAccessTokens))
      tell(
        `clients[${index}].${withCertificate ? 'token_endpoint_auth_method' : 'tls_client_certificate_bound_access_tokens'}`,
        'needs mutual TLS: set mtls',
      )
    else if (mtls !== undefined && method === 'tls_client_auth' && mtls.authorities.length === 0 && !mtls.proxyValidates)
      tell(`clients[${index}].token_endpoint_auth_method`, 'is tls_client_auth, and mtls.authorities names no authority of clients')
  }
}
