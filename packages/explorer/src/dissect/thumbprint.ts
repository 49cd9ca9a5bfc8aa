import { type Members, textOf } from '../encoding.ts'

/** RFC 7638 §3.2 with RFC 8037 §2: the members that make a key what it is, in the order of their names. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
  OKP: ['crv', 'kty', 'x'],
}

/** Members that are private (RFC 7518 §6), or the key of a MAC. */
export const PRIVATE_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/**
 * The text whose SHA-256 is the thumbprint.
 *
 * @returns undefined for a key of a kind that has none here, or without a member that it must have
 */
export function canonicalJwk(jwk: object): string | undefined {
  const members = jwk as Members
  const kty = textOf(members, 'kty') ?? ''
  const names = Object.hasOwn(REQUIRED, kty) ? REQUIRED[kty] : undefined
  if (names === undefined) return undefined
  const values = names.map((name) => [name, textOf(members, name)] as const)
  if (values.some(([, value]) => value === undefined)) return undefined
  return JSON.stringify(Object.fromEntries(values))
}
