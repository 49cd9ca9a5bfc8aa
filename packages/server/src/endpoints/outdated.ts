import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import { REQUEST } from '../authorization/parse.ts'
import { stillAllowed, stillRedirects } from '../authorization/asked.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { responseModeFault } from '../authorization/response-mode.ts'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { clientHash } from '../interaction/consent-record.ts'
import { errorPage } from './page.ts'

/**
 * A request that was pushed, or that waited for the person, by the rules as they are now: what an operator took back since
 * is not given, and no code goes where none may go any more (A39).
 *
 * @param shown the client as it was when the person was first asked: one that became another one meanwhile would get a yes
 *   that was meant for the first (CIMD-13)
 * @returns the answer, when it may not go on
 */
export async function outdated(
  as: AuthorizationServer,
  http: HttpRequest,
  client: Client,
  request: AuthorizationRequest,
  shown: string | undefined,
  witness: Witness | undefined,
): Promise<Reply | undefined> {
  const tell = tellerOf(REQUEST, witness)
  const changed = new OAuthError('invalid_request', 'the client changed since the person was asked', { rule: 'CIMD-13' })
  const moved =
    tell('redirect_uri still registered', 'OA-11', stillRedirects(request.redirectUri, client)) ??
    tell('response_mode still allowed', 'FMS-09', responseModeFault(request.responseMode, client, request.redirectUri)) ??
    tell('client unchanged', 'CIMD-13', shown === clientHash(client) ? undefined : changed)
  if (moved !== undefined)
    return errorPage(
      as,
      http,
      moved,
      'This application has changed',
      'It changed while you were here, so nothing was shared with it. Go back to it and start again, if you still trust it.',
    )
  const why = stillAllowed(request, 'authorization_code', client, as.requestRules, witness)
  if (why === undefined) return undefined
  as.refusals.count(why, 'authorize', client.clientId, http.clientAddress)
  return as.responses.refuse(client, request, why)
}
