import { redirectUriFault } from '@holdfast/protocol/redirect-uri'
import type { ClientRule } from './client-rule.ts'
import { webAddressFault } from './web-address.ts'

/** What holds for the addresses that have to do with signing out: they are as dangerous as redirect URIs (A16, A17). */
export const logoutRules: readonly ClientRule[] = [
  {
    spec: 'RP-Initiated Logout §3.1 (LOGO-05)',
    about: ['post_logout_redirect_uris', 'application_type'],
    check({ post_logout_redirect_uris: uris = [], application_type }, _around, fault) {
      for (const [index, uri] of uris.entries()) {
        const wrong = redirectUriFault(uri, application_type === 'native')
        if (wrong !== undefined) fault(`post_logout_redirect_uris[${index}]`, wrong)
        else if (uris.indexOf(uri) !== index) fault(`post_logout_redirect_uris[${index}]`, 'stands there twice')
      }
    },
  },
  {
    spec: 'Back-Channel Logout §2.2 (LOGO-15)',
    about: ['backchannel_logout_uri'],
    check({ backchannel_logout_uri: uri }, _around, fault) {
      // http on loopback is asked only where the operator's outbound.allow lists it.
      const wrong = uri === undefined ? undefined : addressFault(uri)
      if (wrong !== undefined) fault('backchannel_logout_uri', wrong)
    },
  },
  {
    spec: 'Front-Channel Logout §2 (LOGO-20)',
    about: ['frontchannel_logout_uri', 'redirect_uris'],
    check({ frontchannel_logout_uri: uri, redirect_uris = [] }, _around, fault) {
      if (uri === undefined) return
      const wrong = addressFault(uri)
      if (wrong !== undefined) return fault('frontchannel_logout_uri', wrong)
      const { origin } = new URL(uri)
      // Elsewhere it would be another's page that ours shows.
      if (!redirect_uris.some((one) => URL.canParse(one) && new URL(one).origin === origin))
        fault('frontchannel_logout_uri', 'must have scheme, host and port of one of redirect_uris')
    },
  },
  {
    spec: 'OpenID Connect Core §4, Registration §2',
    about: ['initiate_login_uri'],
    check({ initiate_login_uri: uri }, _around, fault) {
      if (uri === undefined) return
      const wrong = addressFault(uri) ?? (uri.startsWith('https:') ? undefined : 'must be https')
      if (wrong !== undefined) fault('initiate_login_uri', wrong)
    },
  },
]

/** Written out: `https:host`, a backslash and a user name are read differently by different readers. */
function addressFault(uri: string): string | undefined {
  const wrong = webAddressFault(uri)
  if (wrong !== undefined) return wrong
  if (/[#\\"<>`{}|^]/.test(uri)) return 'must not have a fragment or characters that no address has'
  return /^https?:\/\/[^/?@]+(?:[/?]|$)/.test(uri) ? undefined : 'must name its host after //, with nothing before it'
}
