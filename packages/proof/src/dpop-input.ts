import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { Witness } from '@holdfast/protocol/witness'
import type { JwsAlgorithm } from './algorithms.ts'
import type { PublicJwk, JwkFault } from './jwk.ts'
import type { ParsedJws } from './jws.ts'
import type { NonceCheck } from './nonce.ts'

/** A request that carries a DPoP proof, and what is expected of it. */
export interface DpopInput<Nonces = NonceCheck> {
  /** All values of the `DPoP` header, one an entry. */
  readonly headers: readonly string[]
  /** As received, case kept. */
  readonly method: string
  /** The URL that the client called: the configured origin and the path, never made from `Host` (RFC 9449 §4.3-9). */
  readonly url: string
  /** The same endpoint at its other addresses, such as its alias for mutual TLS (RFC 8705 §5): `htu` may be one of them instead. */
  readonly otherUrls?: readonly string[] | undefined
  readonly now: EpochSeconds
  /** What the client may sign with: the allow-list of this endpoint and this client. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** The access token shown with the proof: `ath` is checked when this is here, and only then. */
  readonly accessToken?: string | undefined
  /** Here: every proof must carry a nonce it knows (RFC 9449 §8, §11.3). Absent: nonces are off, and one that is sent is ignored. */
  readonly nonce?: Nonces | undefined
  /** How old a proof may be. @default 60 */
  readonly maxAgeSeconds?: Seconds | undefined
  /** How far ahead a client's clock may be. @default 10 */
  readonly maxAheadSeconds?: Seconds | undefined
  /** Proofs made before are refused: the start of a replay memory that does not know what happened before it (`Memory.startedAt`). */
  readonly notBefore?: EpochSeconds | undefined
  /** Hears each check; only in development. */
  readonly witness?: Witness | undefined
}

/** A proof that passed. Nothing is spent yet: the caller burns `replayKey` when the rest of the request is in order. */
export interface DpopProof {
  /** The thumbprint of the key (RFC 7638), 43 characters: what `cnf.jkt` and `dpop_jkt` are compared with. */
  readonly jkt: string
  /** As sent: 1 to 256 characters of any kind. Keep `replayKey` instead. */
  readonly jti: string
  /** SHA-256 of key, method, target and `jti` as 43 base64url characters (RFC 9449 §11.1). */
  readonly replayKey: string
  /** When the proof can no longer be accepted, with the clocks of several nodes considered: by default `iat` + 70. */
  readonly replayUntil: EpochSeconds
  /** Rounded down to the second. */
  readonly iat: EpochSeconds
}

export const DEFAULT_MAX_AGE: Seconds = 60
export const DEFAULT_MAX_AHEAD: Seconds = 10
/** The most characters of a proof. RSA of 4096 bits needs some 2,400. */
export const MAX_PROOF_LENGTH = 8192
export const MAX_JTI_LENGTH = 256

/** A request whose proof could be taken apart; nothing is believed. */
export interface PresentedProof<Nonces> {
  readonly input: DpopInput<Nonces>
  readonly jws: ParsedJws
  /** The public members of the header's `jwk`. */
  readonly jwk: PublicJwk | JwkFault
  /** `htu` normalised; undefined when it is no http URL. */
  readonly htu: string | undefined
  /** This endpoint's URL normalised; undefined when it is no http URL. */
  readonly target: string | undefined
}
