import { readCredentials } from '@holdfast/protocol/credentials'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { insertedWellKnown, withoutEmpty } from '@holdfast/protocol/metadata'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type Clock, type EpochSeconds, systemClock } from '@holdfast/protocol/time'
import { DPOP_ALGORITHMS } from '@holdfast/proof'
import type { DpopInput, DpopProof, JwsAlgorithm, NonceCheck } from '@holdfast/proof'
import { createProcessMemory, type Memory } from '@holdfast/proof/memory'
import { type ChallengeRules, type Demand, malformed, refused, unauthenticated, unavailable } from './challenge.ts'
import { checkCertificate, confirmationOf } from './confirmation.ts'
import { Introspection, type IntrospectionOptions, IntrospectionUnavailable } from './introspection.ts'
import { IssuerKeys, KeysUnavailable } from './keys.ts'
import type { Access, Need } from './need.ts'
import { checkNeed, shortfallOf } from './sufficiency.ts'
import { AccessTokens, type Verify } from './token.ts'

export interface GuardOptions {
  /** The authorization server's issuer, exactly as its metadata has it. */
  readonly issuer: string
  /** This API's identifier (RFC 8707, RFC 9728): what tokens must have in `aud`. */
  readonly resource: string
  /** The origin that clients call, when it is not the origin of `resource`: `htu` of every proof is compared with it. Several where mutual TLS has a host of its own (RFC 8705 §5). */
  readonly publicUrl?: string | readonly [string, ...string[]]
  /** Scopes of this API, for its metadata. */
  readonly scopes?: readonly string[]
  /** Refuses every token that is not bound to a key. @default false */
  readonly dpopRequired?: boolean
  /** Refuses every token that is bound neither to a DPoP key nor to a certificate (FAPI 2.0 §5.3.4). @default false */
  readonly bindingRequired?: boolean
  /**
   * Says in the metadata that tokens may be bound to a certificate (RFC 8705 §3.3, RFC 9728 §2): set it where the mount
   * gives the client's certificate. Such tokens are checked either way, and without a certificate refused. @default false
   */
  readonly certificateBoundTokens?: boolean
  /** Algorithms of access tokens. @default ES256, PS256, EdDSA, RS256 */
  readonly tokenAlgorithms?: readonly JwsAlgorithm[]
  /** Algorithms of proofs. @default ES256, EdDSA, Ed25519, PS256 */
  readonly dpopAlgorithms?: readonly JwsAlgorithm[]
  /** Requires a nonce in every proof (RFC 9449 §9), made under this secret of at least 32 bytes; the same in every process. Absent: nonces are off. */
  readonly nonceSecret?: Uint8Array
  /** Where used proofs are remembered. @default in this process: then run one process only */
  readonly memory?: Memory
  /** Where the key set is, when it is not to be found through the issuer's metadata. */
  readonly jwksUri?: string
  /** Asks the issuer about opaque tokens, or about all (RFC 7662). Absent: JWTs alone come in. */
  readonly introspection?: IntrospectionOptions
  readonly fetch?: typeof fetch
  readonly clock?: Clock
}

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
   *   400 for a request that cannot be read, 503 when the issuer's keys, its introspection or the replay memory cannot be had
   * @throws TypeError, as a rejection, `need` has an `acr` or a `maxAge` that cannot be, whoever asks
   */
  check(request: HttpRequest, need?: Need): Promise<Verdict>
  /** The answer to a GET of this API's metadata (RFC 9728 §3); undefined when the path is another. */
  metadata(request: HttpRequest): Reply | undefined
}

/** The cryptography of a runtime. */
export interface GuardEngine {
  readonly verify: Verify
  readonly checkProof: (input: DpopInput) => DpopProof | OAuthError | Promise<DpopProof | OAuthError>
  /** SHA-256 of a certificate in DER, base64url (RFC 8705 §3.1). */
  readonly certificateThumbprint: (der: Uint8Array) => string | Promise<string>
  readonly nonces: (secret: Uint8Array) => NonceCheck & { issue(now: EpochSeconds): string }
}

const TOKEN_ALGORITHMS: readonly JwsAlgorithm[] = ['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256']

