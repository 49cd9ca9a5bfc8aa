import { certificateFault } from './client-certificate.ts'
import type { ClientRule } from './client-rule.ts'
import { parseDistinguishedName } from './distinguished-name.ts'

const NAMES = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const

type Name = (typeof NAMES)[number]

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`)
const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)

/** Whether a name can be compared, and otherwise what it must be. */
const WELL_FORMED: Readonly<Record<Name, readonly [(value: string) => boolean, string]>> = {
  tls_client_auth_subject_dn: [
    (value) => parseDistinguishedName(value) !== undefined,
    'must be a distinguished name as RFC 4514 writes it, the most specific name first, such as CN=web,O=Example,C=US; types without a short name as OID',
  ],
  tls_client_auth_san_dns: [(value) => HOST.test(value), 'must be a host name without a wildcard'],
  tls_client_auth_san_uri: [(value) => /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(value), 'must be an absolute URI'],
  tls_client_auth_san_ip: [(value) => IPV4.test(value) || isIpv6(value), 'must be an IPv4 or IPv6 address'],
  tls_client_auth_san_email: [(value) => /^[^@\s]+@[A-Za-z0-9][A-Za-z0-9.-]*$/.test(value), 'must be an email address'],
}

/** RFC 8705: what a client that uses certificates registers. */
export const mutualTlsRules: readonly ClientRule[] = [
  {
    spec: 'RFC 8705 §2.1.2 (MTLS-07)',
    about: ['token_endpoint_auth_method', ...NAMES],
    check(draft, _around, fault) {
      const given = NAMES.filter((name) => draft[name] !== undefined)
      const method = draft.token_endpoint_auth_method
      const [first, second] = given
      if (method !== 'tls_client_auth') {
        for (const name of given)
          fault(name, `must be absent: it is for token_endpoint_auth_method tls_client_auth, and this client has ${method}`)
        return
      }
      if (first === undefined) fault('token_endpoint_auth_method', `is tls_client_auth, which needs exactly one of ${NAMES.join(', ')}`)
      if (second !== undefined) fault(second, `stands beside ${first}: keep one of the two, the certificate is known by exactly one name`)
      for (const name of given) {
        const [isRight, what] = WELL_FORMED[name]
        if (!isRight(draft[name] ?? '')) fault(name, what)
      }
    },
  },
  {
    spec: 'RFC 8705 §2.2.2 (MTLS-14)',
    about: ['token_endpoint_auth_method', 'jwks', 'jwks_uri'],
    check({ token_endpoint_auth_method: method, jwks, jwks_uri }, _around, fault) {
      if (method !== 'self_signed_tls_client_auth' || jwks_uri !== undefined) return
      if (!(jwks?.keys ?? []).some(({ x5c }) => x5c !== undefined))
        fault('jwks', 'is without a certificate; self_signed_tls_client_auth needs a key with x5c')
    },
  },
  {
    spec: 'RFC 8705 §2.2.2, RFC 7517 §4.7 (MTLS-15)',
    about: ['jwks'],
    check({ jwks }, _around, fault) {
      for (const [index, key] of (jwks?.keys ?? []).entries()) {
        const wrong = certificateFault(key)
        if (wrong !== undefined) fault(`jwks.keys[${index}].x5c`, wrong)
      }
    },
  },
]

function isIpv6(text: string): boolean {
  return /^[0-9A-Fa-f:.]+$/.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`)
}
