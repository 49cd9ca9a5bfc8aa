import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { Client } from '../config/client.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { event } from '../events.ts'
import type { ConsentRecord, ServerChange } from '../records.ts'

/** One consent for each person and client. */
export function consentId(subject: string, clientId: string): string {
  return secretHash(`${subject}\n${clientId}`)
}

/**
 * What a client is whose next words are its own: where codes go and which keys speak for it. Consent was given to that; who
 * registers, is trusted, and then moves its redirect URI elsewhere is asked about anew (CIMD-13). Undefined for an operator's.
 */
export function clientHash({ origin, redirectUris, jwks, jwksUri, tokenEndpointAuthMethod }: Client): string | undefined {
  if (origin === 'operator') return undefined
  return secretHash(JSON.stringify([redirectUris.toSorted(), jwks ?? null, jwksUri ?? null, tokenEndpointAuthMethod]))
}

/** What was allowed before stays allowed; what is new is added. */
export function consentGiven(
  known: Stored<ConsentRecord> | undefined,
  subject: string,
  request: AuthorizationRequest,
  now: EpochSeconds,
  client?: Client,
): readonly ServerChange[] {
  const { clientId, scopes, resources } = request
  const id = consentId(subject, clientId)
  const hash = client === undefined ? undefined : clientHash(client)
  // To a client that became another one, nothing was allowed before.
  const before = known?.value.clientHash === hash ? known?.value : undefined
  const value: ConsentRecord = {
    subject,
    clientId,
    scopes: [...new Set([...(before?.scopes ?? []), ...scopes])],
    resources: [...new Set([...(before?.resources ?? []), ...resources])],
    authorizationDetails: before?.authorizationDetails ?? [],
    givenAt: now,
    ...(hash === undefined ? {} : { clientHash: hash }),
  }
  return [
    known === undefined
      ? { op: 'insert', kind: 'consent', id, value }
      : { op: 'replace', kind: 'consent', id, expected: known.version, value },
    event('consent.given', now, { clientId, subject }, { scopes, resources }),
  ]
}
