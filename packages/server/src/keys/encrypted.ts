import type { Client, Encryption, SigningAlgorithm } from '../config/client.ts'
import { OutboundRefusal } from '../config/outbound.ts'
import type { ClientKeys } from './client-keys.ts'
import type { KeyRing } from './key-ring.ts'
import type { SigningKey } from './signing-key.ts'

/** The keys of a client are at a URL that cannot be fetched now: nothing was done, and a later try may succeed. */
export class ClientKeysUnavailable extends Error {
  override readonly name = 'ClientKeysUnavailable'
}

/** How a client wants an answer as a JWT. */
export interface AnswerForm {
  readonly typ: Parameters<SigningKey['sign']>[0]
  readonly alg: SigningAlgorithm
  readonly encryption: Encryption | undefined
}

/**
 * A JWT of ours for a client, signed and, where it registered for that, encrypted to it. At once where nothing is encrypted.
 *
 * @param from `ring.refresh()` was called before
 * @throws as `encryptTo`
 */
export function answerJwt(
  from: { readonly keys: KeyRing; readonly clientKeys: ClientKeys },
  client: Client,
  { typ, alg, encryption }: AnswerForm,
  claims: Readonly<Record<string, unknown>>,
): string | Promise<string> {
  const signed = from.keys.signer(alg).sign(typ, claims)
  return encryption === undefined ? signed : encryptTo(from.clientKeys, client, encryption, signed, 'JWT')
}

/**
 * Encrypts to a client. A signed JWT is nested (RFC 7519 §5.2: sign first, then encrypt; RFC 8725 §3.11 keeps the types apart).
 *
 * @param cty `JWT` for a signed one; undefined for claims that are not signed
 * @returns a compact JWE
 * @throws when the client has no key that fits, `ClientKeysUnavailable` when it cannot be fetched: what was to be encrypted
 *   must not leave in the clear
 */
export async function encryptTo(
  keys: ClientKeys,
  client: Client,
  { alg, enc }: Encryption,
  text: string,
  cty: 'JWT' | undefined,
): Promise<string> {
  const found = await keys.encryptionKey(client, alg)
  if (found instanceof OutboundRefusal)
    throw new ClientKeysUnavailable(`nothing can be encrypted to ${client.clientId}: jwks_uri: ${found.reason}: ${found.detail}`)
  if (typeof found === 'string') throw new Error(`nothing can be encrypted to ${client.clientId}: ${found}`)
  const { kid, key } = found
  // Loaded by the first that is encrypted: most clients ask for none.
  const { CompactEncrypt } = await import('jose')
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg, enc, ...(cty === undefined ? {} : { cty }), ...(kid === undefined ? {} : { kid }) })
    .encrypt(key)
}
