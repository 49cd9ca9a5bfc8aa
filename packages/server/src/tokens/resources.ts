import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Seconds } from '@holdfast/protocol/time'
import type { AccessTokenFormat, Client, Resource } from '../config/client.ts'
import { OPENID_SCOPES } from '../config/openid-scopes.ts'
import { locationsOf } from './authorization-details.ts'

/** Whom a token is for, and what it may do there. */
export interface Target {
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly lifetime: Seconds
  readonly format: AccessTokenFormat
}

/** The resources that tokens are issued for (RFC 8707); the issuer is one of them, for userinfo. */
export class ResourceCatalog {
  readonly #issuer: string
  readonly #lifetime: Seconds
  readonly #byIdentifier: ReadonlyMap<string, Resource>
  readonly #byScope: ReadonlyMap<string, readonly Resource[]>

  constructor(issuer: string, resources: readonly Resource[], lifetime: Seconds) {
    this.#issuer = issuer
    this.#lifetime = lifetime
    this.#byIdentifier = new Map(resources.map((one) => [one.identifier, one]))
    const byScope = new Map<string, Resource[]>()
    for (const one of resources) for (const scope of one.scopes) byScope.set(scope.name, [...(byScope.get(scope.name) ?? []), one])
    this.#byScope = byScope
  }

  find(identifier: string): Resource | undefined {
    return this.#byIdentifier.get(identifier)
  }

  knowsScope(scope: string): boolean {
    return OPENID_SCOPES.includes(scope) || this.#byScope.has(scope)
  }

  get scopes(): readonly string[] {
    return [...OPENID_SCOPES, ...this.#byScope.keys()]
  }

  /** The sentence for a person; undefined for a scope that no resource describes. */
  describe(scope: string): string | undefined {
    return this.#byScope.get(scope)?.[0]?.scopes.find((one) => one.name === scope)?.description
  }

  /** RFC 8707 §2: resources that are unknown, or not for this client, are `invalid_target`. */
  checkRequested(resources: readonly string[], client: Client): OAuthError | undefined {
    for (const resource of resources) {
      const known = resource === this.#issuer || this.#byIdentifier.has(resource)
      if (!known || (client.resources !== undefined && !client.resources.includes(resource))) {
        return new OAuthError('invalid_target', `resource ${resource} is unknown or not allowed to this client`, { rule: 'RES-01' })
      }
    }
    return undefined
  }

  /**
   * One token has one resource (RES-06): the one that the token request names; else the one that was
   * granted; else the one that the scopes belong to (RFC 9068 §3) or that `authorization_details` name in `locations`
   * (RFC 9396 §2.2), of those that the client may ask for. A token
   * whose request named none also opens userinfo when `openid` was granted: its scopes and the resource's do not
   * overlap, so it stays unambiguous (TOK-10).
   */
  target(
    requested: readonly string[],
    granted: readonly string[],
    scopes: readonly string[],
    client: Client,
    details: readonly AuthorizationDetail[] = [],
  ): Target | OAuthError {
    if (requested.length > 1) return new OAuthError('invalid_target', 'name one resource for each token (RFC 8707 §3)', { rule: 'RES-06' })
    // What was granted is looked at anew: the client may be allowed less than then.
    const forbidden = this.checkRequested(requested.length > 0 ? requested : granted, client)
    if (forbidden !== undefined) return forbidden
    const named = requested[0]
    if (named !== undefined) {
      if (granted.length > 0 ? !granted.includes(named) : !this.#servesAny(named, scopes, details)) {
        return new OAuthError('invalid_target', 'resource was not granted at the authorization endpoint (RFC 8707 §2.2)', {
          rule: 'RES-04',
        })
      }
      return this.#towards([named], scopes)
    }
    const resource = granted.length > 0 ? one(granted) : one(this.#inferred(scopes, client, details))
    if (resource === AMBIGUOUS) {
      return granted.length > 0
        ? new OAuthError('invalid_target', 'several resources were granted: name one with resource (RFC 8707 §2.2)', { rule: 'RES-06' })
        : new OAuthError('invalid_scope', 'what was granted belongs to several resources: name one with resource (RFC 9068 §3)', {
            rule: 'TOK-09',
          })
    }
    const audience = [
      ...(resource === undefined ? [] : [resource]),
      ...(scopes.includes('openid') && resource !== this.#issuer ? [this.#issuer] : []),
    ]
    return this.#towards(audience.length === 0 ? [this.#issuer] : audience, scopes)
  }

  #towards(audience: readonly string[], scopes: readonly string[]): Target {
    const lifetimes = audience.map((one) => this.#byIdentifier.get(one)?.accessTokenLifetime ?? this.#lifetime)
    return {
      audience,
      scopes: scopes.filter((scope) => audience.some((one) => this.#understands(one, scope))),
      lifetime: Math.min(...lifetimes),
      format: audience.some((one) => this.#byIdentifier.get(one)?.accessTokenFormat === 'opaque') ? 'opaque' : 'jwt',
    }
  }

  /** The distinct resources that the scopes and details point to and that the client may ask for. */
  #inferred(scopes: readonly string[], { resources }: Client, details: readonly AuthorizationDetail[]): readonly string[] {
    const found = new Set<string>()
    for (const scope of scopes)
      for (const { identifier } of this.#byScope.get(scope) ?? [])
        if (resources === undefined || resources.includes(identifier)) found.add(identifier)
    for (const location of details.flatMap((detail) => locationsOf(detail) ?? []))
      if (this.#byIdentifier.has(location) && (resources === undefined || resources.includes(location))) found.add(location)
    return [...found]
  }

  #servesAny(resource: string, scopes: readonly string[], details: readonly AuthorizationDetail[]): boolean {
    return scopes.some((scope) => this.#understands(resource, scope)) || details.some((detail) => locationsOf(detail)?.includes(resource))
  }

  #understands(resource: string, scope: string): boolean {
    if (resource === this.#issuer) return OPENID_SCOPES.includes(scope)
    return this.#byScope.get(scope)?.some((one) => one.identifier === resource) ?? false
  }
}

const AMBIGUOUS: unique symbol = Symbol('several')

function one(values: readonly string[]): string | undefined | typeof AMBIGUOUS {
  return values.length > 1 ? AMBIGUOUS : values[0]
}
