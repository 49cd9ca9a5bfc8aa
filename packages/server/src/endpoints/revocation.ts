import { json, type HttpRequest, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import { event } from '../events.ts'
import type { ServerChange } from '../records.ts'
import type { ReadAccessToken } from '../tokens/read-access-token.ts'
import { parseRefreshToken, type RefreshToken } from '../tokens/refresh-token.ts'
import { isPairwise } from '../tokens/subjects.ts'
import { tokenError } from './answer.ts'
import { type Attempt, type ClientRequest, receive, settle } from './client-request.ts'

const DONE: Reply = json(200, {})

/**
 * POST /revoke (RFC 7009 §2). A token that we do not know, or that belongs to another client, is answered 200
 * like one that we revoked: the answer tells a caller nothing about tokens that are not its own. Either kind
 * of token ends the whole grant (REV-05): whoever gives one up gives up what it stood for. A token that a client got
 * for itself stands under no grant and ends alone, with what it was exchanged for; so does one that was exchanged for
 * the token of another client, whose grant is not its own to end.
 */
export async function revocation(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const received = await receive(as, request, 'revoke')
  if ('status' in received) return received
  const token = tellerOf('request', request.witness)('token', 'REV-01', received.form.need('token'))
  return settle(as, received, undefined, async (witness) => {
    if (token instanceof OAuthError) return { reply: tokenError(request, token), changes: [] }
    return revoked(as, received, token, witness)
  })
}

async function revoked(as: AuthorizationServer, received: ClientRequest, token: string, witness: Witness | undefined): Promise<Attempt> {
  const refresh = parseRefreshToken(token)
  if (refresh !== undefined)
    return { reply: DONE, changes: await grantEnded(as, received, await grantOf(as, refresh), 'refresh_token', witness) }
  await as.keys.refresh()
  const read = await as.accessTokens.read(token, received.now, witness)
  if (read instanceof OAuthError) return { reply: DONE, changes: [] }
  const foreign = tellerOf('access token', witness)('of this client', 'REV-04', checkClient(read, received))
  if (foreign !== undefined) return { reply: DONE, changes: [] }
  const ended = read.ofClient ? [] : await grantEnded(as, received, read.grantId, 'access token', witness)
  const alone = read.ofClient || (ended.length === 0 && read.exchangedFrom.length > 0)
  return { reply: DONE, changes: alone ? await tokenEnded(as, received, read) : ended }
}

function checkClient({ clientId }: ReadAccessToken, { client }: ClientRequest): OAuthError | undefined {
  return clientId === client.client.clientId ? undefined : notOwn()
}

/** What a witness alone hears: the caller is told that it is done. */
function notOwn(): OAuthError {
  return new OAuthError('invalid_token', 'the caller is answered as if it were revoked', { rule: 'REV-04' })
}

/** `token_type_hint` is not needed: the kinds look different, and a wrong hint must not matter (REV-03). */
async function grantOf(as: AuthorizationServer, refresh: RefreshToken): Promise<string | undefined> {
  const family = await as.store.read('refresh_family', refresh.familyId)
  return as.sources.refreshTokens.verify(refresh, family?.value) === 'genuine' ? family?.value.grantId : undefined
}

/** Everything that stands under the grant asks for it, so nothing of it works any more. */
async function grantEnded(
  as: AuthorizationServer,
  { client, now }: ClientRequest,
  grantId: string | undefined,
  about: string,
  witness: Witness | undefined,
): Promise<readonly ServerChange[]> {
  const stored = grantId === undefined ? undefined : await as.store.read('grant', grantId)
  const own = stored?.value.clientId === client.client.clientId ? stored : undefined
  const grant = tellerOf(about, witness)('grant of this client', 'REV-04', own ?? notOwn())
  if (grant instanceof OAuthError) return []
  return [
    // Of many revocations at once one is told.
    { op: 'require', kind: 'grant', id: grant.id, expected: grant.version },
    { op: 'delete', kind: 'grant', id: grant.id },
    { op: 'deleteBy', kind: 'refresh_family', index: 'grantId', value: grant.id },
    event('grant.revoked', now, { clientId: grant.value.clientId, subject: grant.value.subject }, { by: 'client' }),
  ]
}

/**
 * A token without a grant of its own ends by itself: an opaque one with its record, and any by its name on a list that our
 * own endpoints read for it and for what it was exchanged for, until it would have ended anyway (REV-06). Of many
 * revocations at once one is told.
 */
async function tokenEnded(as: AuthorizationServer, { now }: ClientRequest, read: ReadAccessToken): Promise<readonly ServerChange[]> {
  const { clientId, sub, grantId, recordId, jti, expiresAt } = read
  if ((await as.store.read('revoked_token', jti)) !== undefined) return []
  // A JWT of a pairwise client does not say whom it is about; the trail does.
  const grant = isPairwise(sub) && grantId !== undefined ? await as.store.read('grant', grantId) : undefined
  const subject = grant?.value.subject ?? sub
  const marked: readonly ServerChange[] = [
    { op: 'insert', kind: 'revoked_token', id: jti, value: {}, expiresAt },
    event('token.revoked', now, { clientId, subject }, { by: 'client' }),
  ]
  if (recordId === undefined) return marked
  return [
    { op: 'require', kind: 'access_token', id: recordId, expected: 1 },
    { op: 'delete', kind: 'access_token', id: recordId },
    ...marked,
  ]
}
