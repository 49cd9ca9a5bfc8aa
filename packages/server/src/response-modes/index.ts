import type { Reply } from '@holdfast/protocol/http'
import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import type { ResponseMode } from '@holdfast/protocol/response-mode'
import type { Clock } from '@holdfast/protocol/time'
import type { ResponseTarget } from '../authorization/request.ts'
import type { Client } from '../config/client.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { formPost } from './form-post.ts'
import { fragment } from './fragment.ts'
import { responseJwt } from './jwt.ts'
import { query } from './query.ts'

type Delivery = (
  redirectUri: ValidRedirectUri,
  parameters: Readonly<Record<string, string>>,
  headers: Reply['headers'],
  issuer: string,
) => Reply

/** Every mode: how the browser carries it, and whether the parameters are signed. `jwt` is that of the response type (JRM-01). */
const MODES: Readonly<Record<ResponseMode, { readonly deliver: Delivery; readonly signed: boolean }>> = {
  query: { deliver: query, signed: false },
  fragment: { deliver: fragment, signed: false },
  form_post: { deliver: formPost, signed: false },
  'query.jwt': { deliver: query, signed: true },
  'fragment.jwt': { deliver: fragment, signed: true },
  'form_post.jwt': { deliver: formPost, signed: true },
  jwt: { deliver: query, signed: true },
}

/**
 * The one way in which anything reaches a client through the browser, refusals included. The redirect URI is one
 * that was matched for this client, in every mode alike (A01, A02).
 */
export class AuthorizationResponses {
  readonly #from: { readonly issuer: string; readonly keys: KeyRing; readonly clientKeys: ClientKeys; readonly clock: Clock }

  constructor(issuer: string, keys: KeyRing, clientKeys: ClientKeys, clock: Clock) {
    this.#from = { issuer, keys, clientKeys, clock }
  }

  /**
   * RFC 9207 §2: every answer names the issuer, inside the JWT where there is one (JRM-06). `state` comes back as it was sent.
   *
   * @throws when the answer cannot be signed or encrypted
   */
  async answer(
    client: Client,
    { redirectUri, responseMode, state }: ResponseTarget,
    parameters: Readonly<Record<string, string>>,
    headers: Reply['headers'] = {},
  ): Promise<Reply> {
    const { issuer } = this.#from
    const { deliver, signed } = MODES[responseMode]
    const all = { ...parameters, ...(state === undefined ? {} : { state }), iss: issuer }
    return deliver(redirectUri, signed ? { response: await responseJwt(this.#from, client, all) } : all, headers, issuer)
  }

  refuse(client: Client, target: ResponseTarget, error: OAuthError): Promise<Reply> {
    return this.answer(client, target, { error: error.code, error_description: error.description })
  }
}
