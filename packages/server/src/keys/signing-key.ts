import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { checkPublicJwk, isJwkFault, type PublicJwk } from '@holdfast/proof'
import { createJwtSigner, type JwtSigner, thumbprint } from '@holdfast/proof/node'
import type { SigningAlgorithm } from '../config/client.ts'
import type { SigningKeyRecord } from '../records.ts'
import { type DerivedKey, type DerivedKeys, seal, unseal } from './derived.ts'

/** A key that can sign, with its times. */
export interface SigningKey {
  readonly alg: SigningAlgorithm
  readonly kid: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  readonly publicKey: KeyObject
  readonly activeFrom: EpochSeconds
  /** A compact JWS; `typ` says what it is, so that one kind is never taken for another (RFC 8725 §3.11). */
  sign(typ: 'JWT' | 'at+jwt' | 'token-introspection+jwt' | 'logout+jwt', payload: Readonly<Record<string, unknown>>): string
}

const generate = promisify(generateKeyPair)

/** Off the main thread: an RSA key takes a tenth of a second. */
async function newPair(alg: SigningAlgorithm): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  switch (alg) {
    case 'ES256':
      return generate('ec', { namedCurve: 'P-256' })
    case 'EdDSA':
      return generate('ed25519')
    case 'RS256':
    case 'PS256':
      return generate('rsa', { modulusLength: 2048 })
  }
}

/** A new key as it is stored: its private half sealed under a key derived from the master secret. */
export async function generateSigningKey(
  alg: SigningAlgorithm,
  key: DerivedKey,
  times: { readonly publishedAt: EpochSeconds; readonly activeFrom: EpochSeconds },
): Promise<SigningKeyRecord> {
  const { publicKey, privateKey } = await newPair(alg)
  const jwk = checked(publicKey)
  const kid = thumbprint(jwk)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  return { alg, kid, publicJwk: { ...jwk, kid, alg, use: 'sig' }, sealedPrivateKey: seal(key, pem, kid), secretId: key.id, ...times }
}

/** The private half as PEM. @throws when the master secret it was sealed under is gone or another: the server must not start without its keys */
export function openPrivateKey(record: SigningKeyRecord, keys: DerivedKeys): string {
  const { kid } = record
  const key = keys.find('signing-keys', record.secretId)
  if (key === undefined)
    throw new Error(
      `signing key ${kid} is encrypted under the secret ${record.secretId}, which is not configured: keep it in the list of secrets`,
    )
  const pem = unseal(key, record.sealedPrivateKey, kid)
  if (pem === undefined)
    throw new Error(`signing key ${kid} cannot be decrypted: the secret ${record.secretId} is not the one it was encrypted under`)
  return pem
}

/** @throws as `openPrivateKey` */
export function openSigningKey(record: SigningKeyRecord, keys: DerivedKeys): SigningKey {
  const { alg, kid, publicJwk, activeFrom } = record
  const privateKey = createPrivateKey(openPrivateKey(record, keys))
  const algorithm = alg as SigningAlgorithm
  const signers: Map<string, JwtSigner> = new Map()
  return {
    alg: algorithm,
    kid,
    publicJwk,
    publicKey: createPublicKey(privateKey),
    activeFrom,
    sign(typ, payload) {
      let signer = signers.get(typ)
      if (signer === undefined) {
        signer = createJwtSigner({ key: privateKey, alg: algorithm, typ, kid })
        signers.set(typ, signer)
      }
      return signer.sign(payload)
    },
  }
}

function checked(publicKey: KeyObject): PublicJwk {
  const jwk = checkPublicJwk(publicKey.export({ format: 'jwk' }))
  if (isJwkFault(jwk)) throw new Error(`a new key ${jwk.reason}`)
  return jwk
}
