import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { event } from '../events.ts'
import type { ConsentRecord, ServerChange } from '../records.ts'

/** One consent for each person and client. */
export function consentId(subject: string, clientId: string): string {
  return secretHash(`${subject}\n${clientId}`)
}

/** What was allowed before stays allowed; what is new is added. */
export function consentGiven(
  known: Stored<ConsentRecord> | undefined,
  subject: string,
  request: AuthorizationRequest,
  now: EpochSeconds,
): readonly ServerChange[] {
  const { clientId, scopes, resources } = request
  const id = consentId(subject, clientId)
  const value: ConsentRecord = {
    subject,
    clientId,
    scopes: [...new Set([...(known?.value.scopes ?? []), ...scopes])],
    resources: [...new Set([...(known?.value.resources ?? []), ...resources])],
    authorizationDetails: known?.value.authorizationDetails ?? [],
    givenAt: now,
  }
  return [
    known === undefined
      ? { op: 'insert', kind: 'consent', id, value }
      : { op: 'replace', kind: 'consent', id, expected: known.version, value },
    event('consent.given', now, { clientId, subject }, { scopes, resources }),
  ]
}
