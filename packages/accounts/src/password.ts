import { hash, verify } from '@node-rs/argon2'

/** OWASP's parameters for argon2id: 19 MiB, two passes, one lane; some 25 ms of one core. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$'

/** How many hashes run at once; node has four threads for these and for files. */
const AT_ONCE = 2
/** How many may wait: beyond that a sign-in would take longer than a person waits. */
const WAITING = 100

/** More sign-ins at once than can be answered in time: the caller answers 503. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

/** Hashes and verifies passwords, a few at a time. */
export class Passwords {
  #running = 0
  readonly #waiting: (() => void)[] = []

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(prepared(password), PARAMETERS))
  }

  verify(password: string, passwordHash: string): Promise<boolean> {
    return this.#inTurn(() => verify(passwordHash, prepared(password)))
  }

  /** Whether a hash was made with other parameters than today's, and should be made anew when the password is known. */
  outdated(passwordHash: string): boolean {
    return !passwordHash.startsWith(PREFIX)
  }

  /** @throws {Overloaded} */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= WAITING) throw new Overloaded('too many sign-ins at once')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      // The place goes to the next in line, or is free.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}

/** RFC 8265 §4.2 (OpaqueString): the same password typed on another system is the same text. */
function prepared(password: string): string {
  return password.normalize('NFC')
}
