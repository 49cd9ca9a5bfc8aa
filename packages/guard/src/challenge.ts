import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Reply } from '@holdfast/protocol/http'
import type { Seconds } from '@holdfast/protocol/time'
import { challenge } from '@holdfast/protocol/www-authenticate'

export type Scheme = 'Bearer' | 'DPoP'

export interface ChallengeRules {
  /** RFC 9728 §5.1: where this API says which issuer it trusts. */
  readonly resourceMetadata: string
  readonly dpopAlgorithms: readonly string[]
  /** Bearer tokens are refused, so Bearer is not offered. */
  readonly dpopRequired: boolean
}

/** What a token must have for a route, as the challenge tells it (RFC 6750 §3, RFC 9470 §3). */
export interface Demand {
  readonly scopes?: readonly string[] | undefined
  readonly acr?: readonly string[] | undefined
  readonly maxAge?: Seconds | undefined
}

/** Nothing was shown: the schemes are offered and nothing else is told (OA-71, DPOP-54). */
export function unauthenticated(rules: ChallengeRules): Reply {
  const offers = rules.dpopRequired ? [dpop(rules)] : [challenge('Bearer', { resource_metadata: rules.resourceMetadata }), dpop(rules)]
  return refusal(401, undefined, offers)
}

/** The status of each refusal (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3), in the challenge of the scheme that was used (DPOP-56). */
export function refused(
  rules: ChallengeRules,
  scheme: Scheme,
  error: OAuthError,
  { scopes = [], acr, maxAge }: Demand = {},
  headers: Reply['headers'] = {},
): Reply {
  const status = error.code === 'insufficient_scope' ? 403 : 401
  const parameters = {
    error: error.code,
    error_description: error.description,
    scope: scopes.length === 0 ? undefined : scopes.join(' '),
    acr_values: acr?.join(' '),
    max_age: maxAge?.toString(),
    resource_metadata: rules.resourceMetadata,
  }
  return refusal(
    status,
    error,
    [challenge(scheme, scheme === 'DPoP' ? { ...parameters, algs: rules.dpopAlgorithms.join(' ') } : parameters)],
    headers,
  )
}

/** The request cannot be read: both schemes are told (DPOP-55). */
export function malformed(rules: ChallengeRules, error: OAuthError): Reply {
  const parameters = { error: error.code, error_description: error.description }
  return refusal(400, error, [challenge('Bearer', parameters), challenge('DPoP', { ...parameters, algs: rules.dpopAlgorithms.join(' ') })])
}

/** The keys or the replay memory cannot be had: what cannot be checked is not let in. */
export function unavailable(): Reply {
  return {
    status: 503,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '1' },
    body: JSON.stringify({ error: 'temporarily_unavailable' }),
  }
}

function dpop(rules: ChallengeRules): string {
  return challenge('DPoP', { algs: rules.dpopAlgorithms.join(' '), resource_metadata: rules.resourceMetadata })
}

function refusal(status: number, error: OAuthError | undefined, challenges: readonly string[], headers: Reply['headers'] = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers, 'www-authenticate': challenges },
    body: JSON.stringify(error === undefined ? {} : { error: error.code, error_description: error.description }),
  }
}
