import type { OAuthErrorCode } from '@holdfast/protocol/oauth-error'
import {
  checkAth,
  checkClaimTypes,
  checkExp,
  checkHtm,
  checkHtu,
  checkJti,
  checkMemoryKnows,
  checkNbf,
  checkNonceKnown,
  checkNoncePresent,
  checkNotAhead,
  checkNotTooOld,
} from './dpop-claims.ts'
import { checkAlg, checkJwkFitsAlg, checkJwkPresent, checkJwkPublic, checkLength, checkOneHeader, checkTyp } from './dpop-header.ts'
import type { DpopInput, PresentedProof } from './dpop-input.ts'
import type { Hashing, Maybe } from './engine.ts'
import type { AsyncNonceCheck } from './nonce.ts'

/** One rule of a proof. It gives the reason it refuses, or undefined. */
export interface Check<Name, Subject> {
  readonly name: Name
  /** The requirement in docs/standards. */
  readonly rule: string
  /** @default 'invalid_dpop_proof' */
  readonly code?: OAuthErrorCode
  readonly check: (subject: Subject, engine: Hashing) => Maybe<string | undefined>
}

type ReceivedCheckName = 'one header' | 'length'
type PresentedCheckName =
  | 'typ'
  | 'alg'
  | 'jwk present'
  | 'jwk public'
  | 'jwk fits alg'
  | 'claim types'
  | 'jti'
  | 'htm'
  | 'htu'
  | 'iat age'
  | 'iat ahead'
  | 'iat since start'
  | 'exp'
  | 'nbf'
  | 'nonce present'
  | 'nonce known'
  | 'ath'
/** Steps that make the next value, so no table can leave them out; `signature` alone can be. */
type StepName = 'compact jws' | 'crit' | 'key' | 'signature'

export type DpopCheckName = ReceivedCheckName | PresentedCheckName | StepName

/** The rules in the order they are applied: what costs nothing first, the signature last. */
export interface DpopChecks {
  readonly received: readonly Check<ReceivedCheckName, DpopInput<unknown>>[]
  readonly presented: readonly Check<PresentedCheckName, PresentedProof<AsyncNonceCheck>>[]
  readonly signature: boolean
}

export const dpopChecks: DpopChecks = {
  received: [
    { name: 'one header', rule: 'DPOP-01', check: checkOneHeader },
    { name: 'length', rule: 'DPOP-17', check: checkLength },
  ],
  presented: [
    { name: 'typ', rule: 'DPOP-03', check: checkTyp },
    { name: 'alg', rule: 'DPOP-04', check: checkAlg },
    { name: 'jwk present', rule: 'DPOP-03', check: checkJwkPresent },
    { name: 'jwk public', rule: 'DPOP-05', check: checkJwkPublic },
    { name: 'jwk fits alg', rule: 'DPOP-04', check: checkJwkFitsAlg },
    { name: 'claim types', rule: 'DPOP-07', check: checkClaimTypes },
    { name: 'jti', rule: 'DPOP-17', check: checkJti },
    { name: 'htm', rule: 'DPOP-08', check: checkHtm },
    { name: 'htu', rule: 'DPOP-09', check: checkHtu },
    { name: 'iat age', rule: 'DPOP-13', check: checkNotTooOld },
    { name: 'iat ahead', rule: 'DPOP-13', check: checkNotAhead },
    { name: 'iat since start', rule: 'DPOP-18', check: checkMemoryKnows },
    { name: 'exp', rule: 'DPOP-15', check: checkExp },
    { name: 'nbf', rule: 'DPOP-15', check: checkNbf },
    // After what a retry cannot mend, before the signature: the answer to a first request costs no verification.
    { name: 'nonce present', rule: 'DPOP-40', code: 'use_dpop_nonce', check: checkNoncePresent },
    { name: 'nonce known', rule: 'DPOP-39', code: 'use_dpop_nonce', check: checkNonceKnown },
    { name: 'ath', rule: 'DPOP-47', check: checkAth },
  ],
  signature: true,
}

/** Every name in the order of the checks: those before the one that refused have passed. */
export const dpopCheckNames: readonly DpopCheckName[] = [
  ...dpopChecks.received.map(({ name }) => name),
  'compact jws',
  'crit',
  ...dpopChecks.presented.map(({ name }) => name),
  'key',
  'signature',
]

/**
 * For test harnesses that show what a check is for; no public module exports this.
 *
 * @returns the table without one check. Steps that make the next value (`compact jws`, `crit`, `key`) stay.
 */
export function dpopChecksWithout(name: DpopCheckName): DpopChecks {
  return {
    received: dpopChecks.received.filter((check) => check.name !== name),
    presented: dpopChecks.presented.filter((check) => check.name !== name),
    signature: name !== 'signature',
  }
}
