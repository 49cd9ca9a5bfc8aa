import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { unnamedResponseMode } from '../authorization/response-mode.ts'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { clientOfSession } from '../first-party/auth-session.ts'
import { challenge } from '../first-party/challenge.ts'
import { ineligible } from '../first-party/eligible.ts'
import type { Factor, Outcome } from '../first-party/outcome.ts'
import { tokenError } from './answer.ts'
import { type Attempt, type ClientRequest, receive, settle } from './client-request.ts'
import { newPushedRequest } from './pushed-authorization.ts'
import { tooManyBegun } from './stranger-limit.ts'

const PATH = '/authorize-challenge'

/** POST /authorize-challenge (OAuth for First-Party Applications §4.1): an app of the operator's own signs a person in. */
export async function authorizeChallenge(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const received = await receive(as, request, 'authorize-challenge', (form) => clientOfSession(as, request, form))
  if ('status' in received) return received
  const { form, client, now } = received
  const tooMany = form.has('auth_session') ? undefined : await tooManyBegun(as, received)
  if (tooMany !== undefined) return tooMany
  const headers = as.dpop.headers(request, now)
  // Before anything of the person is looked at: a nonce that is missing costs no one-time code (FIPA-33).
  const binding = as.dpop.check(request, PATH, now)
  const wrong = binding instanceof OAuthError ? binding : ineligible(client.client, binding, as.requestRules, request.witness)
  const proven = binding instanceof OAuthError ? undefined : binding
  return settle(as, received, proven, async (witness) => {
    const outcome: Outcome =
      wrong === undefined
        ? await challenge(as, { form, client, binding: proven, address: request.clientAddress, now, witness })
        : { kind: 'refused', error: wrong, changes: [] }
    return told(as, received, outcome, headers)
  })
}

function told(as: AuthorizationServer, received: ClientRequest, outcome: Outcome, headers: Reply['headers']): Attempt {
  const { request, client, now } = received
  const { clientId } = client.client
  const refuse = (error: OAuthError, members: Readonly<Record<string, unknown>>, counted: boolean): Reply => {
    if (counted) as.refusals.count(error, 'authorize-challenge', clientId, request.clientAddress)
    return json(400, { error: error.code, error_description: error.description, ...members }, headers)
  }
  switch (outcome.kind) {
    case 'refused':
      as.refusals.count(outcome.error, 'authorize-challenge', clientId, request.clientAddress)
      return { reply: tokenError(request, outcome.error, headers), changes: outcome.changes }
    case 'code':
      return {
        reply: json(200, { authorization_code: outcome.code, auth_session: outcome.handle }, headers),
        changes: outcome.changes,
      }
    case 'insufficient': {
      const { next, wrong, handle, changes } = outcome
      return { reply: refuse(insufficient(next, wrong), { auth_session: handle, next: [next] }, wrong), changes }
    }
    case 'web': {
      const error = new OAuthError('redirect_to_web', `the person goes on in a browser: ${outcome.why}`, { rule: 'FIPA-18' })
      const request = webRequest(outcome.from, client.client)
      if (request === undefined) return { reply: refuse(error, {}, true), changes: outcome.changes }
      const { answer, insert } = newPushedRequest(as, clientId, request, now)
      return { reply: refuse(error, answer, true), changes: [...outcome.changes, insert] }
    }
  }
}

const MISSING: Readonly<Record<Factor, string>> = {
  password: 'send username and password with this auth_session',
  otp: 'send otp, a one-time code, with this auth_session',
}

/** One sentence for every way to be wrong (FIPA-26, A58). */
function insufficient(next: Factor, wrong: boolean): OAuthError {
  return new OAuthError('insufficient_authorization', `${wrong ? 'what was sent is not right: ' : ''}${MISSING[next]}`, { rule: 'FIPA-26' })
}

/**
 * What a browser can go on with. Never without PKCE: whoever got hold of the reference could else have the code that it
 * leads to (FIPA-16); and only where it is known where the browser comes back to, and in a mode that the client takes.
 */
export function webRequest(
  { request, redirectUri }: Extract<Outcome, { kind: 'web' }>['from'],
  client: Client,
): AuthorizationRequest | undefined {
  if (request?.challenge === undefined || redirectUri === undefined) return undefined
  const responseMode = unnamedResponseMode(client, redirectUri)
  return responseMode === undefined ? undefined : { ...request, redirectUri, responseMode }
}
