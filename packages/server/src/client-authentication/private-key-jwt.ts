import { OAuthError } from '@holdfast/protocol/oauth-error'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { isJwsAlgorithm, parseJws, type ParsedJws } from '@holdfast/proof'
import type { Client, SigningAlgorithm } from '../config/client.ts'
import type { AssertionAudience, Authentication, ClientAuthenticationMethod, VerificationContext } from './method.ts'
import { wrongCredentials } from './client-secret.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** CAUTH-24: its own type, or none; never a JWT made for something else. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'client-authentication+jwt'])
/** An assertion may live an hour at most: its `jti` is kept until it ends. */
const LONGEST = 3600
/** Clocks may differ so much (FAPI 2.0 SP §5.3.2.1-13 asks for 10 s, and forbids more than 60 s). */
const AHEAD = 10

/** The algorithms that assertions may have; RS256 not under FAPI 2.0 (§5.4.1). */
export const ASSERTION_ALGORITHMS: readonly SigningAlgorithm[] = ['ES256', 'PS256', 'EdDSA', 'RS256']

/** RFC 7523 §3 with draft-ietf-oauth-rfc7523bis: a JWT signed by the client's registered key, made out to the issuer alone. */
export const privateKeyJwt: ClientAuthenticationMethod = {
  name: 'private_key_jwt',
  spec: 'RFC 7523 §2.2',
  present(_request, form) {
    const assertion = form.one('client_assertion')
    const type = form.one('client_assertion_type')
    if (assertion instanceof OAuthError) return assertion
    if (type instanceof OAuthError) return type
    if (assertion === undefined && type === undefined) return undefined
    if (assertion === undefined) return new OAuthError('invalid_request', 'client_assertion is missing', { rule: 'CAUTH-20' })
    if (type !== ASSERTION_TYPE)
      return new OAuthError('invalid_client', `client_assertion_type must be ${ASSERTION_TYPE}`, { rule: 'CAUTH-20' })
    const jws = parseJws(assertion, { maxLength: 8192 })
    if (jws === undefined) return new OAuthError('invalid_client', 'client_assertion is not a compact JWS', { rule: 'CAUTH-40' })
    const sub = jws.payload['sub']
    if (typeof sub !== 'string' || sub === '')
      return new OAuthError('invalid_client', 'sub of client_assertion must be the client_id', { rule: 'CAUTH-21' })
    return { clientId: sub, verify: (client, context) => verifyAssertion(jws, client, context) }
  },
}

async function verifyAssertion(
  jws: ParsedJws,
  client: Client,
  { audience, keys, now }: VerificationContext,
): Promise<Authentication | OAuthError> {
  const fault = headerFault(jws, client) ?? claimsFault(jws.payload, client, audience, now)
  if (fault !== undefined) return fault
  const { alg } = jws.header
  // Everything else comes first: only an assertion that would pass makes us fetch keys.
  const unverified = isJwsAlgorithm(alg) ? await keys.checkSignature(client, jws, alg) : 'its alg is unknown'
  if (unverified !== undefined) return wrongCredentials(`client_assertion: ${unverified}`)
  const { jti, exp } = jws.payload as { readonly jti: string; readonly exp: number }
  const id = secretHash(`${client.clientId}\n${jti}`)
  return { burn: [{ op: 'insert', kind: 'assertion_jti', id, value: {}, expiresAt: Math.ceil(exp) + AHEAD }] }
}

type Claims = { readonly [name in 'iss' | 'sub' | 'aud' | 'exp' | 'nbf' | 'iat' | 'jti']?: unknown }

function headerFault(jws: ParsedJws, client: Client): OAuthError | undefined {
  const alg = jws.header['alg']
  const typ = jws.header['typ']
  if (!TYPES.has(typ)) return refused('typ of client_assertion must be client-authentication+jwt or absent', 'CAUTH-24')
  const allowed = client.tokenEndpointAuthSigningAlg === undefined ? ASSERTION_ALGORITHMS : [client.tokenEndpointAuthSigningAlg]
  const fapi = client.profile === 'fapi2' || client.profile === 'fapi2-message-signing'
  const named = alg === 'Ed25519' ? 'EdDSA' : alg
  if (!allowed.some((one) => one === named) || (fapi && named === 'RS256'))
    return refused('alg of client_assertion is not allowed to this client', 'CAUTH-29')
  return undefined
}

function claimsFault(
  claims: Readonly<Record<string, unknown>>,
  client: Client,
  audience: AssertionAudience,
  now: EpochSeconds,
): OAuthError | undefined {
  const { iss, sub, aud, exp, nbf, iat, jti } = claims as Claims
  if (iss !== client.clientId || sub !== client.clientId)
    return refused('iss and sub of client_assertion must both be the client_id', 'CAUTH-21')
  const fapi = client.profile === 'fapi2' || client.profile === 'fapi2-message-signing'
  const sole = Array.isArray(aud) && aud.length === 1 && !fapi ? (aud[0] as unknown) : aud
  const legacy = client.unsafeLegacyAssertionAudience && sole === audience.tokenEndpoint
  if (sole !== audience.issuer && !legacy)
    return refused(`aud of client_assertion must be the issuer ${audience.issuer} and nothing else`, 'CAUTH-22')
  if (typeof exp !== 'number' || exp <= now) return refused('exp of client_assertion is missing or past', 'CAUTH-26')
  if (exp > now + LONGEST) return refused(`exp of client_assertion is more than ${LONGEST} s ahead`, 'CAUTH-26')
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + AHEAD))
    return refused('nbf of client_assertion is not a time that has come', 'CAUTH-26')
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + AHEAD))
    return refused('iat of client_assertion is ahead of our clock', 'CAUTH-26')
  if (typeof jti !== 'string' || jti === '' || jti.length > 256)
    return refused('jti of client_assertion must be 1 to 256 characters', 'CAUTH-27')
  return undefined
}

function refused(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_client', description, { rule })
}
