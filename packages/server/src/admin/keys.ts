import type { Clock, EpochSeconds } from '@holdfast/protocol/time'
import type { MasterSecret } from '../config/options.ts'
import { DerivedKeys } from '../keys/derived.ts'
import { KeyRing } from '../keys/key-ring.ts'
import type { ServerStore } from '../records.ts'

/** A signing key as an operator sees it. */
export interface KeyInfo {
  readonly kid: string
  readonly alg: string
  readonly activeFrom: EpochSeconds
  /** `next`: published, not signing yet. `signing`: the one in use. `retired`: published until its last token has expired. */
  readonly state: 'next' | 'signing' | 'retired'
}

export async function listSigningKeys(store: ServerStore, secrets: readonly MasterSecret[], clock: Clock): Promise<readonly KeyInfo[]> {
  const ring = new KeyRing(store, new DerivedKeys(secrets), clock)
  await ring.refresh()
  const now = clock.now()
  const signing: Set<string> = new Set()
  return ring.published().map(({ kid, alg, activeFrom }) => {
    if (activeFrom > now) return { kid, alg, activeFrom, state: 'next' }
    const state = signing.has(alg) ? 'retired' : 'signing'
    signing.add(alg)
    return { kid, alg, activeFrom, state }
  })
}

/**
 * Publishes new keys at once. They sign a day later, when every cache has them, or with `immediately` from now
 * on: then verifiers that have the old set cached must fetch it again.
 *
 * @returns the kids of the new keys
 */
export function rotateSigningKeys(
  store: ServerStore,
  secrets: readonly MasterSecret[],
  clock: Clock,
  immediately: boolean,
): Promise<readonly string[]> {
  return new KeyRing(store, new DerivedKeys(secrets), clock).rotate(immediately)
}
