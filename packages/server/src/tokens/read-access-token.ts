import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { MayAct } from '../config/client.ts'
import type { Actor, Authentication } from './issuance.ts'
import type { Confirmation } from './sender-constraint.ts'

/** What one of our own access tokens says: it is ours, unchanged, and has not expired. That its grant lives is not said. */
export interface ReadAccessToken {
  readonly jti: string
  /**
   * As the token says it. In a JWT of a pairwise client that is the client's name of a person: whom it is about is told by
   * the grant (`Standing.subject`).
   */
  readonly sub: string
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  /** The keys it is bound to; undefined for a bearer token. */
  readonly confirmation: Confirmation | undefined
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** Undefined where there is none (`ofClient`), and when the reference is not readable any more. */
  readonly grantId: string | undefined
  /** It stands under no grant: revoking it is a mark on the token itself. */
  readonly ofClient: boolean
  /** Undefined where no person is involved. */
  readonly authentication: Authentication | undefined
  readonly authorizationDetails: readonly AuthorizationDetail[]
  readonly actor: Actor | undefined
  readonly mayAct: MayAct | undefined
  /** Names (`jti`) of the tokens that it was exchanged from, the nearest first; empty for one that was not exchanged. */
  readonly exchangedFrom: readonly string[]
  /** The record of an opaque token; undefined for a JWT. */
  readonly recordId: string | undefined
}
