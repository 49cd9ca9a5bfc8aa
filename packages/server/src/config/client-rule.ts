import type { AvailableProfile, ClientMetadata } from './client-metadata.ts'
import type { AuthMethod } from './client.ts'

/** Metadata with what follows from its absence. */
export interface Draft extends ClientMetadata {
  readonly profile: AvailableProfile
  readonly token_endpoint_auth_method: AuthMethod
  readonly grant_types: string[]
}

/** What a client is checked against. */
export interface ClientSurroundings {
  readonly grantTypes: readonly string[]
  /** Scopes of all resources. */
  readonly scopes: readonly string[]
  /** Identifiers of all resources. */
  readonly resources: readonly string[]
  /** Types of `authorization_details` that are configured. */
  readonly authorizationDetailsTypes: readonly string[]
}

/** One thing that must hold. It is asked only when every member it looks at has the right shape. */
export interface ClientRule {
  readonly spec: string
  readonly about: readonly (keyof ClientMetadata)[]
  check(draft: Draft, around: ClientSurroundings, fault: (at: string, message: string) => void): void
}
