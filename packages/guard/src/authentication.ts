import type { EpochSeconds } from '@holdfast/protocol/time'

/** How the person behind a token authenticated (RFC 9068 §2.2.1; RFC 9470 §6.2 in introspection answers). */
interface Authentication {
  readonly acr: string | undefined
  readonly amr: readonly string[]
  readonly authTime: EpochSeconds | undefined
}

/** What cannot be read is not there, and meets no need. `iat` stands in for nothing: a refresh makes a new one without anybody present (STEP-34). */
export function authenticationOf(claims: Readonly<Record<string, unknown>>): Authentication {
  const { acr, amr, auth_time: authTime } = claims
  return {
    acr: typeof acr === 'string' ? acr : undefined,
    amr: Array.isArray(amr) && amr.every(isText) ? amr : [],
    authTime: typeof authTime === 'number' && Number.isFinite(authTime) ? authTime : undefined,
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
