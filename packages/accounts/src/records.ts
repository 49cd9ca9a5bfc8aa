import type { Kinds } from '@holdfast/store'

/** What the built-in people are kept as. */
export type AccountRecords = {
  /** id: `sub`. */
  readonly account: AccountRecord
  /** id: the normalised user name; what makes a name belong to one person. */
  readonly login: { readonly sub: string }
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
}

export const accountKinds: Kinds<AccountRecords> = {
  account: { indexes: [], id: 'given', expires: false },
  login: { indexes: [], id: 'given', expires: false },
}
