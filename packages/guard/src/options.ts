import type { Clock } from '@holdfast/protocol/time'
import type { JwsAlgorithm } from '@holdfast/proof'
import type { Memory } from '@holdfast/proof/memory'
import type { IntrospectionOptions } from './introspection.ts'
import type { Access } from './need.ts'
import type { Refusal } from './refusal.ts'
import type { ScopeImplications } from './scopes.ts'

/** One of several issuers whose tokens come in. Its keys verify its tokens and no other's. */
export interface TrustedIssuer {
  /** Exactly as its metadata has it. */
  readonly issuer: string
  /** Where its key set is, when it is not to be found through its metadata. */
  readonly jwksUri?: string
  /** Asks it about opaque tokens, or about all of its own (RFC 7662). */
  readonly introspection?: IntrospectionOptions
}

export interface GuardOptions {
  /**
   * The authorization server's issuer, exactly as its metadata has it. A list where several issue tokens for this API: `iss`
   * of the token chooses. Either this or `issuers`.
   */
  readonly issuer?: string | readonly [string, ...string[]]
  /** Several issuers, each with its own settings. Either this or `issuer`. */
  readonly issuers?: readonly [TrustedIssuer, ...TrustedIssuer[]]
  /**
   * This API's identifier (RFC 8707, RFC 9728): what tokens must have in `aud`. Scheme and host are written in lower case
   * (MCP); a token for the text as it stands here is taken too, and nothing else is alike.
   */
  readonly resource: string
  /** The origin that clients call, when it is not the origin of `resource`: `htu` of every proof is compared with it. Several where mutual TLS has a host of its own (RFC 8705 §5). */
  readonly publicUrl?: string | readonly [string, ...string[]]
  /** What a proxy takes away from the front of the path before this API sees it, such as `/api/v1`: a part of `htu`. @default nothing */
  readonly publicPath?: string
  /** Scopes of this API, for its metadata: a small set to begin with (MCP). Never `offline_access`. */
  readonly scopes?: readonly string[]
  /** Which scopes hold others in them, through any number of steps: `{ 'accounts': ['accounts:read', 'accounts:write'] }`. */
  readonly scopeImplies?: ScopeImplications
  /** The realm in challenges (RFC 9110 §11.5), printable ASCII. @default none */
  readonly realm?: string
  /** Answers with the metadata at the root of the host too, where clients of MCP look last. Only where no other API has the root. @default false */
  readonly metadataAtRoot?: boolean
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
  /** Where the key set is, when it is not to be found through the issuer's metadata. With one issuer only. */
  readonly jwksUri?: string
  /** Asks the issuer about opaque tokens, or about all (RFC 7662). Absent: JWTs alone come in. With one issuer only. */
  readonly introspection?: IntrospectionOptions
  /**
   * Whether a token was revoked, at every request of who proved to hold it: a list of your own, such as of tokens (`claims.jti`),
   * people or clients. Anything but `false` refuses with `invalid_token`; an exception is answered 503.
   */
  readonly revoked?: (access: Access) => boolean | Promise<boolean>
  /** Is told of every request that is not let in, for the operator's log. What it throws is dropped: it changes no answer. */
  readonly onRefusal?: (refusal: Refusal) => void
  readonly fetch?: typeof fetch
  readonly clock?: Clock
}

/** @throws TypeError settings of one issuer beside several: a key set or a secret must not go to another than it was made for */
export function trustedIssuers({ issuer, issuers, jwksUri, introspection }: GuardOptions): readonly TrustedIssuer[] {
  if ((issuer === undefined) === (issuers === undefined)) throw new TypeError('the guard needs either issuer or issuers')
  const own = { ...(jwksUri !== undefined && { jwksUri }), ...(introspection !== undefined && { introspection }) }
  const all = issuers ?? (typeof issuer === 'string' ? [issuer] : (issuer ?? [])).map((one) => ({ issuer: one, ...own }))
  if (all.length === 0) throw new TypeError('the guard needs at least one issuer')
  if ((issuers !== undefined || all.length > 1) && Object.keys(own).length > 0)
    throw new TypeError('jwksUri and introspection belong to one issuer: write them in issuers, beside the issuer that they are for')
  const names = all.map((one) => one.issuer)
  if (new Set(names).size !== names.length) throw new TypeError('an issuer is named twice')
  return all
}

/** Scheme and host in lower case (RFC 3986 §6.2.2.1), and not one sign else: `https://h` and `https://h/` stay two (RES-07). */
export function canonicalResource(resource: string): string {
  return resource.replace(/^[^:/?#]+:(?:\/\/[^/?#]*)?/, (front) => front.toLowerCase())
}

/** @throws TypeError a path that would never fit: `htu` is this, and the path that the API sees after it */
export function originsOf({ publicUrl, publicPath = '', resource }: GuardOptions): readonly [string, ...string[]] {
  if (publicPath !== '' && !/^(?:\/[^/?#\s]+)+$/.test(publicPath))
    throw new TypeError('publicPath must begin with a slash and not end with one, such as /api/v1')
  const [first, ...others] = publicUrl === undefined ? [resource] : typeof publicUrl === 'string' ? [publicUrl] : publicUrl
  return [new URL(first).origin + publicPath, ...others.map((url) => new URL(url).origin + publicPath)]
}
