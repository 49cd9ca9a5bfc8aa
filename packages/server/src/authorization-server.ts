import type { Clock } from '@holdfast/protocol/time'
import type { Memory } from '@holdfast/proof/memory'
import type { AttestationTrust } from './client-authentication/attestation/trust.ts'
import type { ClientAuthenticationMethod } from './client-authentication/method.ts'
import type { RequestRules } from './authorization/rules.ts'
import type { GuessLimit } from './client-authentication/guess-limit.ts'
import type { ClientDirectory } from './client-authentication/clients.ts'
import type { Lifetimes, Log, MutualTls } from './config/options.ts'
import type { Outbound } from './config/outbound.ts'
import type { AccessTokenReader } from './tokens/access-token.ts'
import type { DpopAtServer } from './tokens/dpop.ts'
import type { Accounts } from './interaction/accounts.ts'
import type { AuthenticationPolicy } from './config/authentication-policy.ts'
import type { KnownDevices } from './interaction/known-devices.ts'
import type { FirstPartyLimit } from './first-party/client-limit.ts'
import type { OneTimeCodeLimit } from './interaction/one-time-code-limit.ts'
import type { SignInLimit } from './interaction/sign-in-limit.ts'
import type { MachineContext } from './config/machine-metadata.ts'
import type { Registration } from './config/registration.ts'
import type { ClientKeys } from './keys/client-keys.ts'
import type { DerivedKeys } from './keys/derived.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { ServerStore } from './records.ts'
import type { AuthorizationResponses } from './response-modes/index.ts'
import type { SectorDocuments } from './client-authentication/sector-documents.ts'
import type { Refusals } from './refusals.ts'
import type { Sessions } from './sessions/session.ts'
import type { LogoutDeliveries } from './sessions/logout-deliveries.ts'
import type { GrantReferences } from './tokens/grant-reference.ts'
import type { ResourceCatalog } from './tokens/resources.ts'
import type { TokenSigner } from './tokens/sign.ts'
import type { Subjects } from './tokens/subjects.ts'
import type { IssuedCounts } from './tokens/issued-counts.ts'
import type { Policy, Sources } from './tokens/sources.ts'
import type { RegisteredGrant } from './grants/grant.ts'

/** Everything an endpoint works with: put together once at start, never changed after. */
export interface AuthorizationServer {
  readonly issuer: string
  /** The origin of the issuer: what a browser names as the origin of our forms. */
  readonly origin: string
  readonly development: boolean
  readonly clock: Clock
  readonly log: Log
  readonly store: ServerStore
  readonly memory: Memory
  /** What requests leave behind whose client proved nothing. */
  readonly unproven: Memory
  readonly accounts: Accounts
  /** How people must sign in. */
  readonly authentication: AuthenticationPolicy
  readonly clients: ClientDirectory
  /** The keys of clients, for what they sign and what is encrypted to them. */
  readonly clientKeys: ClientKeys
  /** The one way out: every request of the server's own goes through it. */
  readonly outbound: Outbound
  /** How clients may come that no operator created, and what such a client is read against. */
  readonly registration: Registration
  readonly machine: MachineContext
  readonly sectors: SectorDocuments
  readonly guesses: GuessLimit
  readonly signInLimit: SignInLimit
  readonly codeLimit: OneTimeCodeLimit
  readonly firstPartyLimit: FirstPartyLimit
  readonly devices: KnownDevices
  readonly refusals: Refusals
  readonly keys: KeyRing
  readonly derived: DerivedKeys
  readonly dpop: DpopAtServer
  readonly attestation: AttestationTrust | undefined
  readonly sessions: Sessions
  /** Tells clients that sessions ended. */
  readonly logouts: LogoutDeliveries
  readonly endsRefreshTokens: boolean
  /** Whether the session is known in frames of other sites. */
  readonly thirdPartyFrames: boolean
  readonly references: GrantReferences
  readonly accessTokens: AccessTokenReader
  readonly signer: TokenSigner
  /** What each client calls people and their sessions. */
  readonly subjects: Subjects
  readonly issued: IssuedCounts
  readonly resources: ResourceCatalog
  readonly lifetimes: Lifetimes
  readonly policy: Policy
  readonly sources: Sources
  readonly requestRules: RequestRules
  readonly mutualTls: MutualTls | undefined
  /** What answers clients through the browser, in every response mode. */
  readonly responses: AuthorizationResponses
  /** The client authentication methods that this server has, in the order of preference. */
  readonly methods: readonly ClientAuthenticationMethod[]
  /** `grant_type` → what answers it: the built-in ones and those that the server was given. */
  readonly grants: ReadonlyMap<string, RegisteredGrant>
}

/** The public address of an endpoint: configuration and nothing else. */
export function endpointUrl(issuer: string, path: string): string {
  return issuer + path
}

/** The address of the same endpoint at the listener for mutual TLS; undefined where there is none. */
export function aliasUrl({ issuer, mutualTls }: Pick<AuthorizationServer, 'issuer' | 'mutualTls'>, path: string): string | undefined {
  const { publicUrl } = mutualTls ?? {}
  return publicUrl === undefined ? undefined : new URL(publicUrl).origin + new URL(endpointUrl(issuer, path)).pathname
}
