/** What may be a user name and a password, and the form in which each is compared. */

const LONGEST_USERNAME = 256
/** Characters, as a person counts them: code points. */
const SHORTEST_PASSWORD = 8
/** UTF-16 units, so that the check comes before any work on the text. */
const LONGEST_PASSWORD = 1024

export interface NewAccount {
  readonly username: string
  readonly password: string
  /** For one-time codes: base32, at least 128 bits (RFC 4226 §4 R6). With it the password alone signs nobody in. */
  readonly totpSecret?: string | undefined
  /** OpenID Connect Core §5.1; plain JSON. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** Why an account was refused: the field, and what is allowed. It never repeats a password. */
export interface AccountFault {
  readonly field: 'username' | 'password' | 'totpSecret' | 'claims'
  readonly message: string
}

/** The form in which names are compared: what looks the same is the same, in whatever case and width it is typed. */
export function normalisedUsername(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase()
}

/**
 * The form in which a password is hashed: RFC 8265 §4.2 (OpaqueString), so that the same keys pressed on another
 * system are the same text. NFC and not NFKC: compatibility forms would make different passwords equal.
 *
 * @returns undefined when the text can be nobody's password
 */
export function preparedPassword(password: string): string | undefined {
  if (password.length > LONGEST_PASSWORD || !password.isWellFormed()) return undefined
  return password.replace(/\p{Zs}/gu, ' ').normalize('NFC')
}

/**
 * @returns the normalised name, or undefined when it can be nobody's. A long text is not even normalised; invisible
 * characters would make two names that look like one
 */
export function readUsername(username: string): string | undefined {
  if (username.length > 4 * LONGEST_USERNAME) return undefined
  const name = normalisedUsername(username)
  return name.length >= 1 && name.length <= LONGEST_USERNAME && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name) ? name : undefined
}

export function usernameFault(username: string): AccountFault | undefined {
  return readUsername(username) === undefined
    ? { field: 'username', message: `must have 1 to ${LONGEST_USERNAME} visible characters` }
    : undefined
}

/** NIST SP 800-63B: a length, and no rules of composition. */
export function passwordFault(password: string): AccountFault | undefined {
  const field = 'password'
  const prepared = preparedPassword(password)
  if (prepared === undefined || [...prepared].length < SHORTEST_PASSWORD)
    return { field, message: `must have ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters` }
  return /\p{Cc}/u.test(prepared) ? { field, message: 'must not have control characters, such as tab or line end' } : undefined
}

/** Every check that a new account passes, but for whether its name is free. */
export function accountFault({ username, password, totpSecret, claims = {} }: NewAccount): AccountFault | undefined {
  if (Object.hasOwn(claims, 'sub')) return { field: 'claims', message: 'must not have sub: the server names people itself' }
  return usernameFault(username) ?? passwordFault(password) ?? (totpSecret === undefined ? undefined : totpSecretFault(totpSecret))
}

/** The form in which a secret is stored: people copy it in groups and in lower case, with and without padding. */
export function preparedTotpSecret(secret: string): string {
  return secret.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()
}

export function totpSecretFault(secret: string): AccountFault | undefined {
  // 26 characters of 5 bits are the first that hold 128; lengths of 1, 3 and 6 above a multiple of 8 are no base32.
  const text = preparedTotpSecret(secret)
  const whole = ![1, 3, 6].includes(text.length % 8)
  return /^[A-Z2-7]{26,128}$/.test(text) && whole
    ? undefined
    : { field: 'totpSecret', message: 'must be base32 of at least 128 bits: 26 to 128 of A-Z and 2-7 (RFC 4226 §4)' }
}
