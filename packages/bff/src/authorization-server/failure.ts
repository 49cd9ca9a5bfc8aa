import * as oauth from 'oauth4webapi'

/**
 * Why the authorization server did not do what was asked.
 * `away`: an outage, nobody is to blame and nobody is signed out for it. `refused`: it said no, and will say so again.
 * `grant_ended`: what the session stands on is gone (`invalid_grant`). `unsound`: its answer must not be believed.
 */
export class Failure {
  readonly kind: 'away' | 'refused' | 'grant_ended' | 'unsound'
  /** An OAuth error code, or a word of ours: for the log. */
  readonly code: string
  /** For the operator. No token is ever in it. */
  readonly detail: string

  constructor(kind: Failure['kind'], code: string, detail: string) {
    this.kind = kind
    this.code = code
    this.detail = detail
  }
}

/** What was thrown while the server was asked, as a value. */
export function failureOf(error: unknown): Failure {
  if (error instanceof oauth.ResponseBodyError) {
    const kind =
      error.error === 'invalid_grant'
        ? 'grant_ended'
        : error.error === 'temporarily_unavailable' || error.status === 429
          ? 'away'
          : 'refused'
    return new Failure(kind, error.error, `${error.status} ${error.error_description ?? ''}`.trim())
  }
  if (error instanceof oauth.AuthorizationResponseError) return new Failure('refused', error.error, error.error_description ?? '')
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    const codes = error.cause.map(({ parameters }) => parameters['error'] ?? 'unauthorized')
    return new Failure('refused', codes[0] ?? 'unauthorized', `status ${error.status}`)
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    const answer: unknown = error.cause
    // A proxy's page, a redirect or a 5xx in the server's place says nothing about the session.
    if (answer instanceof Response && answer.status !== 200 && answer.status !== 201)
      return new Failure('away', 'unexpected_status', `status ${answer.status}`)
    return new Failure('unsound', error.code ?? 'invalid_response', error.message)
  }
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))
    return new Failure('away', 'timeout', error.message)
  // `fetch` says a network fault by a TypeError.
  if (error instanceof TypeError) return new Failure('away', 'unreachable', error.message)
  throw error
}
