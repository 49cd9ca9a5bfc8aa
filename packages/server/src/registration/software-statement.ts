import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { isJwsAlgorithm, parseJws } from '@holdfast/proof'
import type { TrustedIssuer } from '../config/registration.ts'
import type { Metadata } from '../config/machine-metadata.ts'
import type { ClientKeys } from '../keys/client-keys.ts'

const LONGEST = 16_384
/** Clocks may differ so much, in seconds. */
const AHEAD = 10

export interface StatementContext {
  readonly issuers: readonly TrustedIssuer[]
  readonly keys: ClientKeys
  /** Our issuer: a statement that names an audience names us. */
  readonly issuer: string
  readonly now: EpochSeconds
}

/**
 * The claims of a software statement (RFC 7591 §2.3) that one of the trusted issuers signed. A statement of somebody else is
 * `unapproved_software_statement`, one that cannot be verified `invalid_software_statement` (REG-11).
 */
export async function readSoftwareStatement(statement: unknown, context: StatementContext): Promise<Metadata | OAuthError> {
  const jws = typeof statement === 'string' ? parseJws(statement, { maxLength: LONGEST }) : undefined
  if (jws === undefined) return invalid(`software_statement is not a signed JWT of at most ${LONGEST} characters`)
  const trusted = context.issuers.find((one) => one.issuer === jws.payload['iss'])
  if (trusted === undefined)
    return new OAuthError('unapproved_software_statement', 'the issuer of software_statement is not trusted here', { rule: 'REG-11' })
  const { alg } = jws.header
  if (!isJwsAlgorithm(alg)) return invalid('alg of software_statement is not supported')
  const unverified = await context.keys.checkSignature(trusted, jws, alg)
  if (unverified !== undefined) return invalid('the signature of software_statement cannot be verified', unverified)
  return timesFault(jws.payload, context) ?? jws.payload
}

function timesFault(claims: Metadata, { issuer, now }: StatementContext): OAuthError | undefined {
  const { exp, nbf, iat, aud } = claims as { readonly [name in 'exp' | 'nbf' | 'iat' | 'aud']?: unknown }
  if (exp !== undefined && (typeof exp !== 'number' || exp <= now)) return invalid('exp of software_statement is past')
  for (const [name, time] of Object.entries({ nbf, iat }))
    if (time !== undefined && (typeof time !== 'number' || time > now + AHEAD))
      return invalid(`${name} of software_statement is ahead of our clock`)
  const named: readonly unknown[] = aud === undefined ? [issuer] : Array.isArray(aud) ? aud : [aud]
  return named.includes(issuer) ? undefined : invalid('aud of software_statement is another server')
}

function invalid(description: string, detail?: string): OAuthError {
  return new OAuthError('invalid_software_statement', description, { rule: 'REG-11', ...(detail === undefined ? {} : { detail }) })
}
