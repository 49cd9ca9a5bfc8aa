import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { formatHandle, newRecordId, newSecret, secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { ServerChange } from '../records.ts'
import type { AskedAuthorization } from './request.ts'

/** Who signed in, how, and in which browser session. */
export interface SignedInPerson {
  readonly subject: string
  readonly sid: string | undefined
  readonly authTime: EpochSeconds
  readonly acr: string | undefined
  readonly amr: readonly string[]
}

/**
 * A code and the grant it leads to.
 *
 * @param redirectUri undefined where nobody was redirected: then none may be sent with the code either (FIPA-27)
 */
export function newCode(
  { clientId, challenge, dpopJkt, instance, nonce, scopes, resources, authorizationDetails, claims }: AskedAuthorization,
  redirectUri: ValidRedirectUri | undefined,
  { subject, sid, authTime, acr, amr }: SignedInPerson,
  { now, lifetime }: { readonly now: EpochSeconds; readonly lifetime: Seconds },
): { readonly code: string; readonly changes: readonly ServerChange[] } {
  const id = newRecordId()
  const grantId = newRecordId()
  const secret = newSecret()
  const expiresAt = now + lifetime
  const code = {
    secretHash: secretHash(secret),
    grantId,
    clientId,
    redirectUri,
    challenge,
    dpopJkt,
    instance,
    nonce,
    issuedAt: now,
    redeemedAt: undefined,
  }
  const about = { clientId, subject, sid, scopes, resources, authorizationDetails, authTime, acr, amr, createdAt: now }
  const grant = claims === undefined ? about : { ...about, claims }
  return {
    code: formatHandle({ id, secret }),
    changes: [
      { op: 'insert', kind: 'authorization_code', id, value: code, expiresAt },
      { op: 'insert', kind: 'grant', id: grantId, value: grant, expiresAt },
    ],
  }
}
