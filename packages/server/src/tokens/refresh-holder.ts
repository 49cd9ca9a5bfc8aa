import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, type Witness } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import type { RefreshFamilyRecord } from '../records.ts'
import { endOf } from './refresh-family.ts'
import type { RefreshToken } from './refresh-token.ts'
import type { SenderConstraint } from './sender-constraint.ts'
import type { Policy } from './sources.ts'

/** A refresh token that is ours, and who shows it. */
export interface ShownRefreshToken {
  readonly token: RefreshToken
  readonly family: RefreshFamilyRecord
  /** As it was authenticated. */
  readonly client: { readonly client: Client; readonly instance: string | undefined }
  readonly binding: SenderConstraint | undefined
  readonly policy: Policy
  readonly now: EpochSeconds
}

/** Whether who shows a refresh token is the client that it was issued to, with its keys, in time. */
export function checkRefreshHolder(shown: ShownRefreshToken, witness?: Witness): OAuthError | undefined {
  return firstRefusal('refresh_token', refreshHolderChecks, shown, witness)
}

/** In this order. Exported for tests, which take one out. */
export const refreshHolderChecks: readonly NamedCheck<ShownRefreshToken, OAuthError>[] = [
  { name: 'of this client', rule: 'OA-57', check: checkClient },
  { name: 'DPoP key', rule: 'DPOP-24', check: checkKey },
  { name: 'certificate', rule: 'MTLS-28', check: checkCertificate },
  { name: 'of this instance', rule: 'ABCA-13', check: checkInstance },
  { name: 'not expired', rule: 'OA-61', check: checkNotExpired },
]

function checkClient({ family, client }: ShownRefreshToken): OAuthError | undefined {
  if (family.clientId !== client.client.clientId) return unknownRefreshToken('OA-57', `token of ${family.clientId}`)
  return undefined
}

function checkKey({ family, binding }: ShownRefreshToken): OAuthError | undefined {
  if (family.jkt !== undefined && family.jkt !== binding?.jkt) {
    const description =
      binding === undefined
        ? 'refresh_token is bound to a DPoP key: send a proof (RFC 9449 §5)'
        : 'refresh_token is bound to another DPoP key (RFC 9449 §5)'
    return new OAuthError('invalid_grant', description, { rule: 'DPOP-24' })
  }
  return undefined
}

function checkCertificate({ family, binding }: ShownRefreshToken): OAuthError | undefined {
  if (family.x5t !== undefined && family.x5t !== binding?.x5t)
    return new OAuthError('invalid_grant', 'refresh_token is bound to another certificate (RFC 8705 §4)', { rule: 'MTLS-28' })
  return undefined
}

function checkInstance({ family, client }: ShownRefreshToken): OAuthError | undefined {
  if (family.instance !== undefined && family.instance !== client.instance)
    return new OAuthError('invalid_grant', 'refresh_token is bound to another instance of this client', { rule: 'ABCA-13' })
  return undefined
}

function checkNotExpired({ token, family, policy, now }: ShownRefreshToken): OAuthError | undefined {
  if (endOf(family, policy) <= now || token.generation > family.generation) return unknownRefreshToken('OA-61')
  return undefined
}

/** One answer for a token that is not there, of somebody else, or over. */
export function unknownRefreshToken(rule: string, detail?: string): OAuthError {
  return new OAuthError('invalid_grant', 'refresh_token is unknown, expired or revoked', { rule, ...(detail !== undefined && { detail }) })
}
