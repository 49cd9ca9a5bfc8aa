import { type AuthorizationDetail, sameJson } from '@holdfast/protocol/authorization-details'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { Client } from '../config/client.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { claimsBeyondScopes } from './claim-words.ts'
import { event } from '../events.ts'
import type { ConsentRecord, ServerChange } from '../records.ts'
import type { DetailsCatalog } from '../tokens/authorization-details.ts'

/** Details remembered for one person and client; the oldest is forgotten, and asked for again. */
const REMEMBERED = 50
/** The same of claims: names have languages, so there is no end of them. More than one request can ask for. */
const REMEMBERED_CLAIMS = 200

/** One consent for each person and client. */
export function consentId(subject: string, clientId: string): string {
  return secretHash(`${subject}\n${clientId}`)
}

/**
 * What a client is whose next words are its own: where codes go and which keys speak for it. Consent was given to that; who
 * registers, is trusted, and then moves its redirect URI elsewhere is asked about anew (CIMD-13). Undefined for an operator's.
 */
export function clientHash({ origin, redirectUris, jwks, jwksUri, tlsClientAuth, tokenEndpointAuthMethod }: Client): string | undefined {
  if (origin === 'operator') return undefined
  return secretHash(
    JSON.stringify([redirectUris.toSorted(), jwks ?? null, jwksUri ?? null, tlsClientAuth ?? null, tokenEndpointAuthMethod]),
  )
}

/** What a person was shown of a client, and where codes went: kept with the consent, so that it can be told later what was allowed to whom. */
export function clientVersion({ clientName, clientUri, policyUri, tosUri, redirectUris }: Client): string {
  return secretHash(JSON.stringify([clientName, clientUri ?? null, policyUri ?? null, tosUri ?? null, redirectUris.toSorted()])).slice(
    0,
    22,
  )
}

/** What was allowed before stays allowed; what is new is added. */
export function consentGiven(
  known: Stored<ConsentRecord> | undefined,
  subject: string,
  request: AuthorizationRequest,
  now: EpochSeconds,
  catalog: DetailsCatalog,
  client?: Client,
): readonly ServerChange[] {
  const { clientId, scopes, resources } = request
  const id = consentId(subject, clientId)
  const hash = client === undefined ? undefined : clientHash(client)
  // To a client that became another one, nothing was allowed before.
  const before = known?.value.clientHash === hash ? known?.value : undefined
  const asked = claimsBeyondScopes(request)
  const claims = [...(before?.claims ?? []).filter((one) => !asked.includes(one)), ...asked].slice(-REMEMBERED_CLAIMS)
  const value: ConsentRecord = {
    subject,
    clientId,
    scopes: [...new Set([...(before?.scopes ?? []), ...scopes])],
    resources: [...new Set([...(before?.resources ?? []), ...resources])],
    authorizationDetails: remembered(before?.authorizationDetails ?? [], catalog.lasting(request.authorizationDetails)),
    ...(claims.length === 0 ? {} : { claims }),
    givenAt: now,
    ...(client === undefined ? {} : { clientVersion: clientVersion(client) }),
    ...(hash === undefined ? {} : { clientHash: hash }),
  }
  return [
    known === undefined
      ? { op: 'insert', kind: 'consent', id, value }
      : { op: 'replace', kind: 'consent', id, expected: known.version, value },
    event('consent.given', now, { clientId, subject }, { scopes, resources, ...typesOf(request) }),
  ]
}

/** What of a consent still spares a person the question: an operator may have marked a type `once` since. */
export function lastingConsent(consent: ConsentRecord, catalog: DetailsCatalog): ConsentRecord {
  return { ...consent, authorizationDetails: catalog.lasting(consent.authorizationDetails) }
}

function remembered(before: readonly AuthorizationDetail[], now: readonly AuthorizationDetail[]): readonly AuthorizationDetail[] {
  return [...before.filter((one) => !now.some((other) => sameJson(one, other))), ...now].slice(-REMEMBERED)
}

/** The trail names the types; the values are the person's own affair. */
function typesOf({ authorizationDetails }: AuthorizationRequest): { readonly detailTypes?: readonly string[] } {
  return authorizationDetails.length === 0 ? {} : { detailTypes: [...new Set(authorizationDetails.map(({ type }) => type))] }
}
