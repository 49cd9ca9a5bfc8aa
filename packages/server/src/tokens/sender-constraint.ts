import type { EpochSeconds } from '@holdfast/protocol/time'
import type { ServerChange } from '../records.ts'

/** The keys that a token is bound to: the members of `cnf` (RFC 7800 §3.1). With both, both must be shown (MTLS-29). */
export interface Confirmation {
  /** RFC 7638 thumbprint of the DPoP key (RFC 9449 §6.1). */
  readonly jkt: string | undefined
  /** `x5t#S256`: SHA-256 of the client's certificate in DER, base64url (RFC 8705 §3.1). */
  readonly x5t: string | undefined
}

/** The keys that the sender of this request proved to hold; what is issued is bound to them. At least one of the two is there. */
export interface SenderConstraint extends Confirmation {
  /** The DPoP proof of this request; undefined for a certificate, which the TLS handshake proved. */
  readonly proof: UsedProof | undefined
}

export interface UsedProof {
  /** The proof, hashed: key, method, target and `jti`. */
  readonly replayKey: string
  readonly replayUntil: EpochSeconds
  /** Burns the proof in the commit of the answer. */
  readonly burn: ServerChange
}
