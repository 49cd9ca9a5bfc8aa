import type { HttpRequest, Reply } from '@holdfast/protocol/http'

/** What a check found: access with what it grants, or the whole reply that refuses it (401 or 403 with a challenge). */
export type Verdict<T> =
  | {
      readonly kind: 'allowed'
      readonly access: T
      /** Set on the eventual response of the protected route, such as `DPoP-Nonce`. */
      readonly headers: Reply['headers']
    }
  | { readonly kind: 'refused'; readonly reply: Reply }

/**
 * Decides about one request before its route runs. The method is as sent (a proof for HEAD names HEAD);
 * the body belongs to the route, so `request.body` rejects here. A throw is an outage, not a refusal:
 * it goes to the framework's error handling, or is answered 500 where there is none.
 */
export type Check<T> = (request: HttpRequest) => Promise<Verdict<T>>
