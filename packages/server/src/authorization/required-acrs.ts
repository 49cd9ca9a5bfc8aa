import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthenticationPolicy } from '../config/authentication-policy.ts'
import type { ClaimsRequest } from './claims-request.ts'

/**
 * The `acr` of which one must be reached, in the order of preference; empty: any will do. `acr_values` is a condition where
 * there are levels (STEP-12), and a wish that is not granted where there are none (OIDC-08). An essential `acr` claim is always
 * one (OpenID Connect Core §5.5.1.1). Names that are unknown beside known ones are passed over.
 *
 * @returns `unmet_authentication_requirements` for what nobody can ever reach here: told at once, before anybody is asked (STEP-26)
 */
export function requiredAcrs(
  acrValues: readonly string[],
  claims: ClaimsRequest | undefined,
  policy: AuthenticationPolicy,
): readonly string[] | OAuthError {
  const asked = policy.stepsUp ? acrValues.filter((one) => one !== '') : []
  const claim = claims?.idToken['acr']
  const essential = claim?.essential === true ? claim.values : undefined
  const required = essential === undefined ? asked : essential.filter((one) => asked.length === 0 || asked.some((acr) => acr === one))
  const known = policy.acrs.length === 0 ? [] : required.filter((one): one is string => policy.acrs.some((acr) => acr === one))
  if (known.length > 0 || (asked.length === 0 && essential === undefined)) return known
  const words = policy.stepsUp ? `levels here are ${policy.acrs.join(' ')}` : 'there are no levels here'
  return new OAuthError('unmet_authentication_requirements', `no acr that is required can be reached: ${words}`, {
    rule: essential === undefined ? 'STEP-26' : 'OIDC-21',
  })
}
