import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { checkPublicJwk, isJwkFault } from '@holdfast/proof'
import { thumbprint } from '@holdfast/proof/node'
import type { SigningKeyRecord } from '../records.ts'
import { type DerivedKey, type DerivedKeys, seal } from './derived.ts'
import { openPrivateKey } from './signing-key.ts'

/** How clients encrypt what they send here (RFC 7518 §4.6): one small key, and nothing of RSA's padding to get wrong. */
export const ENCRYPTION_ALGORITHM = 'ECDH-ES'

/** A key of ours that clients encrypt to: published with `use: enc`, kept and rotated as signing keys are. */
export interface DecryptionKey {
  readonly kid: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  readonly privateKey: KeyObject
  readonly activeFrom: EpochSeconds
}

const generate = promisify(generateKeyPair)

/** A new key as it is stored, sealed as a signing key is. */
export async function generateEncryptionKey(
  key: DerivedKey,
  times: { readonly publishedAt: EpochSeconds; readonly activeFrom: EpochSeconds },
): Promise<SigningKeyRecord> {
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' })
  const jwk = checkPublicJwk(publicKey.export({ format: 'jwk' }))
  if (isJwkFault(jwk)) throw new Error(`a new key ${jwk.reason}`)
  const kid = thumbprint(jwk)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const alg = ENCRYPTION_ALGORITHM
  return { alg, kid, publicJwk: { ...jwk, kid, alg, use: 'enc' }, sealedPrivateKey: seal(key, pem, kid), secretId: key.id, ...times }
}

/** @throws when the master secret it was sealed under is gone or another */
export function openDecryptionKey(record: SigningKeyRecord, keys: DerivedKeys): DecryptionKey {
  const { kid, publicJwk, activeFrom } = record
  return { kid, publicJwk, privateKey: createPrivateKey(openPrivateKey(record, keys)), activeFrom }
}
