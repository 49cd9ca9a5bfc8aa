import type { ClientCertificate } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { firstRefusal, type NamedCheck, type Witness, witnessed } from '@holdfast/protocol/witness'
import type { Scheme } from './challenge.ts'

/** The keys that a token is bound to (RFC 7800 §3.1): with both, both must be shown (MTLS-29). */
export interface Confirmation {
  /** Thumbprint of the DPoP key (RFC 9449 §6.1). */
  readonly jkt: string | undefined
  /** `x5t#S256`: SHA-256 of the client's certificate (RFC 8705 §3.1). */
  readonly x5t: string | undefined
}

/** Which tokens an API takes at all. */
export interface BindingRules {
  readonly dpopRequired: boolean
  readonly bindingRequired: boolean
}

interface Shown {
  readonly found: Confirmation
  readonly scheme: Scheme
  readonly rules: BindingRules
}

type Refusal = OAuthError | undefined

const CNF = { about: 'binding', check: 'cnf', rule: 'DPOP-60' }
const UNREADABLE = 'the access token is bound in a way that this API cannot check (cnf)'
const CERTIFICATE = { about: 'binding', check: 'certificate', rule: 'MTLS-21' }
const CERTIFICATE_KEY = { about: 'binding', check: 'x5t#S256', rule: 'MTLS-20' }
const NO_CERTIFICATE = 'the access token is bound to a certificate: connect with mutual TLS (RFC 8705 §3)'
const OTHER_CERTIFICATE = 'the access token is bound to another certificate (cnf x5t#S256)'

/** How a token was shown, and how it is bound. */
export const bindingChecks: readonly NamedCheck<Shown, OAuthError>[] = [
  { name: 'bound under DPoP', rule: 'DPOP-50', check: checkBoundUnderDpop },
  { name: 'not bound under Bearer', rule: 'DPOP-49', check: checkUnboundUnderBearer },
  { name: 'DPoP where required', rule: 'DPOP-59', check: checkDpopWhereRequired },
  { name: 'binding where required', rule: 'FAPI-63', check: checkBoundWhereRequired },
]

function checkBoundUnderDpop({ found, scheme }: Shown): Refusal {
  return scheme === 'DPoP' && found.jkt === undefined
    ? invalid('the access token is not bound to a DPoP key: show it as Bearer', 'DPOP-50')
    : undefined
}

/** RFC 9449 §7.2: else a thief of the token would need no key (A69). */
function checkUnboundUnderBearer({ found, scheme }: Shown): Refusal {
  return scheme === 'Bearer' && found.jkt !== undefined
    ? invalid('the access token is bound to a DPoP key (cnf.jkt): show it under the scheme DPoP, with a proof (RFC 9449 §7.2)', 'DPOP-49')
    : undefined
}

function checkDpopWhereRequired({ found, rules }: Shown): Refusal {
  return rules.dpopRequired && found.jkt === undefined ? invalid('this API takes DPoP-bound access tokens only', 'DPOP-59') : undefined
}

function checkBoundWhereRequired({ found, rules }: Shown): Refusal {
  return rules.bindingRequired && found.jkt === undefined && found.x5t === undefined
    ? invalid('this API takes access tokens only that are bound to a DPoP key or a certificate', 'FAPI-63')
    : undefined
}

/** What the holder of a token must prove; neither for a bearer token. Every member of `cnf` counts, known or not (DPOP-49, DPOP-60). */
export function confirmationOf(cnf: unknown, scheme: Scheme, rules: BindingRules, witness?: Witness): Confirmation | OAuthError {
  const found = cnf === undefined ? { jkt: undefined, x5t: undefined } : readConfirmation(cnf)
  const unread = witnessed(witness, CNF, found === undefined ? invalid(UNREADABLE, 'DPOP-60') : undefined)
  if (found === undefined) return unread as OAuthError
  return firstRefusal('binding', bindingChecks, { found, scheme, rules }, witness) ?? found
}

function readConfirmation(cnf: unknown): Confirmation | undefined {
  const { jkt, 'x5t#S256': x5t, ...others } = (typeof cnf === 'object' && cnf !== null ? cnf : {}) as Readonly<Record<string, unknown>>
  const known = isThumbprint(jkt) && isThumbprint(x5t) && (jkt !== undefined || x5t !== undefined)
  return known && Object.keys(others).length === 0 ? { jkt, x5t } : undefined
}

function isThumbprint(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

/**
 * The certificate of this connection is the one that the token is bound to (MTLS-20), and there is one (MTLS-21). Who
 * signed it does not matter: the handshake proved its key (RFC 8705 §6.2).
 */
export async function checkCertificate(
  certificate: ClientCertificate | undefined,
  bound: string,
  thumbprint: (der: Uint8Array) => string | Promise<string>,
  witness?: Witness,
): Promise<OAuthError | undefined> {
  const nothing = witnessed(witness, CERTIFICATE, certificate === undefined ? invalid(NO_CERTIFICATE, 'MTLS-21') : undefined)
  if (certificate === undefined) return nothing as OAuthError
  const same = (await thumbprint(certificate.der)) === bound
  return witnessed(witness, CERTIFICATE_KEY, same ? undefined : invalid(OTHER_CERTIFICATE, 'MTLS-20'))
}

function invalid(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_token', description, { rule })
}
