import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { Client } from '../config/client.ts'
import type { GrantRecord, RefreshFamilyRecord, ServerChange } from '../records.ts'
import type { Issuance } from './issuance.ts'
import type { Confirmation } from './sender-constraint.ts'
import type { Policy } from './sources.ts'

/** BCP-45: the operator decides per client, by its `grant_types`. */
export function mayHaveRefreshToken(client: Client): boolean {
  return client.grantTypes.includes('refresh_token')
}

/**
 * Whether a refresh replaces the token. A confidential client whose access tokens are bound proves itself
 * anew each time, and FAPI 2.0 forbids to rotate (§5.3.2.1-9); everybody else rotates.
 */
export function rotates(client: Client, bound: boolean): boolean {
  return client.tokenEndpointAuthMethod === 'none' || !bound
}

/** RFC 9449 §5, RFC 8705 §4: a public client's refresh tokens are bound to its key; a confidential client's are not (DPOP-25). */
export function boundKey(client: Client, key: string | undefined): string | undefined {
  return client.tokenEndpointAuthMethod === 'none' ? key : undefined
}

/** When a family ends: at its absolute end, or when it was not used for the idle time. */
export function endOf(family: RefreshFamilyRecord, policy: Policy): EpochSeconds {
  return Math.min(family.endsAt, family.usedAt + policy.lifetimes.refreshTokenIdle)
}

export interface NewFamily {
  readonly value: RefreshFamilyRecord
  readonly insert: ServerChange
  readonly token: NonNullable<Issuance['refreshToken']>
}

export function familyFor(input: {
  readonly grant: Stored<GrantRecord>
  readonly client: Client
  readonly confirmation: Confirmation | undefined
  /** The attested instance that asks (ABCA-13). */
  readonly instance: string | undefined
  readonly policy: Policy
  readonly ambient: { readonly now: EpochSeconds; secret(): string; recordId(): string }
}): NewFamily {
  const { grant, client, policy, ambient } = input
  const value: RefreshFamilyRecord = {
    grantId: grant.id,
    clientId: client.clientId,
    generation: 1,
    rotatedAt: undefined,
    salt: ambient.secret(),
    keyId: policy.refreshKeyId,
    jkt: boundKey(client, input.confirmation?.jkt),
    x5t: boundKey(client, input.confirmation?.x5t),
    instance: input.instance,
    scopes: grant.value.scopes,
    resources: grant.value.resources,
    authorizationDetails: grant.value.authorizationDetails,
    endsAt: grant.value.createdAt + policy.lifetimes.refreshTokenAbsolute,
    usedAt: ambient.now,
  }
  const id = ambient.recordId()
  return {
    value,
    insert: { op: 'insert', kind: 'refresh_family', id, value, expiresAt: endOf(value, policy) },
    token: { familyId: id, generation: 1, salt: value.salt, keyId: value.keyId },
  }
}
