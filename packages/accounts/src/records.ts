import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Kinds } from '@holdfast/store'

/** What the built-in people are kept as. */
export type AccountRecords = {
  /** id: `sub`. */
  readonly account: AccountRecord
  /** id: the normalised user name; what makes a name belong to one person. */
  readonly login: { readonly sub: string }
  /** id: SHA-256 of the credential id; what makes a passkey belong to one person. Comes and goes with a `replace` of its account. */
  readonly passkey: PasskeyRecord
}

export interface AccountRecord {
  /** As it was typed when the account was made. */
  readonly username: string
  /** PHC string of argon2id (RFC 9106). */
  readonly passwordHash: string
  /** One more whenever the password becomes another; a rehash of the same one leaves it. */
  readonly passwordGeneration: number
  /** Of the password that the configuration's seed last had: tells whether the operator has changed it there since. */
  readonly seedHash?: string
  /** RFC 6238; absent: the person has no one-time codes. */
  readonly totp?: TotpRecord
  /** An authenticator app that the person sets up: counts for nothing yet. */
  readonly pendingTotp?: PendingTotp
  /** How many passkeys the person has, so that whoever reads the account knows. Absent: none. */
  readonly passkeys?: number
  readonly claims: Readonly<Record<string, unknown>>
  readonly disabled: boolean
}

export interface TotpRecord {
  /** The shared secret, encrypted under a key derived from the master secret named by `secretId`. */
  readonly sealed: string
  readonly secretId: string
  /** The newest time step whose code was used; that one and older ones count no more. */
  readonly lastStep: number
  /** Whether the configuration's seed set it, and may so take it away. */
  readonly seeded: boolean
  /** SHA-256 of the seed's secret that the person has put this one in the place of: the seed leaves it alone until it has another. */
  readonly insteadOf?: string
}

export interface PendingTotp {
  readonly sealed: string
  readonly secretId: string
  readonly expiresAt: EpochSeconds
}

export interface PasskeyRecord {
  /** `sub`. */
  readonly subject: string
  /** Random, for people's pages: a credential id tells a stranger's site which passkey to ask for. */
  readonly reference: string
  readonly name: string
  /** base64url. */
  readonly credentialId: string
  /** COSE key, base64url. */
  readonly publicKey: string
  readonly counter: number
  /** Whether a provider may copy it (BE): for life, by WebAuthn Level 3 §6.1.3. */
  readonly backupEligible: boolean
  /** Whether there is a copy now (BS). */
  readonly backedUp: boolean
  /** How browsers reach the authenticator: only words of WebAuthn. */
  readonly transports: readonly string[]
  readonly createdAt: EpochSeconds
  readonly usedAt?: EpochSeconds
  /** SHA-256 of the challenge that was answered last: authenticators without a counter would sign in twice at once. */
  readonly lastChallenge?: string
  readonly copySuspectedAt?: EpochSeconds
}

export const accountKinds: Kinds<AccountRecords> = {
  account: { indexes: [], id: 'given', expires: false },
  login: { indexes: [], id: 'given', expires: false },
  passkey: { indexes: ['subject'], id: 'given', expires: false },
}
