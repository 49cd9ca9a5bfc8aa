import type { ClientRule } from './client-rule.ts'

/** RFC 9396 §10: what a client may ask for must be something that this server understands. */
export const authorizationDetailsRules: readonly ClientRule[] = [
  {
    spec: 'RFC 9396 §10 (RAR-03)',
    about: ['authorization_details_types'],
    check({ authorization_details_types: types = [] }, { authorizationDetailsTypes: known }, fault) {
      for (const [index, type] of types.entries()) {
        if (known.includes(type)) continue
        const allowed = known.length === 0 ? 'none is configured' : `allowed are ${known.join(', ')}`
        fault(`authorization_details_types[${index}]`, `is a type that authorizationDetailsTypes does not have; ${allowed}`)
      }
    },
  },
]
