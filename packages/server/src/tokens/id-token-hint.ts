import { parseJws } from '@holdfast/proof'
import { verifyJws } from '@holdfast/proof/node'
import type { KeyRing } from '../keys/key-ring.ts'

const MAX_LENGTH = 8192

/**
 * The subject of an ID token that this server made out to this client. Its end does not matter (OpenID Connect Core
 * §3.1.2.1), as long as the key it was signed with is still published.
 *
 * @returns undefined when it is not ours, not this client's, or no ID token at all; call `keys.refresh()` before
 */
export function subjectOfIdToken(token: string, clientId: string, issuer: string, keys: KeyRing): string | undefined {
  const jws = parseJws(token, { maxLength: MAX_LENGTH })
  const kid = jws?.header['kid']
  const key = typeof kid === 'string' ? keys.find(kid) : undefined
  // An access token is signed with the same key: its type tells them apart.
  if (jws === undefined || key === undefined || jws.header['typ'] !== 'JWT' || jws.header['alg'] !== key.alg) return undefined
  if (!verifyJws(jws, key.alg, key.publicKey)) return undefined
  const { iss, aud, sub } = jws.payload
  return iss === issuer && aud === clientId && typeof sub === 'string' ? sub : undefined
}
