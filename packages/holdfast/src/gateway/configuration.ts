import type { Need } from '@holdfast/guard'

/** `holdfast guard`, as an operator writes it, with defaults filled in. OPTIONS.md says what each member means. */
export interface WrittenGateway {
  readonly $schema?: string | undefined
  readonly issuer: string
  readonly resource: string
  readonly publicUrl?: string | undefined
  readonly otherPublicUrls: readonly string[]
  readonly upstream?: string | undefined
  readonly listen: { readonly host: string; readonly port: number }
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
  readonly trustedProxies: readonly string[]
  readonly clientCertificateProxies: readonly string[]
  readonly scopes: readonly string[]
  readonly need: WrittenNeed
  readonly routes: readonly WrittenRoute[]
  readonly dpopRequired: boolean
  readonly bindingRequired: boolean
  readonly nonceSecret?: string | undefined
  readonly introspection?: WrittenIntrospection | undefined
  readonly identity: { readonly prefix: string; readonly unsafePassToken: boolean }
  readonly timeout: number
  readonly mostBytes: number
  readonly webSockets: boolean
  readonly forwardAuth: { readonly path: string; readonly by: 'nginx' | 'traefik' | 'envoy' }
}

export interface WrittenNeed {
  readonly scopes: readonly string[]
  readonly acr?: readonly string[] | undefined
  readonly maxAge?: number | undefined
}

export interface WrittenRoute {
  readonly path: string
  readonly methods?: readonly string[] | undefined
  readonly public: boolean
  readonly need?: WrittenNeed | undefined
}

interface WrittenIntrospection {
  readonly clientId: string
  readonly clientSecret: string
  readonly tokens: 'opaque' | 'all'
  readonly cacheSeconds: number
  readonly signedResponse: boolean
  readonly endpoint?: string | undefined
}

/** One path, its method, and who comes in there. */
export interface Route {
  readonly path: string
  readonly methods: readonly string[] | undefined
  readonly access: Entry
}

/** Whoever comes, or who has a token that is enough. */
export type Entry = 'public' | Need

/** Read and checked: origins, PEM texts and bytes. */
export interface GatewayConfiguration extends Omit<
  WrittenGateway,
  '$schema' | 'publicUrl' | 'upstream' | 'need' | 'routes' | 'nonceSecret'
> {
  readonly publicUrl: string
  readonly upstream: URL | undefined
  readonly need: Need
  readonly routes: readonly Route[]
  readonly nonceSecret: Uint8Array | undefined
}
