import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { systemClock } from '@holdfast/protocol/time'
import { type AsyncNonceCheck, DPOP_ALGORITHMS, type JwsAlgorithm } from '@holdfast/proof'
import { createProcessMemory } from '@holdfast/proof/memory'
import { type ChallengeRules, type Demand, malformed, refused, unauthenticated, unavailable } from './challenge.ts'
import { checkCertificate, confirmationOf } from './confirmation.ts'
import type { GuardEngine } from './engine.ts'
import { IntrospectionUnavailable } from './introspection.ts'
import { Issuers } from './issuers.ts'
import { KeysUnavailable } from './keys.ts'
import type { Access, Need } from './need.ts'
import { canonicalResource, type GuardOptions, originsOf, trustedIssuers } from './options.ts'
import { refusalOf } from './refusal.ts'
import { metadataEndpoint, metadataUrlOf } from './resource-metadata.ts'
import { checkNotRevoked, RevocationUnknown } from './revocation.ts'
import { checkScopes, scopeReader } from './scopes.ts'
import { checkNewProof, checkShownProof, type ProofRules } from './shown-proof.ts'
import { absent, readShown } from './shown-token.ts'
import { checkNeed, scopesToName, shortfallOf } from './sufficiency.ts'

/** Let in, with what the token says and headers for the answer; or the whole reply to send instead. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly access: Access; readonly headers: Reply['headers'] }
  | { readonly kind: 'refused'; readonly reply: Reply }

export interface Guard {
  /**
   * Checks a request to this API: the access token (RFC 9068 §4) and, when it is bound to a key, the DPoP proof
   * (RFC 9449 §4.3). A bound token shown as Bearer is refused (§7.2).
   *
   * Then what the route needs: the authentication of the person (RFC 9470 §3), scopes, details, in this order.
   *
   * @returns `refused` with the reply to send: 401 with a challenge, 403 `insufficient_scope` (RFC 6750 §3.1),
   *   400 for a request that cannot be read, 503 when the issuer's keys, its introspection, the replay memory or `revoked` cannot be had
   * @throws TypeError, as a rejection, `need` has scopes, an `acr` or a `maxAge` that cannot be, whoever asks
   */
  check(request: HttpRequest, need?: Need): Promise<Verdict>
  /** The answer to a GET of this API's metadata (RFC 9728 §3); undefined when the path is another. */
  metadata(request: HttpRequest): Reply | undefined
}

const TOKEN_ALGORITHMS: readonly JwsAlgorithm[] = ['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256']

/**
 * A guard with the cryptography of a runtime of your own. `@holdfast/guard` has node:crypto, `@holdfast/guard/web` WebCrypto.
 *
 * @throws TypeError options that contradict each other or cannot be
 */
