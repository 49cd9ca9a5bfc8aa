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
  readonly realm?: string | undefined
}

/** What a token must have for a route, as the challenge tells it (RFC 6750 §3, RFC 9470 §3). */
export interface Demand {
  readonly scopes?: readonly string[] | undefined
  readonly acr?: readonly string[] | undefined
  readonly maxAge?: Seconds | undefined
}

/** Refusals of a token for its kind: the answer offers DPoP beside the scheme that was used. */
const WANTS_DPOP: ReadonlySet<string | undefined> = new Set(['DPOP-49', 'DPOP-59', 'FAPI-63'])

/**
 * Nothing was shown: the schemes are offered, with the scopes that a token needs here, so that a client asks for those and no
 * more (MCP-33). No error is told (OA-71, DPOP-54), and nothing of how a person must authenticate (STEP-07).
 */
export function unauthenticated(rules: ChallengeRules, scopes: readonly string[] = []): Reply {
  const { realm, resourceMetadata } = rules
  const bearer = challenge('Bearer', { realm, scope: listed(scopes), resource_metadata: resourceMetadata })
  return refusal(401, undefined, rules.dpopRequired ? [dpop(rules, scopes)] : [bearer, dpop(rules, scopes)])
}

/** The status of each refusal (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3), in the challenge of the scheme that was used (DPOP-56). */
export function refused(
  rules: ChallengeRules,
  scheme: Scheme,
  error: OAuthError,
  { scopes = [], acr, maxAge }: Demand = {},
  headers: Reply['headers'] = {},
): Reply {
  const parameters = {
    realm: rules.realm,
    error: error.code,
    error_description: error.description,
    scope: listed(scopes),
    acr_values: acr?.join(' '),
    max_age: maxAge?.toString(),
    resource_metadata: rules.resourceMetadata,
  }
  const used = challenge(scheme, scheme === 'DPoP' ? { ...parameters, algs: rules.dpopAlgorithms.join(' ') } : parameters)
  const offersDpop = scheme === 'Bearer' && WANTS_DPOP.has(error.rule)
  return refusal(statusOf(error), error, offersDpop ? [used, dpop(rules, scopes)] : [used], headers)
}

function statusOf({ code }: OAuthError): 401 | 403 {
  return code === 'insufficient_scope' ? 403 : 401
}

/** The request cannot be read: both schemes are told (DPOP-55). */
export function malformed(rules: ChallengeRules, error: OAuthError): Reply {
  const parameters = { realm: rules.realm, error: error.code, error_description: error.description }
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

function dpop(rules: ChallengeRules, scopes: readonly string[]): string {
  const { realm, dpopAlgorithms, resourceMetadata } = rules
  return challenge('DPoP', { realm, algs: dpopAlgorithms.join(' '), scope: listed(scopes), resource_metadata: resourceMetadata })
}

function listed(scopes: readonly string[]): string | undefined {
  return scopes.length === 0 ? undefined : scopes.join(' ')
}

/** What a script of another origin may read of a refusal (DPOP-45). Without `Access-Control-Allow-Origin`, which is the API's to give, it means nothing. */
const EXPOSED = 'WWW-Authenticate, DPoP-Nonce'

function refusal(status: number, error: OAuthError | undefined, challenges: readonly string[], headers: Reply['headers'] = {}): Reply {
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'access-control-expose-headers': EXPOSED,
      ...headers,
      'www-authenticate': challenges,
    },
    body: JSON.stringify(error === undefined ? {} : { error: error.code, error_description: error.description }),
  }
}
