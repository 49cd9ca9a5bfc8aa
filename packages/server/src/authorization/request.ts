import type { Challenge } from '@holdfast/protocol/pkce'
import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import type { Seconds } from '@holdfast/protocol/time'

/** OpenID Connect Core §3.1.2.1. */
export type Prompt = 'none' | 'login' | 'consent' | 'select_account'

/** An authorization request, read and checked: nothing after this looks at a parameter again. Plain JSON. */
export interface AuthorizationRequest {
  readonly clientId: string
  readonly redirectUri: ValidRedirectUri
  readonly state: string | undefined
  readonly nonce: string | undefined
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly challenge: Challenge
  readonly dpopJkt: string | undefined
  readonly prompt: readonly Prompt[]
  readonly maxAge: Seconds | undefined
  readonly loginHint: string | undefined
}

/** The parameters that discovery shows as `prompt_values_supported`. */
export const PROMPTS: readonly Prompt[] = ['none', 'login', 'consent', 'select_account']
