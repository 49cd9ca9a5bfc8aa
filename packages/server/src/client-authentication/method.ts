import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest } from '@holdfast/protocol/http'
import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Witness } from '@holdfast/protocol/witness'
import type { AuthMethod, Client } from '../config/client.ts'
import type { ServerOptions } from '../config/options.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import type { ServerChange } from '../records.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import type { AttestationTrust } from './attestation/trust.ts'

/** How a client may prove who it is: one file each, listed in `index.ts`; discovery follows the list. */
export interface ClientAuthenticationMethod {
  /** `token_endpoint_auth_method`. */
  readonly name: AuthMethod
  readonly spec: string
  /** Reads the request's credentials of this method; undefined: there are none. Believes nothing. */
  present(request: HttpRequest, form: Form): Presented | OAuthError | undefined
  /** Needs nothing but `client_id` and the connection, which come with every request: it stands back where credentials are sent. */
  readonly implied?: true
  /** Whether a client that registered another name may use it; absent: only who registered this one may. */
  accepts?(client: Client, context: VerificationContext): boolean
  /** Whether this server has what the method needs; absent: always. What is off is not announced. */
  available?(options: ServerOptions): boolean
}

export interface Presented {
  readonly clientId: string
  verify(client: Client, context: VerificationContext): Authentication | OAuthError | Promise<Authentication | OAuthError>
}

/** What credentials are checked against. */
export interface VerificationContext {
  readonly audience: AssertionAudience
  readonly keys: ClientKeys
  readonly now: EpochSeconds
  /** Undefined where no attester is trusted. */
  readonly attestation: AttestationTrust | undefined
  /** The DPoP proof of the request, checked and not spent; undefined when there is none. */
  proof(nonceRequired: boolean): SenderConstraint | OAuthError | undefined
  /** Hears what is checked of the credentials; only in development. */
  readonly witness?: Witness | undefined
}

/** What was proven; `burn` is the assertion's `jti` (CAUTH-27). */
export interface Authentication {
  readonly burn: readonly ServerChange[]
  /** Thumbprint of the key of the attested instance, where the method attests one. */
  readonly instance?: string
}

/** Whom an assertion may be made out to. */
export interface AssertionAudience {
  readonly issuer: string
  readonly tokenEndpoint: string
}
