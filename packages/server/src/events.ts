import { newRecordId } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AuditEventRecord, ServerChange } from './records.ts'

/** How long an event is kept, in seconds: 90 days. */
const KEPT = 90 * 24 * 60 * 60

/** The audit trail: each type is one thing that happened to somebody. */
export type EventType =
  | 'person.signed_in'
  | 'person.password_verified'
  | 'person.second_factor_refused'
  | 'person.sign_in_locked'
  | 'auth_session.reused'
  | 'session.ended'
  | 'logout.delivered'
  | 'logout.undelivered'
  | 'consent.given'
  | 'consent.refused'
  | 'code.replayed'
  | 'device.approved'
  | 'device.refused'
  | 'device.entry_locked'
  | 'backchannel.asked'
  | 'backchannel.approved'
  | 'backchannel.refused'
  | 'account.factor_added'
  | 'account.factor_removed'
  | 'account.application_revoked'
  | 'tokens.issued'
  | 'refresh.rotated'
  | 'refresh.retried'
  | 'refresh.reused'
  | 'grant.revoked'
  | 'token.revoked'
  | 'client.added'
  | 'client.removed'
  | 'client.registered'
  | 'client.updated'
  | 'key.published'
  | 'requests.refused'

/** The change that stores an event, to travel in the commit of what it tells. It holds no secrets. */
export function event(
  type: EventType,
  at: EpochSeconds,
  who: { readonly clientId?: string | undefined; readonly subject?: string | undefined },
  detail: AuditEventRecord['detail'] = {},
): ServerChange {
  return {
    op: 'insert',
    kind: 'audit_event',
    id: newRecordId(),
    value: { type, at, clientId: who.clientId, subject: who.subject, detail },
    expiresAt: at + KEPT,
  }
}
