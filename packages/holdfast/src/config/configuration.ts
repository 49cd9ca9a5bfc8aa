import type {
  AttestationOptions,
  AuthenticationLevel,
  AuthorizationDetailsTypeMetadata,
  AvailableProfile,
  Client,
  Fault,
  Lifetimes,
  LogoutOptions,
  MasterSecret,
  RegistrationOptions,
  Resource,
  SecondFactorPolicy,
  SessionOptions,
  TrustedIssuer,
} from '@holdfast/server/config'
import type { MutualTlsListener } from './mutual-tls-shape.ts'

/** The whole configuration, read and checked: every path absolute, every reference followed, every default filled in. */
export interface Configuration {
  readonly issuer: string
  readonly listen: { readonly host: string; readonly port: number }
  /** PEM texts. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined
  readonly trustedProxies: readonly string[]
  readonly mtls: MutualTlsListener | undefined
  readonly store:
    | { readonly engine: 'memory' }
    | { readonly engine: 'sqlite'; readonly path: string }
    /** An address of PostgreSQL, with its password. */
    | { readonly engine: 'postgres'; readonly url: string }
  readonly memory:
    | { readonly engine: 'store' }
    /** An address of Redis, with its password. */
    | { readonly engine: 'redis'; readonly url: string; readonly prefix: string }
  /** The first is used for what is new. */
  readonly secrets: readonly MasterSecret[]
  readonly clients: readonly Client[]
  readonly resources: readonly Resource[]
  readonly authorizationDetailsTypes: readonly AuthorizationDetailsTypeMetadata[]
  readonly accounts: { readonly seed: readonly SeedAccount[]; readonly signUp: boolean }
  readonly authenticationLevels: readonly AuthenticationLevel[]
  readonly secondFactor: SecondFactorPolicy
  readonly profile: AvailableProfile
  readonly lifetimes: Partial<Lifetimes>
  readonly dpopNonce: 'required' | 'off'
  /** Private places that the server may ask. */
  readonly outbound: { readonly allow: readonly string[] }
  readonly registration?: RegistrationOptions | undefined
  readonly attestation: AttestationOptions | undefined
  readonly trustedIssuers: readonly TrustedIssuer[]
  readonly sessions: SessionOptions
  readonly logout: LogoutOptions
  readonly requirePushedAuthorizationRequests: boolean
  readonly requireSignedRequestObject: boolean
  readonly development: boolean
  readonly explorer: boolean
}

/** A person who is there from the first start on. */
export interface SeedAccount {
  readonly username: string
  readonly password: string
  /** Base32, of an authenticator app. */
  readonly totpSecret?: string | undefined
  /** OpenID Connect Core §5.1. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** Where a value came from. */
export interface Origin {
  readonly kind: 'flag' | 'environment' | 'file' | 'default'
  /** In words: `HOLDFAST_LISTEN_PORT`, `--port`, the file's path. */
  readonly name: string
}

export interface Loaded<T = Configuration> {
  /** Absent when there is a fault. */
  readonly configuration: T | undefined
  /** As merged, before it was read: what `config print` shows, with secrets masked. */
  readonly written: Readonly<Record<string, unknown>>
  /** Path of an option → where its value came from. Options that are not here hold their default. */
  readonly origins: ReadonlyMap<string, Origin>
  readonly faults: readonly Fault[]
  /** What is allowed but worth a look. */
  readonly warnings: readonly string[]
  /** The file that was read, absolute. */
  readonly file: string | undefined
}
