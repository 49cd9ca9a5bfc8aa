import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose'
import type { LogoutNotice } from '../sessions/sessions.ts'
import { Failure } from './failure.ts'
import { type ServerLink, TOLERANCE } from './server-link.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** A token is good for two minutes or so; an older one is somebody's copy. */
const OLDEST = 300
/** Back-Channel Logout §2.4 advises the first; servers from before it have one of the others. */
const TYPES: ReadonlySet<unknown> = new Set(['logout+jwt', 'application/logout+jwt', 'jwt', undefined])

/** Every check of Back-Channel Logout §2.6 but that of `jti`, which is made when the sessions are ended. */
export async function checkLogoutToken(link: ServerLink, token: string): Promise<LogoutNotice | Failure> {
  const server = await link.metadata()
  if (server instanceof Failure) return server
  const { clientId, clock } = link.settings
  try {
    const { payload, protectedHeader } = await jwtVerify(token, reachable(link.keysOf(server)), {
      issuer: server.issuer,
      audience: clientId,
      // Never `none`, and no algorithm by which our own secret could sign.
      algorithms: (server.id_token_signing_alg_values_supported ?? ['RS256']).filter((alg) => alg !== 'none' && !alg.startsWith('HS')),
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
      maxTokenAge: OLDEST,
      clockTolerance: TOLERANCE,
      currentDate: new Date(clock.now() * 1000),
    })
    if (!TYPES.has(protectedHeader.typ?.toLowerCase())) return bad('typ', 'typ is not logout+jwt')
    return noticeIn(payload)
  } catch (error) {
    if (error instanceof KeysAway) return new Failure('away', 'jwks', 'the keys of the authorization server cannot be had')
    if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
      return bad(error.claim, `${error.claim} is not right`)
    if (error instanceof errors.JOSEError) return bad(error.code, 'the token is not signed by the authorization server, or is no JWT')
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

function noticeIn({ events, nonce, sub, sid, jti, iat, exp }: JWTPayload): LogoutNotice | Failure {
  // What has a nonce is an ID token, which browsers have seen.
  if (nonce !== undefined) return bad('nonce', 'a logout token has no nonce')
  const event: unknown = isObject(events) ? events[EVENT] : undefined
  if (!isObject(event)) return bad('events', `events has no member ${EVENT}`)
  if (typeof jti !== 'string' || jti === '') return bad('jti', 'jti is no text')
  if (!isTextOrAbsent(sub) || !isTextOrAbsent(sid)) return bad('sub', 'sub and sid are texts')
  if (sub === undefined && sid === undefined) return bad('sub', 'neither sub nor sid says who is signed out')
  return { jti, sub, sid, at: iat as number, until: (exp as number) + TOLERANCE }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value !== '')
}

function bad(code: string, detail: string): Failure {
  return new Failure('unsound', code, detail)
}
