import type { Kinds } from '@holdfast/store'

/** What the built-in people are kept as. */
export type AccountRecords = {
  /** id: `sub`. */
  readonly account: AccountRecord
  /** id: the normalised user name; what makes a name belong to one person. */
  readonly login: { readonly sub: string }
}

export interface AccountRecord {
  readonly username: string
  /** PHC string of argon2id (RFC 9106). */
  readonly passwordHash: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly disabled: boolean
}

export const accountKinds: Kinds<AccountRecords> = {
  account: { indexes: [], id: 'given', expires: false },
  login: { indexes: [], id: 'given', expires: false },
}
