import { neighbourhood } from '@holdfast/protocol/neighbourhood'
import type { Memory } from '@holdfast/proof/memory'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Attempt } from './sign-in-limit.ts'

/** A quarter of an hour, in seconds. */
const WINDOW = 900
/** Codes in a window that lead nowhere. With 34.5 bits, ten accounts that try all the time find one of a hundred live codes in some 70 years. */
const PER_SESSION = 5
const PER_PERSON = 10
const PER_ADDRESS = 30

/** Slows the guessing of user codes (RFC 8628 §5.1). Counted before the look-up, so that many at once do not all pass. */
export async function attemptUserCode(
  memory: Memory,
  by: { readonly sessionId: string; readonly subject: string; readonly address: string },
  now: EpochSeconds,
): Promise<Attempt> {
  const until = now - (now % WINDOW) + WINDOW
  const from = neighbourhood(by.address)
  const counters = [
    // Where the address is unknown everybody would share it, and anybody could lock everybody out.
    ...(from === '' ? [] : [{ scope: 'address', key: `user-code ${until} at ${from}`, allowed: PER_ADDRESS }]),
    { scope: 'person', key: `user-code ${until} by ${by.subject}`, allowed: PER_PERSON },
    { scope: 'session', key: `user-code ${until} in ${by.sessionId}`, allowed: PER_SESSION },
  ]
  for (const { scope, key, allowed } of counters) {
    const count = await memory.increment(key, until)
    if (count > allowed) return { allowed: false, scope, first: count === allowed + 1 }
  }
  return {
    allowed: true,
    forgive: async () => {
      for (const { key } of counters) await memory.forgive(key)
    },
  }
}
