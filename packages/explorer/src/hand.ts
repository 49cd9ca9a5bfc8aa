import type { Members } from './encoding.ts'
import { Fault } from './faults.ts'
import type { Pkce, SigningKey } from './keys.ts'

/** The members of a server's metadata (RFC 8414) by name. */
export type Metadata = Members

export interface Tokens {
  readonly access: string
  readonly type: string
  readonly refresh: string | undefined
  readonly id: string | undefined
  readonly scope: string | undefined
  readonly expiresIn: number | undefined
}

/** What the client holds at this moment of a run. Thieves of attacks are given parts of it. */
export interface Hand {
  /** The issuer, where it was learned in the run. */
  issuer?: string
  metadata?: Metadata
  jwks?: readonly Members[]
  /** The client's id, where it was learned in the run. */
  clientId?: string
  /** The proof key. */
  key?: SigningKey
  pkce?: Pkce
  state?: string
  nonce?: string
  /** The parameters of the authorization request as the client means it. */
  request?: Readonly<Record<string, string | undefined>>
  requestUri?: string
  /** Where the person is sent. */
  authorizationUrl?: string
  callbackUrl?: string
  code?: string
  tokens?: Tokens
  /** Refresh tokens that were replaced, oldest first. */
  spentRefreshTokens?: readonly string[]
  /** The token that was exchanged for another. */
  subjectToken?: string
  /** The last proof and where it went. */
  lastProof?: { readonly proof: string; readonly method: string; readonly url: string }
  lastAssertion?: string
  /** One a server and one an API, by origin (DPOP-44, DPOP-64). */
  dpopNonces?: Readonly<Record<string, string>>
  deviceCode?: string
  userCode?: string
  authReqId?: string
  interval?: number
  authSession?: string
  /** What an API asked for in its challenge (RFC 9470). */
  demanded?: Readonly<Record<string, string | undefined>>
  /** The API that this run calls, where it is not the world's. */
  resource?: string
  /** What it says to ask for. */
  scope?: string
}

/** @throws {Fault} the step before did not leave it */
export function need<K extends keyof Hand>(hand: Hand, name: K): NonNullable<Hand[K]> {
  const value = hand[name]
  if (value === undefined || value === null) throw new Fault(`The run has no ${name} here.`, 'Begin a new run.')
  return value as NonNullable<Hand[K]>
}

/** A member of the metadata that is a text. @throws {Fault} the server does not announce it */
export function endpoint(hand: Hand, name: string): string {
  const value = need(hand, 'metadata')[name]
  if (typeof value === 'string') return value
  throw new Fault(`The server’s metadata has no ${name}.`, 'Pick another flow, or turn this on at the server.')
}
