import type { Fault } from './fault.ts'

/** A named way of signing in (`acr`, OpenID Connect Core §2), and what reaches it. */
export interface AuthenticationLevel {
  /** Printable ASCII without spaces, quotes and backslashes: it stands in headers (RFC 9470 §3). */
  readonly acr: string
  /**
   * Alternatives, each one or more of `AUTHENTICATION_METHODS` joined by `+`: `pwd`, `pwd+otp`, `mfa`, `phr`.
   * A level that comes later in the list reaches the ones before it, too.
   */
  readonly methods: readonly string[]
}

/**
 * RFC 8176: `pwd` a password, `otp` a one-time code, `hwk` a passkey that stays on its device, `swk` one that is copied
 * between devices, `mfa` more than one kind of proof (a passkey alone is: it asks for PIN or fingerprint); and `phr`, any passkey,
 * which no false page can ask for.
 */
export const AUTHENTICATION_METHODS = ['pwd', 'otp', 'hwk', 'swk', 'mfa', 'phr'] as const

const ACR = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/
const MOST = 20

/** Every fault of the list, with paths below `path`. */
export function checkAuthenticationLevels(levels: readonly AuthenticationLevel[], path: string): readonly Fault[] {
  const faults: Fault[] = levels.length > MOST ? [{ path, message: `must have at most ${MOST} levels` }] : []
  const seen = new Set<string>()
  for (const [index, { acr, methods }] of levels.entries()) {
    const at = `${path}[${index}]`
    if (!ACR.test(acr))
      faults.push({ path: `${at}.acr`, message: 'must be 1 to 200 printable ASCII characters without spaces, quotes and backslashes' })
    if (seen.has(acr)) faults.push({ path: `${at}.acr`, message: 'is there twice' })
    seen.add(acr)
    if (methods.length === 0) faults.push({ path: `${at}.methods`, message: 'must have at least one method, or nobody could reach it' })
    for (const [place, method] of methods.entries()) {
      const unknown = method.split('+').find((part) => !AUTHENTICATION_METHODS.some((known) => known === part))
      if (unknown !== undefined)
        faults.push({
          path: `${at}.methods[${place}]`,
          message: `${JSON.stringify(unknown)} is none of ${AUTHENTICATION_METHODS.join(', ')}; several are joined by +`,
        })
    }
  }
  return faults
}
