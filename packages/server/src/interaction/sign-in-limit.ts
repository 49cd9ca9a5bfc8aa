import { neighbourhood } from '@holdfast/protocol/neighbourhood'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Memory } from '@holdfast/proof/memory'
import { secretHash } from '@holdfast/protocol/secret'

/** A quarter of an hour, in seconds. */
const WINDOW = 900
/** Attempts in a window: for one name from one address, for one address, and for one name from everywhere. */
const PER_PAIR = 10
const PER_ADDRESS = 40
const PER_NAME = 50
/** Where no address is known: what ends a flood, and is more than anybody types. */
const PER_NOWHERE = 2000

/**
 * Slows the guessing of passwords. An attempt is counted before the password is checked, in one atomic step,
 * so that many at once do not all pass; a success gives the attempt back.
 */
export class SignInLimit {
  readonly #memory: Memory

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /**
   * @param knownDevice whether this person signed in from this browser before: strangers who use up the name's
   *   attempts elsewhere must not lock it out
   */
  async attempt(username: string, address: string, knownDevice: boolean, now: EpochSeconds): Promise<Attempt> {
    const until = now - (now % WINDOW) + WINDOW
    // Names are hashed: what a person mistypes into the name field may be the password.
    const name = secretHash(username.normalize('NFKC').trim().toLowerCase()).slice(0, 22)
    const from = neighbourhood(address)
    // Where the address is unknown everybody shares it: a handful of attempts must not lock everybody out.
    const near = { scope: 'address', key: `sign-in ${until} at ${from}`, allowed: from === '' ? PER_NOWHERE : PER_ADDRESS }
    const place = from === '' && knownDevice ? 'known device' : from
    const pair = { scope: 'name and address', key: `sign-in ${until} ${name} ${place}`, allowed: PER_PAIR }
    // The address first: one that is over its limit makes no further counters, so a flood from it leaves at most 81.
    const counters: readonly { readonly scope: string; readonly key: string; readonly allowed: number }[] = knownDevice
      ? [pair]
      : [near, ...(from === '' ? [] : [pair]), { scope: 'name', key: `sign-in ${until} ${name}`, allowed: PER_NAME }]
    for (const { scope, key, allowed } of counters) {
      const count = await this.#memory.increment(key, until)
      if (count > allowed) return { allowed: false, scope, first: count === allowed + 1 }
    }
    return {
      allowed: true,
      forgive: async () => {
        for (const { key } of counters) await this.#memory.forgive(key)
      },
    }
  }
}

export type Attempt =
  | { readonly allowed: true; forgive(): Promise<void> }
  /** `first`: the attempt that went over, which is the one to write down. */
  | { readonly allowed: false; readonly scope: string; readonly first: boolean }
