import { Form } from '@holdfast/protocol/form'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Backend } from '../backend.ts'
import { checkLogoutToken } from '../authorization-server/logout-token.ts'
import { Failure } from '../authorization-server/failure.ts'
import { told } from '../checks.ts'
import { unavailable } from '../replies.ts'

const ONE_TOKEN = { about: 'logout token', check: 'one logout_token', rule: 'LOGO-13' }
const NEW_JTI = { about: 'logout token', check: 'jti is new', rule: 'LOGO-13' }

/** POST /bff/backchannel-logout: the authorization server says that a session of its own has ended (Back-Channel Logout §2.5). */
export async function backchannelLogout({ settings, link, sessions }: Backend, request: HttpRequest): Promise<Reply> {
  if (sessions.endBy === undefined)
    return json(501, { error: 'unsupported', error_description: 'sessions are in cookies here: nobody but their browsers can end them' })
  const form = await Form.read(request)
  const token = form instanceof OAuthError ? form : form.need('logout_token')
  told(request.witness, ONE_TOKEN, token instanceof OAuthError ? token.description : undefined)
  if (token instanceof OAuthError) return refused(token.description)
  const notice = await checkLogoutToken(link, token, request.witness)
  if (notice instanceof Failure) {
    settings.tell({ type: 'logout.backchannel', outcome: 'refused', code: notice.code, detail: notice.detail })
    return notice.kind === 'away' ? unavailable('the keys of the authorization server cannot be had') : refused(notice.detail)
  }
  const outcome = await sessions.endBy(notice)
  settings.tell({ type: 'logout.backchannel', outcome, sub: notice.sub, by: notice.sid === undefined ? 'sub' : 'sid' })
  const replayed = told(request.witness, NEW_JTI, outcome === 'replayed' ? 'jti was used before' : undefined)
  if (replayed !== undefined) return refused(replayed)
  return { status: 200, headers: { 'cache-control': 'no-store' }, body: '' }
}

function refused(description: string): Reply {
  return json(400, { error: 'invalid_request', error_description: description })
}
