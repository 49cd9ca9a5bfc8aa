import type { Places } from './places.ts'

const grant = (name: string): string => `urn:ietf:params:oauth:grant-type:${name}`

export const BACKEND_CLIENT = 'backend-example'
export const BFF_CLIENT = 'bff-example'

/** The example clients that prove themselves by a key. */
export interface ClientKeys<Key> {
  readonly web: Key
  readonly backend: Key
  readonly bff: Key
}

/** The applications of the example: one of each kind that the flow explorer plays, beside its own. */
export function exampleClients({ client, bff }: Places, keys: ClientKeys<object>): readonly object[] {
  return [
    {
      client_id: 'web-example',
      client_name: 'Example application',
      client_uri: client,
      redirect_uris: [`${client}/callback`],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [keys.web] },
      scope: 'openid profile accounts:read',
    },
    {
      client_id: BACKEND_CLIENT,
      client_name: 'Example back end',
      // Its requests may come without a push, so that a signed one is seen in the browser; its tokens are bound all the same.
      profile: 'oauth21',
      dpop_bound_access_tokens: true,
      client_uri: client,
      redirect_uris: [`${client}/explorer/callback`],
      grant_types: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        grant('token-exchange'),
        'urn:openid:params:grant-type:ciba',
      ],
      token_endpoint_auth_method: 'private_key_jwt',
      request_object_signing_alg: 'ES256',
      backchannel_token_delivery_mode: 'poll',
      jwks: { keys: [keys.backend] },
      scope: 'openid profile accounts:read',
    },
    {
      client_id: BFF_CLIENT,
      client_name: 'Example page without tokens',
      client_uri: bff,
      redirect_uris: [`${bff}/bff/callback`],
      post_logout_redirect_uris: [`${bff}/`],
      backchannel_logout_uri: `${bff}/bff/backchannel-logout`,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [keys.bff] },
      scope: 'openid profile accounts:read',
    },
    {
      client_id: 'native-example',
      client_name: 'Example command line',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
      grant_types: ['authorization_code', 'refresh_token', grant('device_code')],
      token_endpoint_auth_method: 'none',
      scope: 'openid profile offline_access accounts:read',
    },
    {
      client_id: 'app-example',
      client_name: 'Example app of the operator',
      application_type: 'native',
      redirect_uris: ['com.example.app:/callback'],
      token_endpoint_auth_method: 'none',
      first_party: true,
      scope: 'openid profile accounts:read',
    },
  ]
}
