import { hash, verify } from '@node-rs/argon2'

/** How passwords become what is stored. Another one is for tests, which count. */
export interface PasswordHasher {
  /** @returns a PHC string with a fresh salt */
  hash(password: string): Promise<string>
  verify(password: string, passwordHash: string): Promise<boolean>
  /** Whether a hash was made with other parameters than today's, and should be made anew when the password is known. */
  outdated(passwordHash: string): boolean
  /** A hash of a password that nobody knows, with today's parameters: what an unknown name is verified against. */
  readonly nobody: string
}

/** OWASP's parameters for argon2id: 19 MiB, two passes, one lane; some 25 ms of one core. Algorithm 2 is argon2id. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$'

export const argon2id: PasswordHasher = {
  hash: (password) => hash(password, PARAMETERS),
  verify: (password, passwordHash) => verify(passwordHash, password),
  outdated: (passwordHash) => !passwordHash.startsWith(PREFIX),
  // Of 32 random bytes, thrown away. A constant: one made at the first unknown name would make that answer slower.
  nobody: `${PREFIX}sz5y2K0M0bEc4MuFhhbKPw$absmpDX9tU4w4bRBHA+NdLzsg8q6wuoVa8kLZuTQGAE`,
}

/** The same, a few at a time. */
export function inTurn(hasher: PasswordHasher, turnstile: { pass<T>(work: () => Promise<T>): Promise<T> }): PasswordHasher {
  return {
    hash: (password) => turnstile.pass(() => hasher.hash(password)),
    verify: (password, passwordHash) => turnstile.pass(() => hasher.verify(password, passwordHash)),
    outdated: (passwordHash) => hasher.outdated(passwordHash),
    nobody: hasher.nobody,
  }
}
