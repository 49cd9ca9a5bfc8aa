import { Form } from '@holdfast/protocol/form'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Backend } from '../backend.ts'
import { checkLogoutToken } from '../authorization-server/logout-token.ts'
import { Failure } from '../authorization-server/failure.ts'
import { unavailable } from '../replies.ts'

/** POST /bff/backchannel-logout: the authorization server says that a session of its own has ended (Back-Channel Logout §2.5). */
export async function backchannelLogout({ settings, link, sessions }: Backend, request: HttpRequest): Promise<Reply> {
  if (sessions.endBy === undefined)
    return json(501, { error: 'unsupported', error_description: 'sessions are in cookies here: nobody but their browsers can end them' })
  const form = await Form.read(request)
  const token = form instanceof OAuthError ? form : form.need('logout_token')
  if (token instanceof OAuthError) return refused(token.description)
  const notice = await checkLogoutToken(link, token)
  if (notice instanceof Failure) {
    settings.tell({ type: 'logout.backchannel', outcome: 'refused', code: notice.code, detail: notice.detail })
    return notice.kind === 'away' ? unavailable('the keys of the authorization server cannot be had') : refused(notice.detail)
  }
  const outcome = await sessions.endBy(notice)
  settings.tell({ type: 'logout.backchannel', outcome, sub: notice.sub, by: notice.sid === undefined ? 'sub' : 'sid' })
  if (outcome === 'replayed') return refused('jti was used before')
  return { status: 200, headers: { 'cache-control': 'no-store' }, body: '' }
}

function refused(description: string): Reply {
  return json(400, { error: 'invalid_request', error_description: description })
}
