import type { EpochSeconds } from '@holdfast/protocol/time'
import type { NamedCheck, Witness } from '@holdfast/protocol/witness'
import { compactVerify, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { firstFailure } from '../checks.ts'
import type { LogoutNotice } from '../sessions/sessions.ts'
import { Failure } from './failure.ts'
import { type ServerLink, TOLERANCE } from './server-link.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** A token is good for two minutes or so; an older one is somebody's copy. */
const OLDEST = 300
/** Back-Channel Logout §2.4 advises the first; servers from before it have one of the others. */
const TYPES: ReadonlySet<unknown> = new Set(['logout+jwt', 'application/logout+jwt', 'jwt', undefined])

const REQUIRED = ['iss', 'aud', 'iat', 'events', 'jti', 'exp']

/** What the library says of the signature. */
interface Verified {
  readonly fault: errors.JOSEError | undefined
}

interface Heard {
  readonly claims: JWTPayload
  readonly typ: unknown
  readonly issuer: string
  readonly clientId: string
  readonly now: EpochSeconds
}

type Bad = Failure | undefined

/** The library makes these in one go; by its fault they are told apart. The last refuses whatever the fault is. */
export const signatureChecks: readonly NamedCheck<Verified, Failure>[] = [
  { name: 'compact jws', rule: 'LOGO-13', check: ({ fault }) => forgedBy(fault, errors.JWSInvalid) },
  { name: 'alg', rule: 'LOGO-13', check: ({ fault }) => forgedBy(fault, errors.JOSEAlgNotAllowed) },
  { name: 'signature', rule: 'LOGO-13', check: ({ fault }) => forgedBy(fault, errors.JOSEError) },
]

export const claimChecks: readonly NamedCheck<Heard, Failure>[] = [
  { name: 'required claims', rule: 'LOGO-13', check: checkRequired },
  { name: 'iss', rule: 'LOGO-13', check: checkIss },
  { name: 'aud', rule: 'LOGO-13', check: checkAud },
  { name: 'iat', rule: 'LOGO-13', check: checkIat },
  { name: 'nbf', rule: 'LOGO-13', check: checkNbf },
  { name: 'exp', rule: 'LOGO-13', check: checkExp },
  { name: 'iat age', rule: 'LOGO-13', check: checkAge },
  { name: 'iat ahead', rule: 'LOGO-13', check: checkAhead },
  { name: 'typ', rule: 'LOGO-13', check: checkTyp },
  { name: 'no nonce', rule: 'LOGO-13', check: checkNoNonce },
  { name: 'events', rule: 'LOGO-13', check: checkEvents },
  { name: 'jti', rule: 'LOGO-13', check: checkJti },
  { name: 'sub and sid', rule: 'LOGO-13', check: checkTexts },
  { name: 'sub or sid', rule: 'LOGO-13', check: checkNamed },
]

/** Every check of Back-Channel Logout §2.6 but that of `jti`, which is made when the sessions are ended. */
export async function checkLogoutToken(link: ServerLink, token: string, witness?: Witness): Promise<LogoutNotice | Failure> {
  const server = await link.metadata()
  if (server instanceof Failure) return server
  // Never `none`, and no algorithm by which our own secret could sign.
  const algorithms = (server.id_token_signing_alg_values_supported ?? ['RS256']).filter((alg) => alg !== 'none' && !alg.startsWith('HS'))
  const jwt = await verified(token, reachable(link.keysOf(server)), algorithms)
  if (jwt instanceof KeysAway) return new Failure('away', 'jwks', 'the keys of the authorization server cannot be had')
  const forged = firstFailure('logout token', signatureChecks, { fault: jwt instanceof errors.JOSEError ? jwt : undefined }, witness)
  if (jwt instanceof errors.JOSEError) return forged as Failure
  const { clientId, clock } = link.settings
  const heard: Heard = { ...jwt, issuer: server.issuer, clientId, now: clock.now() }
  return firstFailure('logout token', claimChecks, heard, witness) ?? noticeIn(jwt.claims)
}

/** The claims of a token that the server has signed, or why it is none. */
async function verified(
  token: string,
  keys: JWTVerifyGetKey,
  algorithms: string[],
): Promise<{ readonly claims: JWTPayload; readonly typ: unknown } | errors.JOSEError | KeysAway> {
  try {
    const { protectedHeader } = await compactVerify(token, keys, { algorithms })
    if (protectedHeader.b64 === false) return new errors.JWTInvalid('a JWT has no unencoded payload')
    return { claims: decodeJwt(token), typ: protectedHeader.typ }
  } catch (error) {
    if (error instanceof KeysAway || error instanceof errors.JOSEError) return error
    throw error
  }
}

class KeysAway extends Error {}

/** A key that is not there is the token's fault; keys that nobody answers with are not. */
function reachable(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      throw new KeysAway('jwks', { cause: error })
    }
  }
}

