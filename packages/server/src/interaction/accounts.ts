import type { EpochSeconds } from '@holdfast/protocol/time'

/** What a person may have beside the password, in the words of RFC 8176. Passkeys will be the next. */
export type SecondFactor = 'otp'

/** The people, as far as the server must know them. `@holdfast/accounts` implements it; an application may bring its own. */
export interface Accounts {
  /** @returns undefined when there is no such person */
  find(sub: string): Promise<Account | undefined>
  /**
   * Whose user name this is, as it is typed at sign-in; undefined when there is no such person. Without it a client of
   * CIBA names people by `sub` alone.
   */
  findByUsername?(username: string): Promise<Account | undefined>
  /**
   * Checks a password. Takes as long for an unknown user name as for a wrong password, so that the
   * time of the answer does not tell which names exist (A58).
   */
  verifyPassword(username: string, password: string): Promise<Account | undefined>
  /**
   * Checks a one-time code, and spends it in the same step: of any number of callers at once with one code exactly one
   * hears true. Needed where an account names the factor `otp`; without it nobody of them signs in.
   */
  verifyOneTimeCode?(sub: string, code: string, now: EpochSeconds): Promise<boolean>
}

export interface Account {
  /** Unique for ever and not a user name; never in the form of a `client_id` (OA-73), nor beginning with `u_p.`, which is how pairwise clients call people. */
  readonly sub: string
  readonly username: string
  /** How the pages call the person. */
  readonly displayName: string
  /** OpenID Connect Core §5.1 claims, such as `name` and `email`; plain JSON. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly disabled: boolean
  /** What is asked for after the password, and always: the password alone signs nobody in who has one. Absent: none. */
  readonly secondFactors?: readonly SecondFactor[]
}
