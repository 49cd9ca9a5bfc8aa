import type { Clock } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import { answerJwt } from '../keys/encrypted.ts'
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
  const { authorizationSignedResponseAlg: alg, authorizationEncryptedResponse: encryption } = client
  return answerJwt({ keys, clientKeys }, client, { typ: 'JWT', alg, encryption }, claims)
}
