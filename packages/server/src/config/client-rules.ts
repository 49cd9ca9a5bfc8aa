import { redirectUriFault } from '@holdfast/protocol/redirect-uri'
import { parseScope } from '@holdfast/protocol/scope'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { keyFault, someKeyFits } from './client-keys.ts'
import type { ClientRule } from './client-rule.ts'
import type { AuthMethod } from './client.ts'
import { secretFault } from './client-secrets.ts'
import { nearest } from './fault.ts'
import { OPENID_SCOPES } from './openid-scopes.ts'
import { webAddressFault } from './web-address.ts'

const METHODS_WITH_SECRET: readonly AuthMethod[] = ['client_secret_basic', 'client_secret_post']

/** What holds for every client. Those of the profiles are in `profile-rules.ts`. */
export const clientRules: readonly ClientRule[] = [
  {
    spec: 'OAuth 2.1 §2.2, App. A',
    about: ['client_id'],
    check({ client_id }, { resources }, fault) {
      // RFC 9068 §5 (TOK-11): an ID token is made out to its client, and no API may take it for its own.
      if (resources.includes(client_id)) fault('client_id', 'must not be the identifier of a resource')
      if (!/^[\x20-\x7e]*$/.test(client_id)) fault('client_id', 'must be printable ASCII (OAuth 2.1 App. A)')
      // A client that acts for itself is the subject of its tokens: it must not look like a person (OA-73).
      if (client_id.startsWith('u_')) fault('client_id', 'must not start with u_, which is how people are named in tokens')
      if (/^https:\/\//i.test(client_id))
        fault('client_id', 'must not start with https://, which is for clients that publish their own metadata')
    },
  },
  {
    spec: 'RFC 7591 §2',
    about: ['client_name'],
    check({ client_name }, _around, fault) {
      // Bidirectional and control characters let one name look like another at consent.
      if (client_name !== undefined && /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(client_name))
        fault('client_name', 'must not have control or formatting characters')
    },
  },
  ...(['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'jwks_uri'] as const).map((member): ClientRule => ({
    spec: 'RFC 7591 §2',
    about: [member],
    check(draft, _around, fault) {
      const wrong = draft[member] === undefined ? undefined : webAddressFault(draft[member])
      if (wrong !== undefined) fault(member, wrong)
    },
  })),
  {
    spec: 'OAuth 2.1 §2.3.1, §8.4.3',
    about: ['redirect_uris', 'application_type'],
    check({ redirect_uris = [], application_type }, _around, fault) {
      for (const [index, uri] of redirect_uris.entries()) {
        const wrong = redirectUriFault(uri, application_type === 'native')
        if (wrong !== undefined) fault(`redirect_uris[${index}]`, wrong)
        else if (redirect_uris.indexOf(uri) !== index) fault(`redirect_uris[${index}]`, 'stands there twice')
      }
    },
  },
  {
    spec: 'RFC 7591 §2.1',
    about: ['grant_types', 'protected_resources'],
    check({ grant_types, protected_resources: stands = [] }, { grantTypes }, fault) {
      for (const [index, type] of grant_types.entries()) {
        if (!grantTypes.includes(type)) fault(`grant_types[${index}]`, `must be one of ${grantTypes.join(', ')}`)
      }
      // A resource server may get no tokens itself: it only asks about those of others (RFC 7662 §2.1).
      if (grant_types.length === 0 && stands.length === 0) fault('grant_types', `must name at least one of ${grantTypes.join(', ')}`)
      if (grant_types.length === 1 && grant_types[0] === 'refresh_token')
        fault('grant_types', 'has refresh_token alone; add the grant that gives refresh tokens, such as authorization_code')
    },
  },
  {
    spec: 'RFC 7591 §5 (REG-06)',
    about: ['redirect_uris', 'grant_types'],
    check({ redirect_uris = [], grant_types }, _around, fault) {
      if (grant_types.includes('authorization_code') && redirect_uris.length === 0)
        fault('redirect_uris', 'is missing; the grant authorization_code needs at least one')
    },
  },
  {
    spec: 'RFC 7591 §2.1 (REG-07)',
    about: ['response_types', 'grant_types'],
    check({ response_types, grant_types }, _around, fault) {
      if (response_types !== undefined && response_types.length > 0 !== grant_types.includes('authorization_code'))
        fault('response_types', 'must be [code] with the grant authorization_code, and empty without it')
    },
  },
  {
    spec: 'OAuth 2.1 §1.4.1',
    about: ['scope'],
    check({ scope }, { scopes }, fault) {
      if (scope === undefined || scope === '') return
      const parsed = parseScope(scope)
      if (parsed instanceof OAuthError) return fault('scope', 'must be scopes separated by single spaces (OAuth 2.1 §1.4.1)')
      const known = [...OPENID_SCOPES, ...scopes]
      for (const one of parsed.filter((name) => !known.includes(name))) {
        const meant = nearest(one, known)
        fault(
          'scope',
          `has ${one}, which no resource has${meant === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${meant}?`}`,
        )
      }
    },
  },
  {
    spec: 'RFC 8707 §2',
    about: ['resources'],
    check({ resources: wanted = [] }, { resources }, fault) {
      for (const [index, one] of wanted.entries()) {
        if (!resources.includes(one))
          fault(
            `resources[${index}]`,
            resources.length === 0
              ? 'must be the identifier of a configured resource; there is none'
              : `must be one of ${resources.join(', ')}`,
          )
      }
    },
  },
  ...(['client_secret', 'previous_client_secret'] as const).map((member): ClientRule => ({
    spec: 'design §6 Clients, CAUTH-17',
    about: [member],
    check(draft, _around, fault) {
      const wrong = draft[member] === undefined ? undefined : secretFault(draft[member])
      if (wrong !== undefined) fault(member, wrong)
    },
  })),
  {
    spec: 'RFC 7591 §3.2.1',
    about: ['client_secret', 'client_secret_expires_at', 'previous_client_secret', 'previous_client_secret_expires_at'],
    check(draft, _around, fault) {
      if (draft.client_secret_expires_at !== undefined && draft.client_secret === undefined)
        fault('client_secret_expires_at', 'stands without client_secret')
      if (draft.previous_client_secret_expires_at !== undefined && draft.previous_client_secret === undefined)
        fault('previous_client_secret_expires_at', 'stands without previous_client_secret')
      if (draft.previous_client_secret !== undefined && draft.client_secret === undefined)
        fault('previous_client_secret', 'stands without client_secret')
    },
  },
  {
    spec: 'OAuth 2.1 §2.4 (CAUTH-01)',
    about: ['token_endpoint_auth_method', 'client_secret'],
    check({ token_endpoint_auth_method: method, client_secret }, _around, fault) {
      if (METHODS_WITH_SECRET.includes(method) && client_secret === undefined)
        fault('client_secret', `is missing; ${method} needs one (a public client says token_endpoint_auth_method none)`)
      if (!METHODS_WITH_SECRET.includes(method) && client_secret !== undefined)
        fault('client_secret', `must be absent: a client with token_endpoint_auth_method ${method} has no secret`)
    },
  },
  {
    spec: 'OAuth 2.1 §4.2, RFC 7523 §3.1',
    about: ['token_endpoint_auth_method', 'grant_types'],
    check({ token_endpoint_auth_method: method, grant_types }, _around, fault) {
      for (const type of ['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'])
        if (method === 'none' && grant_types.includes(type))
          fault('grant_types', `must not have ${type}: a public client (token_endpoint_auth_method none) proves nothing`)
    },
  },
  {
    spec: 'RFC 7591 §2 (REG-09)',
    about: ['token_endpoint_auth_method', 'jwks', 'jwks_uri'],
    check({ token_endpoint_auth_method: method, jwks, jwks_uri }, _around, fault) {
      if (jwks !== undefined && jwks_uri !== undefined) fault('jwks', 'must not stand beside jwks_uri: keep one of the two (RFC 7591 §2)')
      else if (jwks_uri?.includes('#') === true) fault('jwks_uri', 'must not have a fragment: it is fetched')
      else if (method === 'private_key_jwt' && jwks === undefined && jwks_uri === undefined)
        fault('jwks', 'is missing; private_key_jwt needs the public keys, here or at jwks_uri')
    },
  },
  {
    spec: 'RFC 7517 §4, RFC 7518 §3.3',
    about: ['jwks', 'token_endpoint_auth_method', 'token_endpoint_auth_signing_alg'],
    check({ jwks, token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: alg }, _around, fault) {
      const wrong = (jwks?.keys ?? []).map(keyFault)
      for (const [index, message] of wrong.entries()) if (message !== undefined) fault(`jwks.keys[${index}]`, message)
      if (jwks === undefined || wrong.some((one) => one !== undefined)) return
      if (alg !== undefined && !someKeyFits(jwks.keys, alg))
        fault('jwks.keys', `must have a key for token_endpoint_auth_signing_alg ${alg}`)
      else if (method === 'private_key_jwt' && !someKeyFits(jwks.keys))
        fault('jwks.keys', 'must have a key with use sig, or none, for private_key_jwt')
    },
  },
  {
    spec: 'OpenID Connect Registration §2',
    about: ['token_endpoint_auth_method', 'token_endpoint_auth_signing_alg', 'unsafe_legacy_assertion_audience'],
    check(draft, _around, fault) {
      if (draft.token_endpoint_auth_method === 'private_key_jwt') return
      if (draft.token_endpoint_auth_signing_alg !== undefined)
        fault('token_endpoint_auth_signing_alg', 'is for token_endpoint_auth_method private_key_jwt only')
      if (draft.unsafe_legacy_assertion_audience === true)
        fault('unsafe_legacy_assertion_audience', 'is for token_endpoint_auth_method private_key_jwt only')
    },
  },
]