function forgedBy(fault: errors.JOSEError | undefined, kind: typeof errors.JOSEError): Bad {
  return fault instanceof kind ? bad(fault.code, 'the token is not signed by the authorization server, or is no JWT') : undefined
}

function checkRequired({ claims }: Heard): Bad {
  const missing = REQUIRED.find((claim) => !Object.hasOwn(claims, claim))
  return missing === undefined ? undefined : wrong(missing)
}

function checkIss({ claims: { iss }, issuer }: Heard): Bad {
  return iss === issuer ? undefined : wrong('iss')
}

function checkAud({ claims: { aud }, clientId }: Heard): Bad {
  return (Array.isArray(aud) ? aud : [aud]).includes(clientId) ? undefined : wrong('aud')
}

function checkIat({ claims: { iat } }: Heard): Bad {
  return typeof iat === 'number' ? undefined : wrong('iat')
}

function checkNbf({ claims: { nbf }, now }: Heard): Bad {
  return nbf === undefined || (typeof nbf === 'number' && nbf <= now + TOLERANCE) ? undefined : wrong('nbf')
}

function checkExp({ claims: { exp }, now }: Heard): Bad {
  return typeof exp === 'number' && exp > now - TOLERANCE ? undefined : wrong('exp')
}

/** NaN for what is no number, and every comparison with NaN refuses. */
function ageOf({ claims: { iat = Number.NaN }, now }: Heard): number {
  return now - iat
}

function checkAge(heard: Heard): Bad {
  return ageOf(heard) - TOLERANCE <= OLDEST ? undefined : wrong('iat')
}

function checkAhead(heard: Heard): Bad {
  return ageOf(heard) >= -TOLERANCE ? undefined : wrong('iat')
}

function checkTyp({ typ }: Heard): Bad {
  return TYPES.has(typeof typ === 'string' ? typ.toLowerCase() : typ) ? undefined : bad('typ', 'typ is not logout+jwt')
}

/** What has a nonce is an ID token, which browsers have seen. */
function checkNoNonce({ claims: { nonce } }: Heard): Bad {
  return nonce === undefined ? undefined : bad('nonce', 'a logout token has no nonce')
}

function checkEvents({ claims: { events } }: Heard): Bad {
  const event: unknown = isObject(events) ? events[EVENT] : undefined
  return isObject(event) ? undefined : bad('events', `events has no member ${EVENT}`)
}

function checkJti({ claims: { jti } }: Heard): Bad {
  return typeof jti === 'string' && jti !== '' ? undefined : bad('jti', 'jti is no text')
}

function checkTexts({ claims: { sub, sid } }: Heard): Bad {
  return isTextOrAbsent(sub) && isTextOrAbsent(sid) ? undefined : bad('sub', 'sub and sid are texts')
}

function checkNamed({ claims: { sub, sid } }: Heard): Bad {
  return sub === undefined && sid === undefined ? bad('sub', 'neither sub nor sid says who is signed out') : undefined
}

function noticeIn({ sub, sid, jti, iat, exp }: JWTPayload): LogoutNotice {
  return { jti: jti as string, sub, sid: sid as string | undefined, at: iat as number, until: (exp as number) + TOLERANCE }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value !== '')
}

function wrong(claim: string): Failure {
  return bad(claim, `${claim} is not right`)
}

function bad(code: string, detail: string): Failure {
  return new Failure('unsound', code, detail)
}
