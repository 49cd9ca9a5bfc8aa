import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { ApiRoute } from './options.ts'

/** What lets one session into one API. The proxy has it for one request, and keeps nothing of it. */
export interface Credential {
  /** `authorization`, and `dpop` where the token is bound to the session's key: a new proof each time (RFC 9449 §7.1). */
  headers(method: string, url: URL): Promise<Readonly<Record<string, string>>>
  /** Hears `DPoP-Nonce` of every answer, good ones too (RFC 9449 §8.2). @returns whether the API asked for it (`use_dpop_nonce`), so that one more try is worth it */
  learn(response: Response): boolean
}

/** The session's credential for an API, or the whole reply to send instead: 401 without a live session, 503 while the authorization server is away. */
export type CredentialAnswer =
  | { readonly kind: 'credential'; readonly credential: Credential; readonly setCookie: readonly string[] }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly reply: Reply }

/**
 * The seam between sessions and proxy. CSRF was checked before.
 *
 * @param request the same object in every try: it tells which token was refused, so that many who were refused renew once
 * @param renew after the API refused the token as invalid: what was kept is not good any more
 */
export type CredentialFor = (request: HttpRequest, route: ApiRoute, renew: boolean) => Promise<CredentialAnswer>
