import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError, type OAuthErrorCode } from '@holdfast/protocol/oauth-error'
import type { Seconds } from '@holdfast/protocol/time'

/** What was compared when something was refused. Never a token, a proof or a secret. */
export interface Comparison {
  /** What the token or the proof says, such as its `htu`, `aud` or `iss`. */
  readonly received?: string | undefined
  /** What would have passed. */
  readonly expected?: readonly string[] | undefined
  /** How far the time in the proof or the token is from this clock, in seconds: ahead of it above 0, behind it below. */
  readonly skewSeconds?: Seconds | undefined
}

/** Why a request was not let in, for the operator's log: `createGuard({ onRefusal })`. It holds no token, no proof and no query. */
export interface Refusal extends Comparison {
  /** 401, 403, 400, or 503 when something could not be checked. */
  readonly status: number
  /** Undefined when no token was shown. */
  readonly error: OAuthErrorCode | undefined
  /** What the client is told. */
  readonly description: string
  /** The requirement that refused, such as `DPOP-09`. */
  readonly rule: string | undefined
  /** What the operator may do about it. */
  readonly detail: string | undefined
  readonly method: string
  readonly path: string
  readonly clientAddress: string
  /** The client of a token that was good in itself. */
  readonly clientId: string | undefined
  /** What went wrong outside, for 503. */
  readonly cause: unknown
}

/** A refusal that tells its reader what was compared. */
export class MismatchError extends OAuthError {
  readonly compared: Comparison

  constructor(
    code: OAuthErrorCode,
    description: string,
    { rule, detail, ...compared }: Comparison & { readonly rule?: string | undefined; readonly detail?: string | undefined },
  ) {
    super(code, description, { ...(rule !== undefined && { rule }), ...(detail !== undefined && { detail }) })
    this.compared = compared
  }
}

/** Values of strangers fit into a description. Only texts are written as they are: an object may have a `toString` of its own. */
export function shown(value: unknown): string {
  const written = (one: unknown): string => (typeof one === 'string' ? one : (JSON.stringify(one) ?? 'missing'))
  const text = Array.isArray(value) ? value.map(written).join(' ') : written(value)
  return text.length > 160 ? `${text.slice(0, 157)}...` : text
}

interface Circumstances {
  readonly status: number
  readonly error?: OAuthError | undefined
  readonly detail?: string | undefined
  readonly clientId?: string | undefined
  readonly cause?: unknown
}

export function refusalOf(request: HttpRequest, { status, error, detail, clientId, cause }: Circumstances): Refusal {
  const compared: Comparison = error instanceof MismatchError ? error.compared : {}
  return {
    status,
    error: error?.code,
    description: error?.description ?? '',
    rule: error?.rule,
    detail: error?.detail ?? detail,
    method: request.method,
    path: request.path,
    clientAddress: request.clientAddress,
    clientId,
    cause,
    ...compared,
  }
}
