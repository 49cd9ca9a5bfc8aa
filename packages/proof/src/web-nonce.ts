import { encodeBase64url } from './base64url.ts'
import { type AsyncNonces, checkNonceKey, nonceMessage, nonceOf, StepCache, stepOf } from './nonce.ts'

/**
 * Stateless nonces, the same values as on the Node path for the same key.
 *
 * @param options.key at least 32 bytes, copied
 * @throws RangeError the key is shorter
 */
export function createNonces(options: { readonly key: Uint8Array }): AsyncNonces {
  checkNonceKey(options.key)
  const key = crypto.subtle.importKey('raw', Uint8Array.from(options.key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const steps = new StepCache(async (step) => {
    const mac = await crypto.subtle.sign('HMAC', await key, new TextEncoder().encode(nonceMessage(step)))
    return nonceOf(encodeBase64url(new Uint8Array(mac)))
  })
  return {
    issue: (now) => steps.at(stepOf(now)),
    check: async (nonce, now) => nonce === (await steps.at(stepOf(now))) || nonce === (await steps.at(stepOf(now) - 1)),
  }
}
