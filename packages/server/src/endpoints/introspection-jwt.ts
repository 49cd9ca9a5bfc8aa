import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { answerJwt } from '../keys/encrypted.ts'
import type { Introspected } from './introspected.ts'

/** RFC 9701 §4. */
const INTROSPECTION_JWT = 'application/token-introspection+jwt'

/** A caller asks for the signed form by `Accept`; one of FAPI 2.0 Message Signing never gets another (FMS-07). */
export function wantsJwt(request: HttpRequest, caller: Client): boolean {
  return caller.profile === 'fapi2-message-signing' || request.headers('accept').some(accepts)
}

/** RFC 9110 §12.5.1: named outright, and not with `q=0`. A wildcard means whatever we like best, which is JSON. */
function accepts(header: string): boolean {
  return header.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return type === INTROSPECTION_JWT && !parameters.some((each) => /^q\s*=\s*0(?:\.0{0,3})?$/.test(each))
  })
}

/**
 * RFC 9701 §5: signed, and encrypted too where the caller registered for it. No `sub` and no `exp` of its own: with its `typ`
 * that keeps it from ever passing for an access token (§8).
 */
export async function jwtAnswer(as: AuthorizationServer, caller: Client, answer: Introspected, now: EpochSeconds): Promise<Reply> {
  const { introspectionSignedResponseAlg: alg, introspectionEncryptedResponse: encryption } = caller
  const claims = { iss: as.issuer, aud: caller.clientId, iat: now, token_introspection: answer }
  const body = await answerJwt(as, caller, { typ: 'token-introspection+jwt', alg, encryption }, claims)
  return { status: 200, headers: { 'content-type': INTROSPECTION_JWT, 'cache-control': 'no-store' }, body }
}
