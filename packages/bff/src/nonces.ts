/** The newest `DPoP-Nonce` of each origin (RFC 9449 §8.2, §9): authorization server and APIs are origins of their own. */
export class Nonces {
  readonly #newest = new Map<string, string>()

  get(origin: string): string | undefined {
    return this.#newest.get(origin)
  }

  /** What is no nonce (§8.1) is not sent back: it would stand in a JWT that we sign. */
  learn(origin: string, response: Response): void {
    const nonce = response.headers.get('dpop-nonce')
    if (nonce === null || !/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(nonce)) return
    // The origins are those of the configuration, so the map stays as small as it.
    this.#newest.set(origin, nonce)
  }
}

/** Whether an API asks for the nonce that it sent along (RFC 9449 §9). */
export function asksForNonce(response: Response): boolean {
  const challenges = response.headers.get('www-authenticate') ?? ''
  return response.status === 401 && response.headers.has('dpop-nonce') && /\bDPoP\b[^]*\berror="?use_dpop_nonce"?/i.test(challenges)
}
