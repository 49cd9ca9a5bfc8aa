import { randomInt } from 'node:crypto'
import { type DerivedKeys, mac } from '../keys/derived.ts'

/** RFC 8628 §6.1: no vowels, so that no code is a word, and no two letters that look alike. 20⁸ codes are 34.5 bits. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 8
const OTHERS = new RegExp(`[^${ALPHABET}]`, 'g')

export function newUserCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}

/** DEV-12: as people type it, in small letters, with spaces or without the dash. @returns undefined when no code is left */
export function readUserCode(typed: string): string | undefined {
  const code = typed.normalize('NFKC').toUpperCase().replace(OTHERS, '')
  return code.length === LENGTH ? code : undefined
}

/** `XXXX-XXXX`: what the device shows. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`
}

/**
 * Where a code's record is: the code itself is stored nowhere, and a copy of the store tells no code that is live.
 * One id for each master secret, the newest first: a code outlives a change of secrets.
 */
export function userCodeIds(keys: DerivedKeys, code: string): readonly string[] {
  return keys.all('user-code').map((key) => mac(key, code))
}
