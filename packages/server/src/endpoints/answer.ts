import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { challenge } from '@holdfast/protocol/www-authenticate'
import type { ServerOutcome } from '../records.ts'

export { seeOther } from '../response-modes/see-other.ts'

/** OAuth 2.1 §3.2.4: the refusal as the client's program reads it. */
export function tokenError(request: HttpRequest, error: OAuthError, headers: Reply['headers'] = {}): Reply {
  const basic = error.code === 'invalid_client' && request.headers('authorization').length > 0
  return json(
    statusOf(error),
    { error: error.code, error_description: error.description },
    {
      ...(error.code === 'temporarily_unavailable' ? { 'retry-after': '1' } : {}),
      ...headers,
      ...(basic ? { 'www-authenticate': challenge('Basic', { realm: 'holdfast' }) } : {}),
    },
  )
}

function statusOf(error: OAuthError): number {
  switch (error.code) {
    case 'invalid_client':
      return 401
    case 'temporarily_unavailable':
      return 503
    case 'server_error':
      return 500
    default:
      return 400
  }
}

/** What a lost commit means to the client; undefined: the world moved, load and decide again. */
export function conflictRefusal(outcome: Exclude<ServerOutcome, 'committed'>): OAuthError | undefined {
  switch (outcome.conflict.kind) {
    case 'dpop_jti':
      return replayedProof()
    case 'assertion_jti':
      return new OAuthError('invalid_client', 'jti of client_assertion was already used', { rule: 'CAUTH-27' })
    case 'client':
      return new OAuthError('invalid_client', 'the client is unknown or its credentials are wrong', {
        rule: 'PAR-21',
        detail: 'client changed or removed meanwhile',
      })
    default:
      return undefined
  }
}

export function replayedProof(): OAuthError {
  return new OAuthError('invalid_dpop_proof', 'jti of the DPoP proof was already used (RFC 9449 §11.1)', { rule: 'DPOP-16' })
}

/** Three tries were lost to others: rare, and over in a moment. */
export function tooBusy(): OAuthError {
  return new OAuthError('temporarily_unavailable', 'too many requests changed the same grant at once: try again')
}

/** What it proved, it proved to a version of its metadata that is no more: 401 would tell it that its credentials are wrong. */
export function changedClient(): OAuthError {
  return new OAuthError('temporarily_unavailable', 'the metadata of this client changed a moment ago: try again')
}
