import { OAuthError, type OAuthErrorCode } from '@holdfast/protocol/oauth-error'
import type { Witness } from '@holdfast/protocol/witness'
import type { JwsAlgorithm } from './algorithms.ts'
import { type Check, type DpopCheckName, type DpopChecks, dpopChecks } from './dpop-checks.ts'
import { DEFAULT_MAX_AGE, DEFAULT_MAX_AHEAD, type DpopInput, type DpopProof, MAX_PROOF_LENGTH, type PresentedProof } from './dpop-input.ts'
import { normaliseOwnTarget, normaliseTarget } from './dpop-target.ts'
import { after, type Hashing, type Maybe, type ProofEngine } from './engine.ts'
import { HeaderCache } from './header-cache.ts'
import { isJwkFault, readPublicJwk, thumbprintInput } from './jwk.ts'
import { readJws } from './jws.ts'
import type { AsyncNonceCheck } from './nonce.ts'

/** Why a proof is refused: `invalid_dpop_proof`, or `use_dpop_nonce` (RFC 9449 §8). The status depends on who answers (§5, §7.1). */
export class DpopRefusal extends OAuthError {
  /** The check that refused; those before it in `dpopCheckNames` passed. */
  readonly check: DpopCheckName

  constructor(check: DpopCheckName, rule: string, description: string, code: OAuthErrorCode = 'invalid_dpop_proof') {
    super(code, description, { rule })
    this.check = check
  }
}

/** The steps that make the next value. They stand in no table; the signature can be left out alone. */
const COMPACT_JWS = { name: 'compact jws', rule: 'DPOP-02' } as const
const CRIT = { name: 'crit', rule: 'DPOP-12' } as const
const KEY = { name: 'key', rule: 'DPOP-06' } as const
const SIGNATURE = { name: 'signature', rule: 'DPOP-06' } as const
const NOT_COMPACT = 'the DPoP header must be one compact JWS: three parts of base64url, the first two JSON objects'
const EXTENDED = 'crit in the proof names extensions that are not supported'
const NO_KEY = 'jwk in the proof is not a key: its point is not on the curve'
const UNSIGNED = 'the signature of the proof does not verify with its jwk'

export type DpopValidator<Nonces> = (input: DpopInput<Nonces>) => Maybe<DpopProof | DpopRefusal>

interface ProofKey<Key> {
  readonly key: Key
  readonly jkt: string
}

/**
 * Makes the one validator of proofs (RFC 9449 §4.3) that server, guard and BFF use. It spends nothing and remembers
 * no proof, so one that is refused for its nonce leaves everything as it was. With an engine that answers at once,
 * so does the validator.
 *
 * @param checks only a test harness passes its own
 */
export function createDpopValidator<Key>(engine: ProofEngine<Key>, checks: DpopChecks = dpopChecks): DpopValidator<AsyncNonceCheck> {
  const known = new HeaderCache<ProofKey<Key>>()

  /** The embedded key and no other: no header parameter but `jwk` is looked at (RFC 9449 §4.3-6). */
  function keyOf({ jws, jwk }: Presented): Maybe<ProofKey<Key> | undefined> {
    const cached = known.get(jws.headerSegment)
    if (cached !== undefined) return cached
    if (isJwkFault(jwk)) return undefined
    return after(engine.importPublicKey(jwk, jws.header['alg'] as JwsAlgorithm), (key) =>
      key === undefined ? undefined : after(engine.sha256Base64url(thumbprintInput(jwk)), (jkt) => ({ key, jkt })),
    )
  }

  function checkSignature(proof: Presented, proofKey: ProofKey<Key> | undefined): Maybe<DpopProof | DpopRefusal> {
    const { jws, input } = proof
    const keyless = decided(KEY, proofKey === undefined ? NO_KEY : undefined, input.witness)
    if (proofKey === undefined) return keyless as DpopRefusal
    const verified = checks.signature ? engine.verifyJws(jws, jws.header['alg'] as JwsAlgorithm, proofKey.key) : true
    return after(verified, (valid) => {
      const forged = checks.signature ? decided(SIGNATURE, valid ? undefined : UNSIGNED, input.witness) : undefined
      if (forged !== undefined) return forged
      // Only now: who cannot sign cannot push other clients' keys out.
      known.set(jws.headerSegment, proofKey)
      return accepted(proof, proofKey.jkt, engine)
    })
  }

  return (input) =>
    after(firstRefusal(checks.received, input, engine, input.witness), (refused) => {
      const proof = refused ?? present(input)
      if (proof instanceof DpopRefusal) return proof
      return after(
        firstRefusal(checks.presented, proof, engine, input.witness),
        (refusal) => refusal ?? after(keyOf(proof), (key) => checkSignature(proof, key)),
      )
    })
}

