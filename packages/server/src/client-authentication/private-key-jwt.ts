import { OAuthError } from '@holdfast/protocol/oauth-error'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf } from '@holdfast/protocol/witness'
import { isJwsAlgorithm, parseJws, type ParsedJws } from '@holdfast/proof'
import type { Client, SigningAlgorithm } from '../config/client.ts'
import { underFapi } from '../config/profile.ts'
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
  present({ witness }, form) {
    const assertion = form.one('client_assertion')
    const type = form.one('client_assertion_type')
    if (assertion instanceof OAuthError) return assertion
    if (type instanceof OAuthError) return type
    if (assertion === undefined && type === undefined) return undefined
    const tell = tellerOf('client_assertion', witness)
    const text = tell('client_assertion_type', 'CAUTH-20', assertionOf(assertion, type))
    if (text instanceof OAuthError) return text
    const jws = tell('compact JWS', 'CAUTH-40', parseJws(text, { maxLength: 8192 }) ?? notCompact())
    if (jws instanceof OAuthError) return jws
    const clientId = tell('sub', 'CAUTH-21', subOf(jws))
    if (clientId instanceof OAuthError) return clientId
    return { clientId, verify: (client, context) => verifyAssertion(jws, client, context) }
  },
}

function assertionOf(assertion: string | undefined, type: string | undefined): string | OAuthError {
  if (assertion === undefined) return new OAuthError('invalid_request', 'client_assertion is missing', { rule: 'CAUTH-20' })
  if (type !== ASSERTION_TYPE)
    return new OAuthError('invalid_client', `client_assertion_type must be ${ASSERTION_TYPE}`, { rule: 'CAUTH-20' })
  return assertion
}

function notCompact(): OAuthError {
  return refused('client_assertion is not a compact JWS', 'CAUTH-40')
}

function subOf({ payload }: ParsedJws): string | OAuthError {
  const { sub } = payload
  return typeof sub === 'string' && sub !== '' ? sub : refused('sub of client_assertion must be the client_id', 'CAUTH-21')
}

async function verifyAssertion(jws: ParsedJws, client: Client, context: VerificationContext): Promise<Authentication | OAuthError> {
  const { audience, now, witness } = context
  const fault = firstRefusal('client_assertion', assertionChecks, { jws, claims: jws.payload, client, audience, now }, witness)
  if (fault !== undefined) return fault
  // Everything else comes first: only an assertion that would pass makes us fetch keys.
  const unverified = tellerOf('client_assertion', witness)('signature', 'CAUTH-28', await checkSignature(jws, client, context))
  if (unverified !== undefined) return unverified
  const { jti, exp } = jws.payload as { readonly jti: string; readonly exp: number }
  const id = secretHash(`${client.clientId}\n${jti}`)
  return { burn: [{ op: 'insert', kind: 'assertion_jti', id, value: {}, expiresAt: Math.ceil(exp) + AHEAD }] }
}

async function checkSignature(jws: ParsedJws, client: Client, { keys }: VerificationContext): Promise<OAuthError | undefined> {
  const { alg } = jws.header
  const unverified = isJwsAlgorithm(alg) ? await keys.checkSignature(client, jws, alg) : 'its alg is unknown'
  return unverified === undefined ? undefined : wrongCredentials(`client_assertion: ${unverified}`)
}

interface Asserted {
  readonly jws: ParsedJws
  readonly claims: { readonly [name in 'iss' | 'sub' | 'aud' | 'exp' | 'nbf' | 'iat' | 'jti']?: unknown }
  readonly client: Client
  readonly audience: AssertionAudience
  readonly now: EpochSeconds
}

/** In this order. Exported for tests, which take one out. */
export const assertionChecks: readonly NamedCheck<Asserted, OAuthError>[] = [
  { name: 'typ', rule: 'CAUTH-24', check: checkTyp },
  { name: 'alg', rule: 'CAUTH-29', check: checkAlg },
  { name: 'iss and sub', rule: 'CAUTH-21', check: checkParties },
  { name: 'aud', rule: 'CAUTH-22', check: checkAud },
  { name: 'exp', rule: 'CAUTH-26', check: checkExp },
  { name: 'exp not far ahead', rule: 'CAUTH-26', check: checkLifetime },
  { name: 'nbf', rule: 'CAUTH-26', check: checkNbf },
  { name: 'iat', rule: 'CAUTH-26', check: checkIat },
  { name: 'jti', rule: 'CAUTH-27', check: checkJti },
]

function checkTyp({ jws }: Asserted): OAuthError | undefined {
  if (!TYPES.has(jws.header['typ'])) return refused('typ of client_assertion must be client-authentication+jwt or absent', 'CAUTH-24')
  return undefined
}

function checkAlg({ jws, client }: Asserted): OAuthError | undefined {
  const alg = jws.header['alg']
  const allowed = client.tokenEndpointAuthSigningAlg === undefined ? ASSERTION_ALGORITHMS : [client.tokenEndpointAuthSigningAlg]
  const named = alg === 'Ed25519' ? 'EdDSA' : alg
  if (!allowed.some((one) => one === named) || (underFapi(client) && named === 'RS256'))
    return refused('alg of client_assertion is not allowed to this client', 'CAUTH-29')
  return undefined
}

function checkParties({ claims: { iss, sub }, client: { clientId } }: Asserted): OAuthError | undefined {
  if (iss !== clientId || sub !== clientId) return refused('iss and sub of client_assertion must both be the client_id', 'CAUTH-21')
  return undefined
}

function checkAud({ claims: { aud }, client, audience }: Asserted): OAuthError | undefined {
  const sole = Array.isArray(aud) && aud.length === 1 && !underFapi(client) ? (aud[0] as unknown) : aud
  const legacy = client.unsafeLegacyAssertionAudience && sole === audience.tokenEndpoint
  if (sole !== audience.issuer && !legacy)
    return refused(`aud of client_assertion must be the issuer ${audience.issuer} and nothing else`, 'CAUTH-22')
  return undefined
}

function checkExp({ claims: { exp }, now }: Asserted): OAuthError | undefined {
  if (typeof exp !== 'number' || exp <= now) return refused('exp of client_assertion is missing or past', 'CAUTH-26')
  return undefined
}

function checkLifetime({ claims: { exp }, now }: Asserted): OAuthError | undefined {
  if (typeof exp === 'number' && exp > now + LONGEST) return refused(`exp of client_assertion is more than ${LONGEST} s ahead`, 'CAUTH-26')
  return undefined
}

function checkNbf({ claims: { nbf }, now }: Asserted): OAuthError | undefined {
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + AHEAD))
    return refused('nbf of client_assertion is not a time that has come', 'CAUTH-26')
  return undefined
}

function checkIat({ claims: { iat }, now }: Asserted): OAuthError | undefined {
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + AHEAD))
    return refused('iat of client_assertion is ahead of our clock', 'CAUTH-26')
  return undefined
}

function checkJti({ claims: { jti } }: Asserted): OAuthError | undefined {
  if (typeof jti !== 'string' || jti === '' || jti.length > 256)
    return refused('jti of client_assertion must be 1 to 256 characters', 'CAUTH-27')
  return undefined
}

function refused(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_client', description, { rule })
}
