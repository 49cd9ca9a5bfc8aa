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
 * @returns `invalid_request` for two headers (DPOP-55) or a token that is not token68 (OA-65)
 */
export function readCredentials(values: readonly string[]): Credentials | OAuthError | undefined {
  if (values.length > 1) return new OAuthError('invalid_request', 'Authorization is sent more than once', { rule: 'DPOP-55' })
  const value = values[0]
  if (value === undefined) return undefined
  const space = value.indexOf(' ')
  const name = (space === -1 ? value : value.slice(0, space)).toLowerCase()
  const scheme = name === 'dpop' ? 'DPoP' : name === 'bearer' ? 'Bearer' : undefined
  if (scheme === undefined) return undefined
  const token = space === -1 ? '' : value.slice(space + 1).replace(/^ +/, '')
  if (token.length > MAX_TOKEN)
    return new OAuthError('invalid_request', `the access token is longer than ${MAX_TOKEN} characters`, { rule: 'OA-65' })
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token))
    return new OAuthError('invalid_request', `Authorization must be ${scheme}, one space and one token (RFC 6750 §2.1)`, { rule: 'OA-65' })
  return { scheme, token }
}
