import { json, type Reply } from '@holdfast/protocol/http'
import { parseScope } from '@holdfast/protocol/scope'
import { type Challenge, parseChallenges } from '@holdfast/protocol/www-authenticate'
import type { Route } from './routes.ts'

/** Why an API refuses a token, in the words of its challenge (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3). */
export type Refusal =
  | { readonly error: 'invalid_token' | 'use_dpop_nonce' | 'invalid_dpop_proof' }
  | {
      readonly error: 'insufficient_user_authentication' | 'insufficient_scope'
      readonly acrValues: string | undefined
      readonly maxAge: number | undefined
      readonly scope: string | undefined
    }

/** How pages say that they have been to sign in because of such an answer, and are back (STEP-23). */
export const RETRIED_HEADER = 'x-holdfast-retried'

/** The most that a challenge may ask for: it goes into an address. */
const MOST_CHARACTERS = 1000

/** @returns undefined for an answer of the API's own, whatever its status */
export function refusalOf(response: Response): Refusal | undefined {
  if (response.status !== 401 && response.status !== 403) return undefined
  const line = response.headers.get('www-authenticate')
  const challenges = (parseChallenges(line === null ? [] : [line]) ?? []).filter(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
  const by = (error: string): Challenge | undefined => challenges.find(({ parameters }) => parameters['error'] === error)
  if (response.status === 401) {
    if (by('use_dpop_nonce')) return { error: 'use_dpop_nonce' }
    if (by('invalid_dpop_proof')) return { error: 'invalid_dpop_proof' }
    // RFC 6750 §3: without an error it saw no token, or none that it knows.
    if (by('invalid_token') || challenges.some(({ parameters }) => parameters['error'] === undefined)) return { error: 'invalid_token' }
  }
  for (const error of ['insufficient_user_authentication', 'insufficient_scope'] as const) {
    const found = by(error)
    if (found !== undefined) return { error, ...wishOf(found.parameters) }
  }
  return undefined
}

/** What is malformed is as if it were not there: it would end up in a request to the authorization server. */
function wishOf({ acr_values, max_age, scope }: Challenge['parameters']): {
  readonly acrValues: string | undefined
  readonly maxAge: number | undefined
  readonly scope: string | undefined
} {
  return { acrValues: words(acr_values), maxAge: /^\d{1,9}$/.test(max_age ?? '') ? Number(max_age) : undefined, scope: words(scope) }
}

function words(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || text.length > MOST_CHARACTERS) return undefined
  const found = parseScope(text)
  return Array.isArray(found) ? found.join(' ') : undefined
}

/**
 * The refusal as the page can use it (STEP-24, BFF-48): it appends where to come back to, and goes there. Never a redirect, which
 * `fetch` would follow without anybody seeing it.
 *
 * @param retried the page was there already: once more would be a loop (STEP-23)
 */
export function refusalReply(refusal: Refusal, route: Route, loginUrl: string, retried: boolean): Reply {
  if (refusal.error === 'invalid_token')
    return json(401, {
      error: 'login_required',
      error_description: 'the API does not take the token any more',
      login_url: loginAt(loginUrl, {}),
    })
  if (!('scope' in refusal)) return json(502, { error: 'bad_gateway', error_description: `the API refuses our proof: ${refusal.error}` })
  const { error, acrValues, maxAge, scope } = refusal
  const asked = { acr_values: acrValues, max_age: maxAge, scope }
  if (retried)
    return json(403, {
      error: 'step_up_failed',
      error_description: `signing in again was not enough: ${error}`,
      challenge: error,
      ...asked,
    })
  // STEP-21: what the route has already is asked for again.
  const scopes = new Set([route.api.scope, scope].flatMap((some) => some?.split(' ') ?? []))
  const whole = scope === undefined ? undefined : [...scopes].join(' ')
  const nothing = error === 'insufficient_scope' && scope === undefined
  return json(error === 'insufficient_scope' ? 403 : 401, {
    error,
    ...asked,
    ...(!nothing && { login_url: loginAt(loginUrl, { ...asked, scope: whole }) }),
  })
}

function loginAt(loginUrl: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}&`],
  )
  return `${loginUrl}?${query.join('')}return_to=`
}
