import type { AuthorizationDetailsTypeMetadata, ClientMetadata, ResourceMetadata } from '@holdfast/server/config'
import type { SeedAccount } from './configuration.ts'
import type { WrittenMutualTls } from './mutual-tls-shape.ts'
import type { WrittenConfiguration } from './schema.ts'

/** What may stand in `holdfast.config.ts`; OPTIONS.md says what each member means. */
export interface ConfigurationInput extends Partial<
  Pick<
    WrittenConfiguration,
    | 'tls'
    | 'trustedProxies'
    | 'profile'
    | 'lifetimes'
    | 'dpopNonce'
    | 'sessions'
    | 'logout'
    | 'requirePushedAuthorizationRequests'
    | 'requireSignedRequestObject'
    | 'development'
    | 'explorer'
  >
> {
  readonly issuer: string
  readonly mtls?: Pick<WrittenMutualTls, 'publicUrl'> &
    Partial<Omit<WrittenMutualTls, 'listen'>> & { readonly listen?: Partial<WrittenMutualTls['listen']> }
  readonly listen?: Partial<WrittenConfiguration['listen']>
  readonly store?: Partial<WrittenConfiguration['store']>
  readonly memory?: Partial<WrittenConfiguration['memory']>
  readonly secrets?: WrittenConfiguration['secrets']
  readonly clients?: readonly ClientMetadata[]
  readonly resources?: readonly ResourceMetadata[]
  readonly authorizationDetailsTypes?: readonly AuthorizationDetailsTypeMetadata[]
  readonly accounts?: { readonly seed?: readonly SeedAccount[] }
}

/** Gives `holdfast.config.ts` its types: `export default defineConfig({ issuer: … })`. Checks nothing; loading does. */
export function defineConfig(configuration: ConfigurationInput): ConfigurationInput {
  return configuration
}
