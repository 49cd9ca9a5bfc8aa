import { OAuthError } from './oauth-error.ts'

/** How an access token was shown: RFC 6750 §2.1 or RFC 9449 §7.1. */
export interface Credentials {
  readonly scheme: 'Bearer' | 'DPoP'
  readonly token: string
}

/** The longest access token that is read, in characters. */
const MAX_TOKEN = 8192

/**
 * Reads the access token of the `Authorization` header. A request without one, or with another scheme, has
 * no credentials; so has one whose token stands in the URL, which is not looked at (OA-66).
 *
 * @param values every value of the header as received
 * @returns `invalid_request` for two headers of which one has a token (DPOP-55), or a token that is not token68 (OA-65)
 */
export function readCredentials(values: readonly string[]): Credentials | OAuthError | undefined {
  // Web objects join lines by a comma and a blank, and drop or keep empty ones as they like; other schemes have commas of their own.
  // Taken apart, what came as one line and what came as two is alike, and every runtime answers it alike.
  const parts = values.flatMap((value) => (value.includes(',') ? value.split(/, |,$/) : value)).filter((part) => part !== '')
  const shown = parts.find((part) => schemeOf(part) !== undefined)
  if (shown === undefined) return undefined
  if (parts.length > 1) return new OAuthError('invalid_request', 'Authorization is sent more than once', { rule: 'DPOP-55' })
  const scheme = schemeOf(shown) as Credentials['scheme']
  const token = shown.slice(scheme.length).replace(/^ +/, '')
  if (token.length > MAX_TOKEN)
    return new OAuthError('invalid_request', `the access token is longer than ${MAX_TOKEN} characters`, { rule: 'OA-65' })
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token))
    return new OAuthError('invalid_request', `Authorization must be ${scheme}, one space and one token (RFC 6750 §2.1)`, { rule: 'OA-65' })
  return { scheme, token }
}

function schemeOf(value: string): Credentials['scheme'] | undefined {
  const space = value.indexOf(' ')
  const name = (space === -1 ? value : value.slice(0, space)).toLowerCase()
  return name === 'dpop' ? 'DPoP' : name === 'bearer' ? 'Bearer' : undefined
}
