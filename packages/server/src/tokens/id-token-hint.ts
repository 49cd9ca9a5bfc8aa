import { parseJws } from '@holdfast/proof'
import { verifyJws } from '@holdfast/proof/node'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Subjects } from './subjects.ts'
import { REFERENCE_CLAIM } from './sign.ts'

const MAX_LENGTH = 8192

/** Whom an ID token of ours is about, as we know the person ourselves. */
export interface IdTokenHint {
  /** The internal subject, whatever the client calls the person. */
  readonly subject: string
  /** As the token says it: what its client calls the person. */
  readonly sub: string
  /** The client it was made out to. */
  readonly clientId: string
  /** The browser session it was issued in, by our own name (`SessionRecord.sid`); undefined for one of another device. */
  readonly sid: string | undefined
}

/**
 * Reads an ID token that comes back to us (`id_token_hint`): our signature, our issuer, and an ID token and nothing else
 * that we sign. Its end does not matter (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2), as long as the key it was
 * signed with is still published. Whose hint it may be is for the caller to check by `clientId`.
 *
 * @param as the server, or what of it is looked at
 * @returns undefined when it is not ours, encrypted, or no ID token at all
 */
export async function readIdTokenHint(
  as: { readonly issuer: string; readonly keys: KeyRing; readonly subjects: Subjects },
  token: string,
): Promise<IdTokenHint | undefined> {
  await as.keys.refresh()
  const jws = parseJws(token, { maxLength: MAX_LENGTH })
  const kid = jws?.header['kid']
  const key = typeof kid === 'string' ? as.keys.find(kid) : undefined
  // An access token is signed with the same keys: its type tells them apart.
  if (jws === undefined || key === undefined || jws.header['typ'] !== 'JWT' || jws.header['alg'] !== key.alg) return undefined
  if (!verifyJws(jws, key.alg, key.publicKey)) return undefined
  const { iss, aud, sub, exp, sid } = jws.payload
  // A signed answer of userinfo or of the authorization endpoint has our signature too, and not all of these.
  if (iss !== as.issuer || typeof aud !== 'string' || typeof sub !== 'string' || typeof exp !== 'number') return undefined
  const reference = jws.payload[REFERENCE_CLAIM]
  // By what the token says and not by what its client is now: it may have been made before the client became pairwise.
  if (typeof reference !== 'string') return { subject: sub, sub, clientId: aud, sid: typeof sid === 'string' ? sid : undefined }
  const read = as.subjects.readReference(aud, reference)
  return read === undefined ? undefined : { ...read, sub, clientId: aud }
}
