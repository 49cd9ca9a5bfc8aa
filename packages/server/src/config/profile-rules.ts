import type { ClientRule } from './client-rule.ts'
import type { AuthMethod, SigningAlgorithm } from './client.ts'

const FAPI_ALGORITHMS: readonly SigningAlgorithm[] = ['PS256', 'ES256', 'EdDSA']
const FAPI_METHODS: readonly AuthMethod[] = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']

/** What the profiles ask of a client on top of `clientRules`: relaxing one is a contradiction, not an option. */
export const profileRules: readonly ClientRule[] = [
  {
    spec: 'design §6 Profiles',
    about: ['profile', 'dpop_bound_access_tokens', 'tls_client_certificate_bound_access_tokens', 'require_pushed_authorization_requests'],
    check(draft, _around, fault) {
      const { profile, dpop_bound_access_tokens, require_pushed_authorization_requests } = draft
      if (profile === 'oauth21') return
      // Tokens are bound to a DPoP key or to a certificate; to which is the client's choice (FAPI-13).
      if (dpop_bound_access_tokens === false && draft.tls_client_certificate_bound_access_tokens !== true)
        fault('dpop_bound_access_tokens', `must be true under the profile ${profile}; the profile oauth21 does without`)
      if (require_pushed_authorization_requests === false)
        fault('require_pushed_authorization_requests', `must be true under the profile ${profile}; the profile oauth21 does without`)
    },
  },
  {
    spec: 'FAPI 2.0 §5.3.2.1 (FAPI-12, FAPI-14, FAPI-16)',
    about: ['profile', 'token_endpoint_auth_method', 'unsafe_legacy_assertion_audience'],
    check({ profile, token_endpoint_auth_method: method, unsafe_legacy_assertion_audience }, _around, fault) {
      if (profile !== 'fapi2') return
      if (!FAPI_METHODS.includes(method))
        fault('token_endpoint_auth_method', `must be one of ${FAPI_METHODS.join(', ')} under the profile fapi2`)
      if (unsafe_legacy_assertion_audience === true)
        fault('unsafe_legacy_assertion_audience', 'must be false under the profile fapi2: an assertion names the issuer alone')
    },
  },
  {
    spec: 'FAPI 2.0 §5.4.1 (FAPI-70)',
    about: ['profile', 'token_endpoint_auth_signing_alg', 'id_token_signed_response_alg'],
    check(draft, _around, fault) {
      if (draft.profile !== 'fapi2') return
      for (const member of ['token_endpoint_auth_signing_alg', 'id_token_signed_response_alg'] as const) {
        const alg = draft[member]
        if (alg !== undefined && !FAPI_ALGORITHMS.includes(alg))
          fault(member, `must be one of ${FAPI_ALGORITHMS.join(', ')} under the profile fapi2`)
      }
    },
  },
  {
    spec: 'FAPI 2.0 §5.3.2.2 (FAPI-35)',
    about: ['profile', 'application_type', 'redirect_uris'],
    check({ profile, application_type, redirect_uris = [] }, _around, fault) {
      if (profile !== 'fapi2' || application_type === 'native') return
      for (const [index, uri] of redirect_uris.entries())
        if (uri.startsWith('http:'))
          fault(`redirect_uris[${index}]`, 'must be https under the profile fapi2; http on loopback is for native applications')
    },
  },
]
