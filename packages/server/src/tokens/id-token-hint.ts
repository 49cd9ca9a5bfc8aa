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
  const hint = readIdTokenHint(token, issuer, keys)
  return hint?.clientId === clientId ? hint.subject : undefined
}

/** Who an ID token of ours was about, and whom it was made out to. */
export interface IdTokenHint {
  /** As that client calls the person. */
  readonly subject: string
  readonly clientId: string
  readonly sid: string | undefined
}

/**
 * Reads an ID token that is shown as a hint (OIDC-18, LOGO-02): ours by signature, type and issuer, of one audience. Its end
 * does not matter.
 *
 * @returns undefined for everything else; call `keys.refresh()` before
 */
export function readIdTokenHint(token: string, issuer: string, keys: KeyRing): IdTokenHint | undefined {
  const jws = parseJws(token, { maxLength: MAX_LENGTH })
  const kid = jws?.header['kid']
  const key = typeof kid === 'string' ? keys.find(kid) : undefined
  // An access token, a logout token or a signed response is signed with the same key: type and members tell them apart.
  if (jws === undefined || key === undefined || jws.header['typ'] !== 'JWT' || jws.header['alg'] !== key.alg) return undefined
  if (!verifyJws(jws, key.alg, key.publicKey)) return undefined
  const { iss, aud, sub, sid } = jws.payload
  if (iss !== issuer || typeof aud !== 'string' || typeof sub !== 'string') return undefined
  return { subject: sub, clientId: aud, sid: typeof sid === 'string' ? sid : undefined }
}
