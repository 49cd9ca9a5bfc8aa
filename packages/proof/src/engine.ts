import type { JwsAlgorithm } from './algorithms.ts'
import type { PublicJwk } from './jwk.ts'
import type { ParsedJws } from './jws.ts'

/** At once or later: node:crypto answers at once, WebCrypto later. */
export type Maybe<T> = T | Promise<T>

export interface Hashing {
  /** SHA-256 of the UTF-8 of a text, as 43 base64url characters. */
  sha256Base64url(text: string): Maybe<string>
}

/** The cryptography that the validator needs. Every method answers hostile input with undefined or false and never throws for it. */
export interface ProofEngine<Key> extends Hashing {
  /** @returns undefined when the members are no key, such as a point that is not on its curve */
  importPublicKey(jwk: PublicJwk, alg: JwsAlgorithm): Maybe<Key | undefined>
  verifyJws(jws: ParsedJws, alg: JwsAlgorithm, key: Key): Maybe<boolean>
}

/** Goes on with a value now, or when it is there: one text for the synchronous and the asynchronous path. */
export function after<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}
