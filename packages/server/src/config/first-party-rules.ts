import type { ClientRule } from './client-rule.ts'
import { underFapi } from './profile.ts'

/** Which clients may collect a person's credentials themselves (OAuth for First-Party Applications §5, §9). */
export const firstPartyRules: readonly ClientRule[] = [
  {
    spec: 'OAuth for First-Party Applications §9.8 (FIPA-06)',
    about: ['first_party', 'application_type', 'token_endpoint_auth_method'],
    check({ first_party, application_type, token_endpoint_auth_method: method }, _around, fault) {
      if (first_party === true && application_type !== 'native' && method === 'none')
        fault('first_party', 'must be false for an application in a browser (application_type web without credentials): it redirects')
    },
  },
  {
    spec: 'OAuth for First-Party Applications §4.1',
    about: ['first_party', 'grant_types'],
    check({ first_party, grant_types }, _around, fault) {
      if (first_party === true && !grant_types.includes('authorization_code'))
        fault('grant_types', 'must have authorization_code: that is what the authorization challenge endpoint answers')
    },
  },
  {
    spec: 'FAPI 2.0 §5.3.2.2 (FAPI-31)',
    about: ['first_party', 'profile'],
    check({ first_party, profile }, _around, fault) {
      if (first_party === true && underFapi({ profile }))
        fault('first_party', `must be false under the profile ${profile}: authorization requests are pushed and answered by redirect`)
    },
  },
  {
    spec: 'RFC 9101 §10.5 (JAR-14)',
    about: ['first_party', 'require_signed_request_object'],
    check({ first_party, require_signed_request_object }, _around, fault) {
      if (first_party === true && require_signed_request_object === true)
        fault(
          'require_signed_request_object',
          'must be false with first_party: the authorization challenge endpoint takes no signed requests',
        )
    },
  },
]
