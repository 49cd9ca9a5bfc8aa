import { createHmac } from 'node:crypto'
import { checkNonceKey, nonceMessage, nonceOf, type Nonces, StepCache, stepOf } from './nonce.ts'

/**
 * Stateless nonces under one key; authorization server and each resource have keys of their own (RFC 9449 §9).
 *
 * @param options.key at least 32 bytes, copied
 * @throws RangeError the key is shorter
 */
export function createNonces(options: { readonly key: Uint8Array }): Nonces {
  checkNonceKey(options.key)
  const key = Uint8Array.from(options.key)
  const steps = new StepCache((step) => nonceOf(createHmac('sha256', key).update(nonceMessage(step)).digest('base64url')))
  return {
    issue: (now) => steps.at(stepOf(now)),
    // Everybody is told these values, so there is nothing that a comparison's time could tell.
    check: (nonce, now) => nonce === steps.at(stepOf(now)) || nonce === steps.at(stepOf(now) - 1),
  }
}