type Presented = PresentedProof<AsyncNonceCheck>

function present(input: DpopInput<AsyncNonceCheck>): Presented | DpopRefusal {
  const jws = readJws(input.headers[0] ?? '', MAX_PROOF_LENGTH)
  const unread =
    decided(COMPACT_JWS, jws === 'malformed' || jws === 'too_long' ? NOT_COMPACT : undefined, input.witness) ??
    decided(CRIT, jws === 'crit' ? EXTENDED : undefined, input.witness)
  if (typeof jws === 'string') return unread as DpopRefusal
  const htu = jws.payload['htu']
  const target = normaliseOwnTarget(input.url)
  // Most clients send exactly our URL, and then there is nothing to parse.
  const sent = typeof htu !== 'string' ? undefined : htu === target ? htu : normaliseTarget(htu)
  return { input, jws, jwk: readPublicJwk(jws.header['jwk']), htu: sent, target }
}

function firstRefusal<S>(
  checks: readonly Check<DpopCheckName, S>[],
  subject: S,
  engine: Hashing,
  witness: Witness | undefined,
  from = 0,
): Maybe<DpopRefusal | undefined> {
  for (let i = from; i < checks.length; i++) {
    const row = checks[i] as Check<DpopCheckName, S>
    const reason = row.check(subject, engine)
    if (reason instanceof Promise)
      return reason.then((late) => decided(row, late, witness) ?? firstRefusal(checks, subject, engine, witness, i + 1))
    const refusal = decided(row, reason, witness)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** The one place where a reason becomes a refusal, and where a witness hears of a check: so there is none that it does not hear of. */
function decided(
  { name, rule, code }: Omit<Check<DpopCheckName, never>, 'check'>,
  reason: string | undefined,
  witness: Witness | undefined,
): DpopRefusal | undefined {
  const refusal = reason === undefined ? undefined : new DpopRefusal(name, rule, reason, code)
  if (witness !== undefined) witness({ about: 'DPoP proof', check: name, rule, refused: refusal?.description })
  return refusal
}

function accepted({ jws, input, htu }: Presented, jkt: string, engine: Hashing): Maybe<DpopProof> {
  const jti = String(jws.payload['jti'])
  const iat = Number(jws.payload['iat'])
  const window = (input.maxAgeSeconds ?? DEFAULT_MAX_AGE) + (input.maxAheadSeconds ?? DEFAULT_MAX_AHEAD)
  // No part but the last can hold a space, so no two proofs make the same text.
  return after(engine.sha256Base64url(`${jkt} ${String(jws.payload['htm'])} ${htu} ${jti}`), (replayKey) => ({
    jkt,
    jti,
    replayKey,
    replayUntil: Math.ceil(iat) + window,
    iat: Math.floor(iat),
  }))
}

/** RFC 9449 §10: `dpop_jkt` is a thumbprint: 43 base64url characters, which are 32 bytes. */
export function checkDpopJkt(dpopJkt: string): OAuthError | undefined {
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(dpopJkt)
    ? undefined
    : new OAuthError('invalid_request', 'dpop_jkt must be the SHA-256 thumbprint of a key: 43 base64url characters (RFC 9449 §10)', {
        rule: 'DPOP-35',
      })
}
