import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, type Witness } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import { underFapi, underMessageSigning } from '../config/profile.ts'
import { invalidRequestObject } from './request-object-refusal.ts'

/** Clocks may differ so much (FAPI 2.0 SP §5.3.2.1-13 asks for 10 s, and forbids more than 60 s). */
const AHEAD = 10
/** FAPI 2.0 Message Signing §5.3.1-3 and -4, in seconds. */
const LONGEST = 3600

/** RFC 9101 §4 and §10.8; with FAPI 2.0 Message Signing §5.3.1 where signed requests are its affair. */
export function requestObjectClaimsFault(
  claims: Readonly<Record<string, unknown>>,
  client: Client,
  issuer: string,
  now: EpochSeconds,
  witness?: Witness,
): OAuthError | undefined {
  const inside = { claims, client, issuer, now, strict: isStrict(client) }
  const fault = firstRefusal('request object', claimChecks, inside, witness)
  return fault ?? (inside.strict ? firstRefusal('request object', strictChecks, inside, witness) : undefined)
}

interface Inside {
  readonly claims: { readonly [name in 'iss' | 'sub' | 'aud' | 'exp' | 'nbf' | 'iat' | 'client_id']?: unknown }
  readonly client: Client
  readonly issuer: string
  readonly now: EpochSeconds
  readonly strict: boolean
}

/** In this order. Exported for tests, which take one out. */
export const claimChecks: readonly NamedCheck<Inside, OAuthError>[] = [
  { name: 'client_id', rule: 'JAR-02', check: checkClientId },
  { name: 'iss', rule: 'JAR-07', check: checkIss },
  { name: 'sub', rule: 'JAR-09', check: checkSub },
  { name: 'no request inside', rule: 'JAR-03', check: checkNested },
  { name: 'aud', rule: 'JAR-07', check: checkAud },
  { name: 'exp', rule: 'JAR-07', check: checkExp },
  { name: 'nbf', rule: 'FAPI-21', check: ({ claims, now }) => checkCome('nbf', claims.nbf, now) },
  { name: 'iat', rule: 'FAPI-21', check: ({ claims, now }) => checkCome('iat', claims.iat, now) },
]

/** Those of FAPI 2.0 Message Signing. */
const strictChecks: readonly NamedCheck<Inside, OAuthError>[] = [
  { name: 'nbf not old', rule: 'FMS-03', check: checkNbfAge },
  { name: 'exp not far ahead', rule: 'FMS-04', check: checkLifetime },
]

/** FAPI 2.0 Message Signing, and FAPI 2.0 where the operator demands signatures on top. */
function isStrict(client: Client): boolean {
  return underMessageSigning(client) || (underFapi(client) && client.requireSignedRequestObject)
}

function checkClientId({ claims: { client_id }, client }: Inside): OAuthError | undefined {
  // Merged, it need not be inside too (OpenID Connect Core §6.1); the signature is by this client's key either way.
  if (client_id !== client.clientId && !(client.mergesRequestObject === true && client_id === undefined))
    return invalidRequestObject('client_id of the request object must be the client_id outside it (RFC 9101 §5)', 'JAR-02')
  return undefined
}

function checkIss({ claims: { iss }, client }: Inside): OAuthError | undefined {
  if (iss !== undefined && iss !== client.clientId) return invalidRequestObject('iss of the request object must be the client_id', 'JAR-07')
  return undefined
}

/** Such an object would also be an assertion that proves the client (RFC 9101 §10.8). */
function checkSub({ claims: { sub }, client }: Inside): OAuthError | undefined {
  if (sub === client.clientId) return invalidRequestObject('sub of the request object must not be the client_id (RFC 9101 §10.8)', 'JAR-09')
  return undefined
}

function checkNested({ claims }: Inside): OAuthError | undefined {
  const inside = ['request', 'request_uri'].find((name) => Object.hasOwn(claims, name))
  if (inside === undefined) return undefined
  return invalidRequestObject(`${inside} must not be inside a request object (RFC 9101 §4)`, 'JAR-03')
}

function checkAud({ claims: { aud }, issuer, strict }: Inside): OAuthError | undefined {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if ((strict || aud !== undefined) && !audiences.includes(issuer))
    return invalidRequestObject(`aud of the request object must be or contain the issuer ${issuer}`, strict ? 'FMS-02' : 'JAR-07')
  return undefined
}

function checkExp({ claims: { exp }, now }: Inside): OAuthError | undefined {
  if (exp !== undefined && (typeof exp !== 'number' || exp <= now))
    return invalidRequestObject('exp of the request object is past', 'JAR-07')
  return undefined
}

function checkCome(name: string, time: unknown, now: EpochSeconds): OAuthError | undefined {
  if (time !== undefined && (typeof time !== 'number' || time > now + AHEAD))
    return invalidRequestObject(`${name} of the request object is not a time that has come`, 'FAPI-21')
  return undefined
}

function checkNbfAge({ claims: { nbf }, now }: Inside): OAuthError | undefined {
  if (typeof nbf !== 'number' || nbf < now - LONGEST)
    return invalidRequestObject('nbf of the request object must be there and at most 60 minutes old', 'FMS-03')
  return undefined
}

function checkLifetime({ claims: { exp, nbf } }: Inside): OAuthError | undefined {
  if (typeof exp !== 'number' || typeof nbf !== 'number' || exp > nbf + LONGEST)
    return invalidRequestObject('exp of the request object must be there and at most 60 minutes after nbf', 'FMS-04')
  return undefined
}
