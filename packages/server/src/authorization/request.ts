import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Challenge } from '@holdfast/protocol/pkce'
import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import type { ResponseMode } from '@holdfast/protocol/response-mode'
import type { ClaimsRequest } from './claims-request.ts'
import type { Seconds } from '@holdfast/protocol/time'

/** OpenID Connect Core §3.1.2.1. */
export type Prompt = 'none' | 'login' | 'consent' | 'select_account' | 'create'

/** Where an answer goes and how. */
export interface ResponseTarget {
  readonly redirectUri: ValidRedirectUri
  readonly responseMode: ResponseMode
  readonly state: string | undefined
}

/** What a request asks for, whichever way the answer travels: by redirect, or in the answer of the challenge endpoint. */
export interface AskedAuthorization {
  readonly clientId: string
  readonly state: string | undefined
  readonly nonce: string | undefined
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** RFC 9396 §2: each of a type that the server knows and the client may ask for, checked against its schema. */
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** Undefined only for a client that may leave PKCE out (`unsafe_without_pkce`). */
  readonly challenge: Challenge | undefined
  readonly dpopJkt: string | undefined
  /** The attested instance that pushed the request (ABCA-14). */
  readonly instance: string | undefined
  readonly prompt: readonly Prompt[]
  readonly maxAge: Seconds | undefined
  readonly loginHint: string | undefined
  /** In the order of preference (RFC 9470 §4). Absent from records of before there were levels, like the next. */
  readonly acrValues?: readonly string[] | undefined
  /** The `sub` of the person whom `id_token_hint` names: the request goes on for nobody else (OIDC-18). */
  readonly hintedSubject?: string | undefined
  /** OpenID Connect Core §5.5: what it asks for by name, of that what the client may have. */
  readonly claims?: ClaimsRequest | undefined
}

/** An authorization request, read and checked: nothing after this looks at a parameter again. Plain JSON. */
export interface AuthorizationRequest extends ResponseTarget, AskedAuthorization {
  readonly state: string | undefined
}

/** `prompt_values_supported`; `create` where people may make accounts (Initiating User Registration §4.1). */
export function promptsOf({ signUp }: { readonly signUp?: unknown }): readonly Prompt[] {
  const prompts: readonly Prompt[] = ['none', 'login', 'consent', 'select_account']
  return signUp === undefined ? prompts : [...prompts, 'create']
}
