// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs it loaded before itself
import 'reflect-metadata'
import { type webcrypto as WebCryptoTypes, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as unknown as Crypto)

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY = 86_400_000

/** A certificate and its private key, in the forms that `node:tls` and a JWK set take. */
export interface Held {
  readonly certificate: string
  readonly key: string
  readonly der: Buffer
  /** `x5t#S256` (RFC 8705 §3.1). */
  readonly thumbprint: string
  /** The key with its certificate (RFC 7517 §4.7). */
  readonly jwk: Readonly<Record<string, unknown>>
  /** As a proxy writes it (RFC 9440 §2.2). */
  readonly header: string
}

/** Relative names in the order of the certificate, the country first; a value as text, or by its ASN.1 string. */
export type Subject = readonly { readonly [type: string]: readonly (string | StringOf)[] }[]
type StringOf = { readonly utf8String: string } | { readonly bmpString: string }

export interface Wanted {
  readonly subject?: Subject
  readonly names?: x509.JsonGeneralNames
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Extended key usages; none when absent. */
  readonly purposes?: readonly string[]
  readonly authority?: boolean
  readonly hash?: string
  /** Another certificate for the same key. */
  readonly keys?: CryptoKeyPair
}

type CryptoKeyPair = WebCryptoTypes.CryptoKeyPair
export const CLIENT = '1.3.6.1.5.5.7.3.2'
export const SERVER = '1.3.6.1.5.5.7.3.1'

let serial = 1

export async function newKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair
}

/** Makes certificates; itself signed by its own key, or by the authority above it. */
export class Authority {
  readonly certificate: string
  readonly der: Buffer
  readonly #made: x509.X509Certificate
  readonly #keys: CryptoKeyPair

  private constructor(made: x509.X509Certificate, keys: CryptoKeyPair) {
    this.#made = made
    this.#keys = keys
    this.certificate = made.toString('pem')
    this.der = Buffer.from(made.rawData)
  }

  static async create(name: string, wanted: Wanted = {}): Promise<Authority> {
    const keys = wanted.keys ?? (await newKeys())
    const all = { subject: [{ CN: [name] }], authority: true, ...wanted }
    return new Authority(await make(all, keys, undefined), keys)
  }

  async below(name: string, wanted: Wanted = {}): Promise<Authority> {
    const keys = await newKeys()
    const signer = { certificate: this.#made, keys: this.#keys }
    return new Authority(await make({ subject: [{ CN: [name] }], authority: true, ...wanted }, keys, signer), keys)
  }

  async issue(wanted: Wanted = {}): Promise<Held> {
    const keys = wanted.keys ?? (await newKeys())
    return held(await make(wanted, keys, { certificate: this.#made, keys: this.#keys }), keys)
  }
}

export async function selfSigned(wanted: Wanted = {}): Promise<Held> {
  const keys = wanted.keys ?? (await newKeys())
  return held(await make(wanted, keys, undefined), keys)
}

interface Signer {
  readonly certificate: x509.X509Certificate
  readonly keys: CryptoKeyPair
}

async function make(wanted: Wanted, keys: CryptoKeyPair, signer: Signer | undefined): Promise<x509.X509Certificate> {
  const subject = (wanted.subject ?? [{ CN: ['client'] }]) as x509.JsonName
  const extensions: x509.Extension[] = [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as x509.PublicKeyType)]
  if (wanted.authority === true) {
    extensions.push(new x509.BasicConstraintsExtension(true, undefined, true))
    extensions.push(new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true))
  }
  if (wanted.names !== undefined) extensions.push(new x509.SubjectAlternativeNameExtension(wanted.names))
  if (wanted.purposes !== undefined) extensions.push(new x509.ExtendedKeyUsageExtension([...wanted.purposes]))
  return x509.X509CertificateGenerator.create({
    serialNumber: (serial++).toString(16).padStart(4, '0'),
    subject: new x509.Name(subject).toString() === '' ? [] : subject,
    issuer: signer?.certificate.subjectName.toJSON() ?? subject,
    notBefore: wanted.notBefore ?? new Date(Date.now() - DAY),
    notAfter: wanted.notAfter ?? new Date(Date.now() + DAY),
    signingAlgorithm: { ...ALGORITHM, hash: wanted.hash ?? 'SHA-256' },
    publicKey: keys.publicKey as x509.PublicKeyType,
    signingKey: (signer?.keys ?? keys).privateKey as CryptoKey,
    extensions,
  })
}

async function held(made: x509.X509Certificate, keys: CryptoKeyPair): Promise<Held> {
  const der = Buffer.from(made.rawData)
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', keys.publicKey)
  return {
    certificate: made.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
    der,
    thumbprint: Buffer.from(new X509Certificate(der).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    jwk: { kty, crv, x, y, x5c: [der.toString('base64')] },
    header: `:${der.toString('base64')}:`,
  }
}
