import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '@holdfast/protocol/http'
import { peerIn, type TrustedProxies } from './client-address.ts'

/** Proxies that end mutual TLS for this listener, and how far their word goes. */
export interface ClientCertificateProxies {
  /**
   * Addresses, ranges, `unix`. Each must overwrite or remove every `Client-Cert` that a client sends, on every
   * host it forwards from: whoever reaches this listener through it could otherwise name any certificate (RFC 9440 §4).
   */
  readonly proxies: TrustedProxies
  /**
   * PEM of the authorities that clients' certificates come from. One that a proxy names is authorized when one of
   * these issued it itself: an intermediate authority is listed here, it is not looked for. @default none
   */
  readonly authorities?: readonly string[]
  /** The proxies let through only certificates that they validated, so each is authorized on their word. @default false */
  readonly proxyValidates?: boolean
}

/** From a connection, and the lines of `Client-Cert`, to the client's certificate. */
export type CertificateOf = (socket: Socket | undefined, header: () => readonly string[]) => ClientCertificate | undefined

/**
 * A proxy that is named speaks for its clients by the header alone: its own certificate, when it shows one, is not
 * theirs. Everybody else is believed by the handshake alone, whatever headers they send (RFC 9700 §4.13).
 *
 * @throws {TypeError} an entry is neither an address nor a range, or an authority is no certificate of an authority
 */
export function clientCertificates(from?: ClientCertificateProxies): CertificateOf {
  if (from === undefined) return (socket) => ofHandshake(socket)
  const isProxy = peerIn(from.proxies)
  const authorities = (from.authorities ?? []).flatMap(authoritiesIn)
  const authorized =
    from.proxyValidates === true ? isCurrent : (certificate: X509Certificate): boolean => isIssuedByOneOf(certificate, authorities)
  return (socket, header) => {
    // A connection that is gone has no address, as a Unix socket has none.
    if (socket === undefined || socket.destroyed) return undefined
    return isProxy(socket.remoteAddress) ? ofHeader(header(), authorized) : ofHandshake(socket)
  }
}

/** The client's certificate of a request of `node:http`, for code that is mounted through `fetch` or Hono on Node. */
export function clientCertificateOf(incoming: IncomingMessage, certificates: CertificateOf = ofHandshake): ClientCertificate | undefined {
  return certificates(incoming.socket, () => incoming.headersDistinct['client-cert'] ?? [])
}

/** One object a connection, however many requests come over it. */
const known: WeakMap<TLSSocket, ClientCertificate> = new WeakMap()

/** TLS itself proved that the client holds the key (RFC 8446 §4.4.3); OpenSSL validated the chain. */
function ofHandshake(socket: Socket | undefined): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const before = known.get(socket)
  if (before !== undefined) return before
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const valid = socket.authorized
  const made = certificateFrom(certificate, () => valid && isCurrent(certificate))
  known.set(socket, made)
  return made
}

/** RFC 8941 §3.3.5: a byte sequence, without parameters. Twice as much as a certificate of RSA 4096 with many names needs. */
const BYTE_SEQUENCE = /^ *:([A-Za-z0-9+/]{1,16384}={0,2}): *$/

/** RFC 9440 §2.2. Not exactly one certificate is none. */
function ofHeader(lines: readonly string[], authorized: (certificate: X509Certificate) => boolean): ClientCertificate | undefined {
  const [line, ...more] = lines
  const encoded = line === undefined || more.length > 0 ? undefined : BYTE_SEQUENCE.exec(line)?.[1]
  if (encoded === undefined) return undefined
  const der = Buffer.from(encoded, 'base64')
  try {
    const certificate = new X509Certificate(der)
    // What was read is all that was sent: no PEM, nothing after the certificate.
    return certificate.raw.equals(der) ? certificateFrom(certificate, () => authorized(certificate)) : undefined
  } catch {
    return undefined
  }
}

function certificateFrom({ raw }: X509Certificate, authorized: () => boolean): ClientCertificate {
  return {
    der: raw,
    get authorized() {
      return authorized()
    },
  }
}

/** RFC 5280 §4.2.1.12. */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'
const BROKEN_HASHES = /md5|sha-?1(?!\d)/i

/**
 * One step and no path: an authority that was configured signed this certificate itself. So path lengths and name
 * constraints of certificates that strangers send play no part, and nothing here builds a chain (RFC 8705 §7.5).
 */
function isIssuedByOneOf(certificate: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  // Node names the extended key usages `keyUsage`; none means any.
  const purposes: readonly string[] | undefined = certificate.keyUsage
  if (purposes !== undefined && !purposes.includes(CLIENT_AUTHENTICATION)) return false
  if (!isCurrent(certificate) || BROKEN_HASHES.test(certificate.signatureAlgorithm ?? '')) return false
  return authorities.some((one) => isCurrent(one) && certificate.checkIssued(one) && certificate.verify(one.publicKey))
}

/** The machine's clock, as for the certificates that TLS checks. */
function isCurrent({ validFromDate, validToDate }: X509Certificate): boolean {
  const now = Date.now()
  return validFromDate.getTime() <= now && now <= validToDate.getTime()
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** The certificates of a PEM text, which may be a bundle. */
function authoritiesIn(text: string): readonly X509Certificate[] {
  const blocks = text.match(PEM) ?? []
  if (blocks.length === 0) throw new TypeError('clientCertificateFrom.authorities: an entry holds no certificate in PEM')
  return blocks.map((block) => {
    const certificate = new X509Certificate(block)
    if (certificate.ca) return certificate
    throw new TypeError(`clientCertificateFrom.authorities: ${certificate.subject} is no authority (basicConstraints has no CA)`)
  })
}
