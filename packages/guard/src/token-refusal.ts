import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { type Comparison, MismatchError, shown } from './refusal.ts'

/** Refusals that an access token meets wherever it is read from: a JWT or an introspection answer. */

export function foreign(iss: unknown, trusted: readonly string[]): OAuthError {
  return invalid(`iss of the access token is ${shown(iss)}, this API trusts ${trusted.join(' ')}`, 'TOK-12', {
    received: shown(iss),
    expected: trusted,
  })
}

export function expired(exp: EpochSeconds, now: EpochSeconds): OAuthError {
  const skewSeconds = Math.round(exp - now)
  return invalid(`the access token has expired ${-skewSeconds} s ago`, 'TOK-12', { skewSeconds })
}

export function early(nbf: unknown, now: EpochSeconds): OAuthError {
  const skewSeconds = typeof nbf === 'number' ? Math.round(nbf - now) : undefined
  return invalid(`the access token is not valid yet${skewSeconds === undefined ? '' : ` for ${skewSeconds} s`}`, 'TOK-12', { skewSeconds })
}

export function invalid(description: string, rule = 'TOK-12', compared: Comparison = {}): OAuthError {
  return new MismatchError('invalid_token', description, { rule, ...compared })
}
