import type { ClientRule } from './client-rule.ts'
import { webAddressFault } from './web-address.ts'

const CIBA = 'urn:openid:params:grant-type:ciba'

/** What holds for a client that asks people over the backchannel. Push is no mode here: tokens go only to who asks for them (CIBA-10). */
export const backchannelRules: readonly ClientRule[] = [
  {
    spec: 'CIBA Core §4',
    about: ['grant_types', 'backchannel_token_delivery_mode'],
    check({ grant_types, backchannel_token_delivery_mode: mode }, _around, fault) {
      if (grant_types.includes(CIBA) && mode === undefined)
        fault('backchannel_token_delivery_mode', `is missing; the grant ${CIBA} needs poll or ping`)
      if (!grant_types.includes(CIBA) && mode !== undefined) fault('backchannel_token_delivery_mode', `stands without the grant ${CIBA}`)
    },
  },
  {
    spec: 'CIBA Core §4',
    about: ['backchannel_token_delivery_mode', 'backchannel_client_notification_endpoint'],
    check({ backchannel_token_delivery_mode: mode, backchannel_client_notification_endpoint: endpoint }, _around, fault) {
      if (mode === 'ping' && endpoint === undefined)
        fault('backchannel_client_notification_endpoint', 'is missing; backchannel_token_delivery_mode ping needs it')
      if (mode !== 'ping' && endpoint !== undefined)
        fault('backchannel_client_notification_endpoint', 'is for backchannel_token_delivery_mode ping only')
      if (endpoint === undefined) return
      // It is called with the client's own token, so nobody between may read along (CIBA-07).
      const wrong = webAddressFault(endpoint) ?? (endpoint.startsWith('https:') ? undefined : 'must be https')
      if (wrong !== undefined) fault('backchannel_client_notification_endpoint', wrong)
    },
  },
  {
    spec: 'CIBA Core §4',
    about: ['grant_types', 'token_endpoint_auth_method'],
    check({ grant_types, token_endpoint_auth_method: method }, _around, fault) {
      if (grant_types.includes(CIBA) && method === 'none')
        fault('grant_types', `must not have ${CIBA}: anyone could ask people in the name of a public client`)
    },
  },
]
