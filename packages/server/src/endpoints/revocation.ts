import { json, type HttpRequest, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthorizationServer } from '../authorization-server.ts'
import { event } from '../events.ts'
import type { ServerChange } from '../records.ts'
import { parseRefreshToken } from '../tokens/refresh-token.ts'
import { tokenError } from './answer.ts'
import { type Attempt, type ClientRequest, receive, settle } from './client-request.ts'

/**
 * POST /revoke (RFC 7009 §2). A token that we do not know, or that belongs to another client, is answered 200
 * like one that we revoked: the answer tells a caller nothing about tokens that are not its own. Either kind
 * of token ends the whole grant (REV-05): whoever gives one up gives up what it stood for.
 */
export async function revocation(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const received = await receive(as, request, 'revoke')
  if ('status' in received) return received
  const token = received.form.need('token')
  return settle(as, received, undefined, async () => {
    if (token instanceof OAuthError) return { reply: tokenError(request, token), changes: [] }
    return revoked(as, received, token)
  })
}

async function revoked(as: AuthorizationServer, { client, now }: ClientRequest, token: string): Promise<Attempt> {
  const reply = json(200, {})
  const grantId = await grantOf(as, token, now)
  const grant = grantId === undefined ? undefined : await as.store.read('grant', grantId)
  if (grant === undefined || grant.value.clientId !== client.client.clientId) return { reply, changes: [] }
  const changes: readonly ServerChange[] = [
    { op: 'delete', kind: 'grant', id: grant.id },
    { op: 'deleteBy', kind: 'refresh_family', index: 'grantId', value: grant.id },
    event('grant.revoked', now, { clientId: grant.value.clientId, subject: grant.value.subject }, { by: 'client' }),
  ]
  return { reply, changes }
}

/** `token_type_hint` is not needed: the two kinds look different, and a wrong hint must not matter (REV-03). */
async function grantOf(as: AuthorizationServer, token: string, now: number): Promise<string | undefined> {
  const refresh = parseRefreshToken(token)
  if (refresh !== undefined) {
    const family = await as.store.read('refresh_family', refresh.familyId)
    return as.sources.refreshTokens.verify(refresh, family?.value) === 'genuine' ? family?.value.grantId : undefined
  }
  await as.keys.refresh()
  const read = await as.accessTokens.read(token, now)
  return read instanceof OAuthError ? undefined : read.grantId
}
