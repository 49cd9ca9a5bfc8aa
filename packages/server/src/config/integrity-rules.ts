import { someKeyFits } from './client-keys.ts'
import { someKeyTakes } from './encryption-key.ts'
import type { ClientRule } from './client-rule.ts'
import { underFapi, underMessageSigning } from './profile.ts'

/** What holds for signed requests, signed and encrypted responses, and for leaving PKCE out. */
export const integrityRules: readonly ClientRule[] = [
  {
    spec: 'JARM §3 (JRM-04)',
    about: ['authorization_encrypted_response_alg', 'authorization_encrypted_response_enc', 'jwks', 'jwks_uri'],
    check(draft, _around, fault) {
      const { authorization_encrypted_response_alg: alg, authorization_encrypted_response_enc: enc, jwks, jwks_uri } = draft
      if (alg === undefined) {
        if (enc !== undefined)
          fault('authorization_encrypted_response_enc', 'stands without authorization_encrypted_response_alg (JARM §3)')
        return
      }
      if (jwks_uri === undefined && !someKeyTakes(jwks?.keys ?? [], alg))
        fault('jwks', `must have a key with use enc for authorization_encrypted_response_alg ${alg}`)
    },
  },
  {
    spec: 'RFC 9101 §6.2, §10.5 (JAR-05, JAR-14)',
    about: ['profile', 'request_object_signing_alg', 'require_signed_request_object', 'jwks', 'jwks_uri'],
    check(draft, _around, fault) {
      const { request_object_signing_alg: alg, require_signed_request_object: written, jwks, jwks_uri } = draft
      const required = written ?? underMessageSigning(draft)
      if (underMessageSigning(draft) && !required)
        fault('require_signed_request_object', 'must be true under the profile fapi2-message-signing')
      if (jwks_uri !== undefined) return
      const keys = jwks?.keys ?? []
      // Keys that are faulty in themselves are told of by the rule for keys.
      const signing = keys.filter((key) => key['use'] !== 'enc')
      if (alg !== undefined ? !someKeyFits(keys, alg) : required && signing.length === 0)
        fault(
          'jwks',
          alg === undefined ? 'must have a key for signed request objects' : `must have a key for request_object_signing_alg ${alg}`,
        )
    },
  },
  {
    spec: 'FAPI 2.0 §5.4.1 (FAPI-70)',
    about: ['profile', 'request_object_signing_alg', 'authorization_signed_response_alg', 'userinfo_signed_response_alg'],
    check(draft, _around, fault) {
      if (!underFapi(draft)) return
      for (const member of ['request_object_signing_alg', 'authorization_signed_response_alg', 'userinfo_signed_response_alg'] as const)
        if (draft[member] === 'RS256') fault(member, `must be one of PS256, ES256, EdDSA under the profile ${draft.profile}`)
    },
  },
  {
    spec: 'FAPI 2.0 Message Signing §5.4 (FMS-06)',
    about: ['profile', 'response_modes'],
    check(draft, _around, fault) {
      if (!underMessageSigning(draft)) return
      for (const [index, mode] of (draft.response_modes ?? []).entries())
        if (!mode.endsWith('jwt'))
          fault(`response_modes[${index}]`, 'must be a mode that is signed under the profile fapi2-message-signing')
    },
  },
  {
    spec: 'OAuth 2.1 §7.5.1',
    about: ['profile', 'token_endpoint_auth_method', 'scope', 'unsafe_without_pkce'],
    check(draft, _around, fault) {
      if (draft.unsafe_without_pkce !== true) return
      if (draft.profile !== 'oauth21')
        fault('unsafe_without_pkce', `must be false under the profile ${draft.profile}: PKCE is required there`)
      if (draft.token_endpoint_auth_method === 'none')
        fault('unsafe_without_pkce', 'must be false for a public client: without PKCE whoever has its code could redeem it')
      if (draft.scope !== undefined && !draft.scope.split(' ').includes('openid'))
        fault('unsafe_without_pkce', 'is for OpenID Connect clients: scope must have openid')
    },
  },
]
