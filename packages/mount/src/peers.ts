import { type AddressOf, clientAddressBehind, type TrustedProxies } from './client-address.ts'
import { type CertificateOf, type ClientCertificateProxies, clientCertificates } from './client-certificate.ts'

export interface PeerOptions {
  /** Proxies whose `X-Forwarded-For` tells the client's address: addresses, ranges (`10.0.0.0/8`), `unix`. @default [] */
  readonly trustedProxies?: TrustedProxies
  /**
   * Proxies that end mutual TLS and tell the client's certificate in `Client-Cert` (RFC 9440). From anyone else the
   * header is ignored. @default none: certificates come from this listener's own TLS alone
   */
  readonly clientCertificateFrom?: ClientCertificateProxies
}

/** How the other end of a socket is read, and what it may say about whom it stands for. */
export interface Peers {
  readonly addressOf: AddressOf
  readonly certificateOf: CertificateOf
}

/** @throws {TypeError} an entry of a list of proxies is neither an address nor a range, or an authority is no certificate of one */
export function peersOf({ trustedProxies, clientCertificateFrom }: PeerOptions): Peers {
  return { addressOf: clientAddressBehind(trustedProxies), certificateOf: clientCertificates(clientCertificateFrom) }
}
