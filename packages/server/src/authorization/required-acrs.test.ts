import { OAuthError } from '@holdfast/protocol/oauth-error'
import { describe, expect, test } from 'vitest'
import { AuthenticationPolicy } from '../config/authentication-policy.ts'
import type { ClaimsRequest } from './claims-request.ts'
import { requiredAcrs } from './required-acrs.ts'

const levels = new AuthenticationPolicy([
  { acr: 'low', methods: ['pwd'] },
  { acr: 'high', methods: ['mfa'] },
])
const none = new AuthenticationPolicy()
const claim = (essential: boolean, values?: readonly string[]): ClaimsRequest => ({ userinfo: {}, idToken: { acr: { essential, values } } })
const told = (required: readonly string[] | OAuthError): unknown =>
  required instanceof OAuthError ? `${required.code} ${required.rule}` : required

describe('what acr is required', () => {
  test.each([
    ['nothing asked', [], undefined, []],
    ['acr_values, the unknown passed over', ['x', 'high', 'low'], undefined, ['high', 'low']],
    ['STEP-26 only unknown acr_values', ['x'], undefined, 'unmet_authentication_requirements STEP-26'],
    ['OIDC-21 an essential claim with values', [], claim(true, ['high', 'x']), ['high']],
    ['OIDC-21 an essential claim that nobody reaches', [], claim(true, ['x']), 'unmet_authentication_requirements OIDC-21'],
    ['OIDC-21 both: what is in both', ['low', 'high'], claim(true, ['high']), ['high']],
    ['OIDC-21 both, with nothing in common', ['low'], claim(true, ['high']), 'unmet_authentication_requirements OIDC-21'],
    ['OIDC-47 a voluntary claim is no condition', [], claim(false, ['high']), []],
    ['OIDC-47 an essential one without values neither', [], claim(true), []],
  ] as const)('%s', (_name, acrValues, claims, expected) => {
    expect(told(requiredAcrs(acrValues, claims, levels))).toEqual(expected)
  })

  test('OIDC-08 OIDC-20 without levels acr_values is a wish; OIDC-21 an essential claim with values is a condition all the same', () => {
    expect(told(requiredAcrs(['high'], undefined, none))).toEqual([])
    expect(told(requiredAcrs([], claim(true, ['high']), none))).toBe('unmet_authentication_requirements OIDC-21')
  })
})