export function guardWith(engine: GuardEngine, options: GuardOptions): Guard {
  const clock = options.clock ?? systemClock
  const memory = options.memory ?? createProcessMemory({ clock })
  const keys = new IssuerKeys(options.issuer, options.jwksUri, options.fetch ?? fetch, clock)
  const tokenRules = { issuer: options.issuer, resource: options.resource, algorithms: options.tokenAlgorithms ?? TOKEN_ALGORITHMS }
  const tokens = new AccessTokens(tokenRules, keys, engine.verify, clock)
  const introspection =
    options.introspection &&
    new Introspection(options.introspection, tokenRules, { keys, verify: engine.verify, fetcher: options.fetch ?? fetch, clock })
  const nonces = options.nonceSecret === undefined ? undefined : engine.nonces(options.nonceSecret)
  const algorithms = options.dpopAlgorithms ?? DPOP_ALGORITHMS
  const [origin, ...otherOrigins] = originsOf(options)
  const metadataUrl = insertedWellKnown(options.resource, 'oauth-protected-resource')
  const rules: ChallengeRules = { resourceMetadata: metadataUrl, dpopAlgorithms: algorithms, dpopRequired: options.dpopRequired ?? false }

  /** The proof by the key that the token is bound to. Not yet burnt. */
  async function checkProof(request: HttpRequest, token: string, bound: string, now: EpochSeconds): Promise<DpopProof | OAuthError> {
    const headers = request.headers('dpop')
    if (headers.length === 0) return new OAuthError('invalid_dpop_proof', 'the DPoP header is missing (RFC 9449 §7.1)', { rule: 'DPOP-51' })
    const proof = await engine.checkProof({
      headers,
      method: request.method,
      url: origin + request.path,
      otherUrls: otherOrigins.map((other) => other + request.path),
      now,
      algorithms,
      accessToken: token,
      nonce: nonces,
      notBefore: memory.startedAt,
    })
    return proof instanceof OAuthError || proof.jkt === bound
      ? proof
      : new OAuthError('invalid_token', 'the access token is bound to another DPoP key (cnf.jkt)', { rule: 'DPOP-48' })
  }

  async function check(request: HttpRequest, need: Need): Promise<Verdict> {
    const now = clock.now()
    const credentials = readCredentials(request.headers('authorization'))
    if (credentials === undefined) return stop(unauthenticated(rules))
    if (credentials instanceof OAuthError) return stop(malformed(rules, credentials))
    const { scheme, token } = credentials
    const headers: Reply['headers'] = nonces !== undefined && scheme === 'DPoP' ? { 'dpop-nonce': nonces.issue(now) } : {}
    const deny = (error: OAuthError, demand?: Demand): Verdict => stop(refused(rules, scheme, error, demand, headers))

    const known = introspection?.takes(token) === true ? introspection.check(token) : tokens.check(token)
    const access = known instanceof Promise ? await known : known
    if (access instanceof OAuthError) return deny(access)
    const bound = confirmationOf(access.claims['cnf'], scheme, { ...rules, bindingRequired: options.bindingRequired ?? false })
    if (bound instanceof OAuthError) return deny(bound)
    const stranger =
      bound.x5t === undefined ? undefined : await checkCertificate(request.clientCertificate, bound.x5t, engine.certificateThumbprint)
    if (stranger !== undefined) return deny(stranger)
    // Who does not hold the token's key is not told what a route needs (STEP-07, RFC 9470 §9). That the proof is good is seen
    // before, that it is new only at the end: a challenge lets nobody in, so it uses up no proof (DPOP-19).
    const proof = bound.jkt === undefined ? undefined : await checkProof(request, token, bound.jkt, now)
    if (proof instanceof OAuthError) return deny(proof)
    // The clock of now: the issuer may have been asked meanwhile, and the age of an answer that was kept goes on (STEP-33).
    const lacking = shortfallOf(need, access, clock.now())
    if (lacking !== undefined) return deny(lacking.error, lacking.demand)
    const seen = proof === undefined ? 'new' : await memory.add(`dpop ${proof.replayKey}`, proof.replayUntil)
    if (seen === 'seen')
      return deny(new OAuthError('invalid_dpop_proof', 'jti of the DPoP proof was already used (RFC 9449 §11.1)', { rule: 'DPOP-16' }))
    return { kind: 'allowed', access: { ...access, ...bound }, headers }
  }

  return {
    async check(request, need = {}) {
      checkNeed(need)
      try {
        return await check(request, need)
      } catch (fault) {
        if (
          fault instanceof KeysUnavailable ||
          fault instanceof IntrospectionUnavailable ||
          (fault instanceof Error && fault.name === 'MemoryFull')
        )
          return stop(unavailable())
        throw fault
      }
    },
    metadata(request) {
      if (request.method !== 'GET' || request.path !== new URL(metadataUrl).pathname) return undefined
      const document = withoutEmpty({
        resource: options.resource,
        authorization_servers: [options.issuer],
        scopes_supported: options.scopes ?? [],
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: algorithms,
        dpop_bound_access_tokens_required: rules.dpopRequired,
        tls_client_certificate_bound_access_tokens: options.certificateBoundTokens === true ? true : undefined,
      })
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' },
        body: JSON.stringify(document),
      }
    },
  }
}

function originsOf({ publicUrl, resource }: GuardOptions): readonly [string, ...string[]] {
  const [first, ...others] = publicUrl === undefined ? [resource] : typeof publicUrl === 'string' ? [publicUrl] : publicUrl
  return [new URL(first).origin, ...others.map((url) => new URL(url).origin)]
}

function stop(reply: Reply): Verdict {
  return { kind: 'refused', reply }
}
