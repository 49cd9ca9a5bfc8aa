import type { ClientRule } from './client-rule.ts'
import { someKeyTakes } from './encryption-key.ts'
import { pairwiseSectorOf } from './sector.ts'
import { webAddressFault } from './web-address.ts'

/** What OpenID Connect Registration §2 asks of subjects and of encrypted answers, and Core §6.1 of merged requests. */
export const openIdRules: readonly ClientRule[] = [
  {
    spec: 'OpenID Connect Core §8.1 (OIDC-57)',
    about: ['subject_type', 'sector_identifier_uri', 'redirect_uris'],
    check({ subject_type, sector_identifier_uri: uri, redirect_uris = [] }, _around, fault) {
      const wrong = uri === undefined ? undefined : (webAddressFault(uri) ?? sectorFault(uri))
      if (wrong !== undefined) return fault('sector_identifier_uri', wrong)
      if (subject_type !== 'pairwise' || pairwiseSectorOf(uri, redirect_uris) !== undefined) return
      fault(
        'sector_identifier_uri',
        'is missing; subject_type pairwise needs it unless all redirect_uris are https addresses of one and the same host',
      )
    },
  },
  ...(['id_token', 'userinfo'] as const).map((about): ClientRule => {
    const alg = `${about}_encrypted_response_alg` as const
    const enc = `${about}_encrypted_response_enc` as const
    return {
      spec: 'OpenID Connect Registration §2',
      about: [alg, enc, 'jwks', 'jwks_uri'],
      check(draft, _around, fault) {
        const named = draft[alg]
        if (named === undefined) {
          if (draft[enc] !== undefined) fault(enc, `stands without ${alg}`)
        } else if (draft.jwks_uri === undefined && !someKeyTakes(draft.jwks?.keys ?? [], named))
          fault(alg, `needs a key of jwks with use enc that ${named} can encrypt to`)
      },
    }
  }),
  {
    spec: 'OpenID Connect Core §6.1, RFC 9101 §5 (OIDC-52)',
    about: ['profile', 'request_object_parameters', 'require_signed_request_object'],
    check(draft, _around, fault) {
      if (draft.request_object_parameters !== 'merged') return
      if (draft.profile !== 'oauth21')
        fault('request_object_parameters', `must be only_inside under the profile ${draft.profile}: what is not signed must not count`)
      else if (draft.require_signed_request_object === true)
        fault('request_object_parameters', 'must be only_inside with require_signed_request_object: what is not signed must not count')
    },
  },
]

function sectorFault(uri: string): string | undefined {
  if (!uri.startsWith('https:')) return 'must be an https address (OpenID Connect Registration §5)'
  return uri.includes('#') ? 'must not have a fragment: it is fetched' : undefined
}