export function guardWith<Nonces extends AsyncNonceCheck>(engine: GuardEngine<Nonces>, options: GuardOptions): Guard {
  const clock = options.clock ?? systemClock
  const memory = options.memory ?? createProcessMemory({ clock })
  const resource = canonicalResource(options.resource)
  if (options.scopes !== undefined) checkScopes(options.scopes, 'scopes')
  const issuers = new Issuers(
    trustedIssuers(options),
    {
      audiences: [...new Set([resource, options.resource])] as [string, ...string[]],
      algorithms: options.tokenAlgorithms ?? TOKEN_ALGORITHMS,
      scopesOf: scopeReader(options.scopeImplies),
    },
    { verify: engine.verify, fetcher: options.fetch ?? fetch, clock },
  )
  const nonces = options.nonceSecret === undefined ? undefined : engine.nonces(options.nonceSecret)
  const algorithms = options.dpopAlgorithms ?? DPOP_ALGORITHMS
  const proofs: ProofRules<Nonces> = { engine, origins: originsOf(options), algorithms, nonces, memory }
  const { dpopRequired = false, bindingRequired = false, realm } = options
  const rules: ChallengeRules = { resourceMetadata: metadataUrlOf(resource), dpopAlgorithms: algorithms, dpopRequired, realm }
  const binding = { dpopRequired, bindingRequired }

  async function check(request: HttpRequest, need: Need): Promise<Verdict> {
    const now = clock.now()
    const { witness } = request
    const credentials = readShown(request)
    if (credentials === undefined) return stop(request, unauthenticated(rules, scopesToName(need)), { detail: absent(request) })
    if (credentials instanceof OAuthError) return stop(request, malformed(rules, credentials), { error: credentials })
    const { scheme, token } = credentials
    const headers: Reply['headers'] = nonces !== undefined && scheme === 'DPoP' ? { 'dpop-nonce': await nonces.issue(now) } : {}
    const deny = (error: OAuthError, demand?: Demand, clientId?: string): Verdict =>
      stop(request, refused(rules, scheme, error, demand, headers), { error, clientId })

    const known = issuers.check(token, witness)
    const access = known instanceof Promise ? await known : known
    // Another token is needed: its scopes are told to anybody (MCP-33), and nothing else of what the route needs.
    if (access instanceof OAuthError) return deny(access, { scopes: scopesToName(need) })
    const { clientId } = access
    const bound = confirmationOf(access.claims['cnf'], scheme, binding, witness)
    if (bound instanceof OAuthError) return deny(bound, undefined, clientId)
    const stranger =
      bound.x5t === undefined
        ? undefined
        : await checkCertificate(request.clientCertificate, bound.x5t, engine.certificateThumbprint, witness)
    if (stranger !== undefined) return deny(stranger, undefined, clientId)
    // Who does not hold the token's key is not told what a route needs (STEP-07, RFC 9470 §9). That the proof is good is seen
    // before, that it is new only at the end: a challenge lets nobody in, so it uses up no proof (DPOP-19).
    const proof = bound.jkt === undefined ? undefined : await checkShownProof(proofs, request, { token, bound: bound.jkt, now })
    if (proof instanceof OAuthError) return deny(proof, undefined, clientId)
    const holder: Access = { ...access, ...bound }
    const ended = options.revoked && (await checkNotRevoked(options.revoked, holder, witness))
    if (ended !== undefined) return deny(ended, { scopes: scopesToName(need) }, clientId)
    // The clock of now: the issuer may have been asked meanwhile, and the age of an answer that was kept goes on (STEP-33).
    const lacking = shortfallOf(need, access, clock.now(), witness)
    if (lacking !== undefined) return deny(lacking.error, lacking.demand, clientId)
    const used = proof === undefined ? undefined : await checkNewProof(memory, proof, witness)
    if (used !== undefined) return deny(used, undefined, clientId)
    return { kind: 'allowed', access: holder, headers }
  }

  function stop(request: HttpRequest, reply: Reply, why: Omit<Parameters<typeof refusalOf>[1], 'status'>): Verdict {
    if (options.onRefusal !== undefined)
      try {
        options.onRefusal(refusalOf(request, { ...why, status: reply.status }))
      } catch {
        // A log that is full or wrongly written opens no door, and closes none.
      }
    return { kind: 'refused', reply }
  }

  return {
    async check(request, need = {}) {
      checkNeed(need)
      try {
        return await check(request, need)
      } catch (cause) {
        if (isOutage(cause)) return stop(request, unavailable(), { cause, detail: cause.message })
        throw cause
      }
    },
    metadata: metadataEndpoint(options, { resource, issuers: issuers.names, algorithms }),
  }
}

/** By name, since a memory may be of any package: full; not reached; on a store that is down; or the connection lost meanwhile. */
const MEMORY_OUTAGES: ReadonlySet<string> = new Set(['MemoryFull', 'MemoryUnavailable', 'StoreUnavailable', 'OutcomeUnknown'])

/** What cannot be checked now is not let in, and may be tried again. */
function isOutage(fault: unknown): fault is Error {
  return (
    fault instanceof KeysUnavailable ||
    fault instanceof IntrospectionUnavailable ||
    fault instanceof RevocationUnknown ||
    (fault instanceof Error && MEMORY_OUTAGES.has(fault.name))
  )
}
