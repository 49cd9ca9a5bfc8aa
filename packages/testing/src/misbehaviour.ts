/** Ways to misbehave, for one answer. What is left out is right. */
export interface Misbehaviour {
  /** UV: that a PIN, finger or face was asked for. */
  readonly userVerified?: boolean
  /** UP: that anybody was there. */
  readonly userPresent?: boolean
  readonly backupEligible?: boolean
  readonly backedUp?: boolean
  readonly origin?: string
  readonly rpId?: string
  /** `webauthn.get` in the place of `webauthn.create`, and the other way round. */
  readonly type?: string
  readonly challenge?: string
  /** In a frame of another site. */
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  /** The signature counter that is told; the next right answer goes on from the right one. */
  readonly counter?: number
  /** A signature by another key. */
  readonly wrongSignature?: boolean
  /** Whose the passkey is said to be; `null`: it is not said. */
  readonly userHandle?: string | null
  /** `packed`: attested by the credential's own key. */
  readonly attestation?: 'none' | 'packed' | 'fido-u2f'
}
