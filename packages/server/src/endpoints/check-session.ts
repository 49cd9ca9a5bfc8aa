import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import { assetHref, checkSessionScriptPath } from '../pages/assets.ts'
import { CheckSession } from '../pages/check-session.tsx'
import { renderFrame } from '../pages/render.ts'
import { stateCookieName } from '../sessions/browser-state.ts'

/** GET /check-session: the frame that tells an application whether anything changed (Session Management §3.2). */
export function checkSession(as: AuthorizationServer, _http: HttpRequest): Promise<Reply> {
  const page = CheckSession({ scriptHref: assetHref(as.issuer, checkSessionScriptPath), cookieName: stateCookieName(as.issuer) })
  return Promise.resolve(renderFrame(page))
}

export function hasCheckSession({ thirdPartyFrames }: AuthorizationServer): boolean {
  return thirdPartyFrames
}

/** Back-Channel Logout §2.1, Front-Channel Logout §3 (LOGO-15). */
export function announcesLogout(): Readonly<Record<string, unknown>> {
  return {
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
  }
}
