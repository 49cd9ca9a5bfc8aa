import type { EpochSeconds } from '@holdfast/protocol/time'
import type { ServerChange } from '../records.ts'

/** The key that the sender of this request proved to hold; what is issued is bound to it. */
export interface SenderConstraint {
  /** RFC 7638 thumbprint of the DPoP key (RFC 9449 §6.1). */
  readonly jkt: string
  /** The proof, hashed: key, method, target and `jti`. */
  readonly replayKey: string
  readonly replayUntil: EpochSeconds
  /** Burns the proof in the commit of the answer. */
  readonly burn: ServerChange
}
