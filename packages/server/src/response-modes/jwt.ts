import type { Clock } from '@holdfast/protocol/time'
import { CompactEncrypt } from 'jose'
import type { Client, Encryption } from '../config/client.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import type { KeyRing } from '../keys/key-ring.ts'

/** Seconds. JARM §2.1 recommends ten minutes at most: the answer is read at once. */
const LIFETIME = 600

/**
 * JARM §2.1: all parameters as one JWT, signed with the algorithm that the client registered and, if it registered
 * that too, encrypted to its key.
 *
 * @throws when it cannot be signed or encrypted: it is never sent another way instead
 */
export async function responseJwt(
  {
    issuer,
    keys,
    clientKeys,
    clock,
  }: { readonly issuer: string; readonly keys: KeyRing; readonly clientKeys: ClientKeys; readonly clock: Clock },
  client: Client,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  await keys.refresh()
  const claims = { ...parameters, iss: issuer, aud: client.clientId, exp: clock.now() + LIFETIME }
  const signed = keys.signer(client.authorizationSignedResponseAlg).sign('JWT', claims)
  const encryption = client.authorizationEncryptedResponse
  return encryption === undefined ? signed : encrypted(signed, client, encryption, clientKeys)
}

/** JARM §2.2: signed first, then encrypted as a whole. */
async function encrypted(signed: string, client: Client, { alg, enc }: Encryption, clientKeys: ClientKeys): Promise<string> {
  const found = await clientKeys.encryptionKeyOf(client, alg)
  if (found === undefined)
    throw new Error(`client ${client.clientId} has no key for ${alg}: its authorization response cannot be encrypted`)
  const { kid, key } = found
  return new CompactEncrypt(Buffer.from(signed))
    .setProtectedHeader({ alg, enc, cty: 'JWT', ...(kid === undefined ? {} : { kid }) })
    .encrypt(key)
}
