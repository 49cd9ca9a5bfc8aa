import { newSecret, type Members } from '../encoding.ts'
import { signJws, type SigningKey } from '../keys.ts'
import type { ConfidentialClient } from '../stage.ts'

export interface ConfidentialClientParts {
  readonly clientId: string
  readonly issuer: string
  /** Of which the server has the public half. */
  readonly key: SigningKey
  /** Its `kid` there. */
  readonly kid?: string | undefined
  /** Milliseconds since 1970. @default the system's clock */
  readonly now?: () => number
}

/** How long what is signed here is good for, in seconds: it is sent at once. */
const LIFETIME = 60

/** A client that proves who it is by its key (RFC 7523) and signs its requests (RFC 9101). */
export function createConfidentialClient({ clientId, issuer, key, kid, now = Date.now }: ConfidentialClientParts): ConfidentialClient {
  const signed = (typ: string, claims: Members): Promise<string> => {
    const iat = Math.floor(now() / 1000)
    const header = { typ, alg: 'ES256', ...(kid !== undefined && { kid }) }
    const defined = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
    return signJws(header, { iss: clientId, aud: issuer, jti: newSecret(), iat, nbf: iat, exp: iat + LIFETIME, ...defined }, key)
  }
  return {
    clientId,
    clientAssertion: (claims = {}) => signed('client-authentication+jwt', { sub: clientId, ...claims }),
    // No sub: a request object must not do as an assertion (RFC 9101 §10.8).
    signRequestObject: (claims) => signed('oauth-authz-req+jwt', claims),
  }
}
