import { createHash, randomBytes } from 'node:crypto'
import { equalSecrets } from '@holdfast/protocol/secret'

const RANDOM = 32
const BOUND = 16

/** What a challenge is for. `subject`: the only person who may answer it; absent: whoever has a passkey. */
export interface ChallengePurpose {
  readonly ceremony: 'create' | 'get'
  readonly rpId: string
  readonly subject?: string | undefined
}

/**
 * 32 random bytes, then a hash that binds them to what they are for. A response names no person whom it was made for: without the
 * binding, one that was made to enrol could be handed in for somebody else whose challenge got mixed up, and one made for somebody
 * else's sign-in could enrol (A54). The caller keeps the challenge, so the hash needs no key.
 */
export function newChallenge(purpose: ChallengePurpose): string {
  const random = randomBytes(RANDOM)
  return Buffer.concat([random, binding(random, purpose)]).toString('base64url')
}

export function isChallengeFor(challenge: string, purpose: ChallengePurpose): boolean {
  const bytes = Buffer.from(challenge, 'base64url')
  if (bytes.length !== RANDOM + BOUND || bytes.toString('base64url') !== challenge) return false
  const random = bytes.subarray(0, RANDOM)
  return equalSecrets(bytes.subarray(RANDOM).toString('base64url'), binding(random, purpose).toString('base64url'))
}

function binding(random: Uint8Array, { ceremony, rpId, subject }: ChallengePurpose): Buffer {
  // As JSON, so that no two lists of parts are one text.
  const about = JSON.stringify(['passkey', ceremony, rpId, ...(subject === undefined ? [] : [subject])])
  return createHash('sha256').update(random).update(about).digest().subarray(0, BOUND)
}
