import type { AuthMethod, Client } from '../config/client.ts'
import type { ServerChange } from '../records.ts'

declare const proven: unique symbol

/** A client that proved who it is, or, for `none`, that said so. Only `authenticateClient` makes one. */
export interface AuthenticatedClient {
  readonly client: Client
  readonly method: AuthMethod
  /** Thumbprint of the attested instance's key (draft-ietf-oauth-attestation-based-client-auth §5); undefined for every other method. */
  readonly instance: string | undefined
  /** Held in every commit made for this client: a client that was removed meanwhile conflicts. Empty for a configured one. */
  readonly require: readonly ServerChange[]
  /** The assertion's `jti`, burnt by every request it authenticated, whatever the answer. */
  readonly burn: readonly ServerChange[]
  readonly [proven]: true
}
