import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { Backend } from '../backend.ts'
import { checkCsrf } from '../csrf.ts'
import { loginUrl } from '../replies.ts'
import { logoutUrl } from './logout.ts'

/** GET /bff/session: who is signed in (BFF-03). It extends nothing, so that a page that asks now and then does not keep a session alive. */
export async function session({ settings, sessions }: Backend, request: HttpRequest): Promise<Reply> {
  const foreign = checkCsrf(request, settings.publicUrl)
  if (foreign !== undefined) return foreign
  const found = await sessions.find(request, request.witness)
  if (found === undefined) return json(200, { active: false, login_url: loginUrl(settings.basePath) })
  return json(200, {
    active: true,
    claims: found.contents.claims,
    idle_at: found.idleAt,
    ends_at: found.endsAt,
    logout_url: logoutUrl(settings, found.id),
  })
}
