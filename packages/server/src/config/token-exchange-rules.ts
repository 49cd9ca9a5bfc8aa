import type { ClientRule } from './client-rule.ts'
import { OPENID_SCOPES } from './openid-scopes.ts'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** What token exchange asks of a client's metadata (RFC 8693). */
export const tokenExchangeRules: readonly ClientRule[] = [
  {
    spec: 'RFC 8693 §2.1, §5 (TEX-08)',
    about: ['grant_types', 'token_endpoint_auth_method'],
    check({ grant_types, token_endpoint_auth_method: method }, _around, fault) {
      if (grant_types.includes(TOKEN_EXCHANGE) && method === 'none')
        fault('grant_types', `must not have ${TOKEN_EXCHANGE}: anyone could exchange a stolen token in the name of a public client`)
    },
  },
  {
    spec: 'RFC 8693 §5 (TEX-08)',
    about: ['grant_types', 'token_exchange', 'scope'],
    check({ grant_types, token_exchange: policy, scope = '' }, { scopes: known }, fault) {
      if (policy === undefined) return
      if (!grant_types.includes(TOKEN_EXCHANGE)) fault('token_exchange', `stands without the grant ${TOKEN_EXCHANGE}`)
      const registered = scope.split(' ')
      for (const [from, become] of Object.entries(policy.scopes ?? {})) {
        const at = `token_exchange.scopes.${from}`
        // What tells of a person is asked of the person: no other scope becomes it, and it becomes no other.
        if (OPENID_SCOPES.includes(from) || !known.includes(from)) fault(at, 'must be a scope of a configured resource')
        for (const [index, to] of become.entries()) {
          if (OPENID_SCOPES.includes(to) || !known.includes(to)) fault(`${at}[${index}]`, 'must be a scope of a configured resource')
          else if (!registered.includes(to)) fault(`${at}[${index}]`, 'must be in scope too: nobody gets more than is registered')
        }
      }
    },
  },
  {
    spec: 'RFC 8693 §4.4 (TEX-10)',
    about: ['may_act'],
    check({ may_act: named }, _around, fault) {
      if (named !== undefined && named.sub === undefined && named.client_id === undefined)
        fault('may_act', 'must have sub or client_id: an empty one would let everybody act')
    },
  },
]
