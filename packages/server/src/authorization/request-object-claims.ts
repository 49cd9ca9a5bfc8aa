import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'
import { underFapi, underMessageSigning } from '../config/profile.ts'
import { invalidRequestObject } from './request-object-refusal.ts'

/** Clocks may differ so much (FAPI 2.0 SP §5.3.2.1-13 asks for 10 s, and forbids more than 60 s). */
const AHEAD = 10
/** FAPI 2.0 Message Signing §5.3.1-3 and -4, in seconds. */
const LONGEST = 3600

type Claims = { readonly [name in 'iss' | 'sub' | 'aud' | 'exp' | 'nbf' | 'iat' | 'client_id']?: unknown }

/** RFC 9101 §4 and §10.8; with FAPI 2.0 Message Signing §5.3.1 where signed requests are its affair. */
export function requestObjectClaimsFault(
  claims: Readonly<Record<string, unknown>>,
  client: Client,
  issuer: string,
  now: EpochSeconds,
): OAuthError | undefined {
  const { iss, sub, aud, client_id } = claims as Claims
  // Merged, it need not be inside too (OpenID Connect Core §6.1); the signature is by this client's key either way.
  if (client_id !== client.clientId && !(client.mergesRequestObject === true && client_id === undefined))
    return invalidRequestObject('client_id of the request object must be the client_id outside it (RFC 9101 §5)', 'JAR-02')
  if (iss !== undefined && iss !== client.clientId) return invalidRequestObject('iss of the request object must be the client_id', 'JAR-07')
  // Such an object would also be an assertion that proves the client (RFC 9101 §10.8).
  if (sub === client.clientId) return invalidRequestObject('sub of the request object must not be the client_id (RFC 9101 §10.8)', 'JAR-09')
  for (const inside of ['request', 'request_uri'])
    if (Object.hasOwn(claims, inside)) return invalidRequestObject(`${inside} must not be inside a request object (RFC 9101 §4)`, 'JAR-03')
  const strict = isStrict(client)
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if ((strict || aud !== undefined) && !audiences.includes(issuer))
    return invalidRequestObject(`aud of the request object must be or contain the issuer ${issuer}`, strict ? 'FMS-02' : 'JAR-07')
  return timesFault(claims, now, strict)
}

/** FAPI 2.0 Message Signing, and FAPI 2.0 where the operator demands signatures on top. */
function isStrict(client: Client): boolean {
  return underMessageSigning(client) || (underFapi(client) && client.requireSignedRequestObject)
}

function timesFault({ exp, nbf, iat }: Claims, now: EpochSeconds, strict: boolean): OAuthError | undefined {
  if (exp !== undefined && (typeof exp !== 'number' || exp <= now))
    return invalidRequestObject('exp of the request object is past', 'JAR-07')
  for (const [name, time] of [
    ['nbf', nbf],
    ['iat', iat],
  ] as const)
    if (time !== undefined && (typeof time !== 'number' || time > now + AHEAD))
      return invalidRequestObject(`${name} of the request object is not a time that has come`, 'FAPI-21')
  if (!strict) return undefined
  if (typeof nbf !== 'number' || nbf < now - LONGEST)
    return invalidRequestObject('nbf of the request object must be there and at most 60 minutes old', 'FMS-03')
  if (typeof exp !== 'number' || exp > nbf + LONGEST)
    return invalidRequestObject('exp of the request object must be there and at most 60 minutes after nbf', 'FMS-04')
  return undefined
}
