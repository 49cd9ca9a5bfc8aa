import { newSecret } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import { answerJwt } from '../keys/encrypted.ts'
import type { KeyRing } from '../keys/key-ring.ts'

/** Seconds. Back-Channel Logout §4 suggests two minutes at most. */
const LIFETIME = 120
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * Back-Channel Logout §2.4 (LOGO-11): signed as the ID tokens of the client are, encrypted where they are, and told apart from them by its type. It has
 * no `nonce`, so that it can never pass for an ID token, and `sid` always (LOGO-12).
 *
 * @param sub what this client calls the person
 */
export async function logoutToken(
  from: { readonly issuer: string; readonly keys: KeyRing; readonly clientKeys: ClientKeys },
  client: Client,
  { sub, sid }: { readonly sub: string; readonly sid: string },
  now: EpochSeconds,
): Promise<string> {
  await from.keys.refresh()
  const form = { typ: 'logout+jwt', alg: client.idTokenSignedResponseAlg, encryption: client.idTokenEncryptedResponse } as const
  return answerJwt(from, client, form, {
    iss: from.issuer,
    sub,
    aud: client.clientId,
    iat: now,
    exp: now + LIFETIME,
    jti: newSecret(),
    sid,
    events: { [EVENT]: {} },
  })
}
