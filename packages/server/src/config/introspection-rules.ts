import type { ClientRule } from './client-rule.ts'
import { someKeyTakes } from './encryption-key.ts'

/** What introspection asks of a client's metadata. */
export const introspectionRules: readonly ClientRule[] = [
  {
    spec: 'RFC 7662 §2.1 (INT-01, INT-02)',
    about: ['protected_resources', 'token_endpoint_auth_method'],
    check({ protected_resources: stands = [], token_endpoint_auth_method: method }, { resources }, fault) {
      for (const [index, one] of stands.entries()) {
        if (!resources.includes(one))
          fault(
            `protected_resources[${index}]`,
            resources.length === 0
              ? 'must be the identifier of a configured resource; there is none'
              : `must be one of ${resources.join(', ')}`,
          )
      }
      if (stands.length > 0 && method === 'none')
        fault('protected_resources', 'must be absent: a public client (token_endpoint_auth_method none) cannot introspect')
    },
  },
  {
    spec: 'RFC 9701 §6',
    about: ['introspection_encrypted_response_alg', 'introspection_encrypted_response_enc', 'jwks', 'jwks_uri'],
    check(draft, _around, fault) {
      const { introspection_encrypted_response_alg: alg, introspection_encrypted_response_enc: enc, jwks, jwks_uri } = draft
      if (alg === undefined) {
        if (enc !== undefined) fault('introspection_encrypted_response_enc', 'stands without introspection_encrypted_response_alg')
        return
      }
      if (jwks_uri === undefined && !someKeyTakes(jwks?.keys ?? [], alg))
        fault('introspection_encrypted_response_alg', `needs a key of jwks with use enc that ${alg} can encrypt to`)
    },
  },
]
