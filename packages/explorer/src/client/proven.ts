import { parseChallenges } from '@holdfast/protocol/www-authenticate'
import type { Members } from '../encoding.ts'
import type { SigningKey } from '../keys.ts'
import { newProof } from '../proof.ts'
import type { Answer, Scene } from '../scene.ts'

/** What a DPoP proof is made for; without a key there is none. */
export interface Proven {
  readonly key?: SigningKey | undefined
  readonly method: string
  readonly url: string
  readonly token?: string | undefined
  /** Overwrites of a right proof. */
  readonly claims?: Members | undefined
  /** Sends this one as it is, and tries nothing again. */
  readonly proof?: string | undefined
}

/** Sends with a proof, and once more with the nonce that was asked for (RFC 9449 §8): each time with a proof of its own. */
export async function proven(
  scene: Scene,
  { key, method, url, token, claims, proof: given }: Proven,
  attempt: (proof: string | undefined, again: boolean) => Promise<Answer>,
): Promise<Answer> {
  const { origin } = new URL(url)
  if (given !== undefined || key === undefined) return attempt(given, false)
  for (let again = false; ; again = true) {
    const nonce = scene.hand.dpopNonces?.[origin]
    const proof = await newProof({ key, method, url, token, nonce, claims, now: scene.stage.now() })
    const answer = await attempt(proof, again)
    const newest = answer.headers.get('dpop-nonce')
    if (newest !== null) scene.hand.dpopNonces = { ...scene.hand.dpopNonces, [origin]: newest }
    if (again || !asksForNonce(answer)) {
      if (!scene.thief) scene.hand.lastProof = { proof, method, url }
      return answer
    }
  }
}

function asksForNonce({ status, body, headers }: Answer): boolean {
  if (!headers.has('dpop-nonce')) return false
  return (status === 400 && body?.['error'] === 'use_dpop_nonce') || challengesOf(headers)['error'] === 'use_dpop_nonce'
}

/** The parameters of an API's challenge; those of the scheme that tells an error come first. */
export function challengesOf(headers: Headers): Readonly<Record<string, string | undefined>> {
  const line = headers.get('www-authenticate')
  const challenges = line === null ? [] : (parseChallenges([line]) ?? [])
  return (challenges.find(({ parameters }) => parameters['error'] !== undefined) ?? challenges[0])?.parameters ?? {}
}

export function titled(title: string, again: boolean): string {
  return again ? `${title}, again with the nonce that was asked for` : title
}
