import {
  attestationShape,
  authorizationDetailsTypeMetadata,
  type AuthenticationLevel,
  type AvailableProfile,
  clientMetadata,
  LIFETIMES,
  type Lifetimes,
  type LogoutOptions,
  type RegistrationOptions,
  resourceMetadata,
  schemaNode,
  type SessionOptions,
  type SchemaNode,
  type SecondFactorPolicy,
  trustedIssuerShape,
  type WrittenTrustedIssuer,
  type WrittenAttestation,
} from '@holdfast/server/config'
import * as z from 'zod'
import { authenticationLevelsShape, secondFactorShape } from './authentication-shape.ts'
import type { SeedAccount } from './configuration.ts'
import { listenShape } from './listen-shape.ts'
import { memoryShape, type WrittenMemory } from './memory-shape.ts'
import { mutualTlsShape, type WrittenMutualTls } from './mutual-tls-shape.ts'
import { registrationShape } from './registration.ts'
import { logoutShape, sessionsShape } from './session-shape.ts'
import { tlsShape } from './tls-shape.ts'

/** What may be written, with defaults filled in; lists of clients and resources are read by the server's own readers. */
export interface WrittenConfiguration {
  readonly $schema?: string | undefined
  readonly issuer: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
  readonly trustedProxies: readonly string[]
  readonly mtls?: WrittenMutualTls | undefined
  readonly store: {
    readonly engine: 'sqlite' | 'postgres' | 'memory'
    readonly path?: string | undefined
    readonly url?: string | undefined
  }
  readonly memory: WrittenMemory
  readonly secrets: { readonly file?: string | undefined; readonly env?: string | undefined }
  readonly clients: readonly unknown[]
  readonly resources: readonly unknown[]
  readonly authorizationDetailsTypes: readonly unknown[]
  readonly accounts: { readonly seed: readonly SeedAccount[]; readonly signUp: boolean }
  readonly authenticationLevels: readonly AuthenticationLevel[]
  readonly secondFactor: SecondFactorPolicy
  readonly profile: AvailableProfile
  readonly lifetimes: Partial<Lifetimes>
  readonly dpopNonce: 'required' | 'off'
  readonly outbound: { readonly allow: readonly string[] }
  readonly registration?: RegistrationOptions | undefined
  readonly attestation?: WrittenAttestation | undefined
  readonly trustedIssuers: readonly WrittenTrustedIssuer[]
  readonly sessions: SessionOptions
  readonly logout: LogoutOptions
  readonly requirePushedAuthorizationRequests: boolean
  readonly requireSignedRequestObject: boolean
  readonly development: boolean
  readonly explorer?: boolean | undefined
}

/** One row for each option: its type, range and default, and the sentence that editors and OPTIONS.md show. */
function configuration(client: z.ZodType, resource: z.ZodType, detailsType: z.ZodType): z.ZodType<WrittenConfiguration> {
  return z.strictObject({
    $schema: z.string().meta({ description: 'For editors: ./node_modules/holdfast/holdfast.schema.json.' }).optional(),
    issuer: z.string().min(1).max(2048).meta({
      description:
        'The address of this server as everybody calls it, and the `iss` of all it signs (RFC 8414 §2). https, or http on loopback; no slash at the end.',
      allowed: 'an https address, or http on loopback, such as https://id.example.com',
    }),
    listen: listenShape(4000, 'Where the server listens.'),
    tls: tlsShape,
    trustedProxies: z
      .array(z.string().max(64).meta({ allowed: 'an address, a range such as 10.0.0.0/8, or unix' }))
      .default([])
      .meta({
        description:
          "Proxies whose X-Forwarded-For tells the client's address: addresses, ranges, `unix`. The issuer is never taken from a header.",
        allowed: 'a list of addresses and ranges',
      }),
    mtls: mutualTlsShape,
    store: z
      .strictObject({
        engine: z.enum(['sqlite', 'postgres', 'memory']).default('sqlite').meta({
          description: '`postgres` is for several machines; `memory` forgets everything when the process ends.',
          allowed: 'sqlite, postgres or memory',
        }),
        path: z
          .string()
          .min(1)
          .meta({ description: 'The file of `sqlite`, on a local disk. Default: data/holdfast.db.', allowed: 'the path of a file' })
          .optional(),
        url: z
          .string()
          .min(1)
          .meta({
            description:
              'The database of `postgres`: postgres://user:password@host:5432/database, `?sslmode=verify-full` for TLS. `env:NAME` or `file:PATH` keep it elsewhere.',
            secret: true,
            allowed: 'an address such as postgres://user:password@host:5432/database',
          })
          .optional(),
      })
      .prefault({})
      .meta({ description: 'Where everything is kept.', allowed: 'an object with engine, and path or url' }),
    memory: memoryShape,
    secrets: z
      .strictObject({
        file: z
          .string()
          .min(1)
          .meta({
            description:
              'A JSON file {"secrets": [{"id", "value"}]} of mode 0600, made by `holdfast init`; the first is used for what is new. Default: holdfast.secrets.json.',
            allowed: 'the path of a file',
          })
          .optional(),
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .meta({
            description: 'An environment variable that holds the same JSON, instead of the file.',
            allowed: 'the name of an environment variable',
          })
          .optional(),
      })
      .prefault({})
      .meta({
        description: 'What signing keys are encrypted under and other keys are derived from. Who loses them signs everybody out.',
        allowed: 'an object with file or env',
      }),
    clients: z
      .array(client)
      .default([])
      .meta({ description: 'Clients, in the metadata names of RFC 7591 §2; read-only everywhere else.', allowed: 'a list of clients' }),
    resources: z
      .array(resource)
      .default([])
      .meta({ description: 'APIs that tokens are issued for (RFC 8707).', allowed: 'a list of resources' }),
    authorizationDetailsTypes: z.array(detailsType).default([]).meta({
      description:
        'Types of `authorization_details` (RFC 9396): requests such as one payment, which a scope cannot say. A client may ask for those that its authorization_details_types name.',
      allowed: 'a list of types of authorization_details',
    }),
    accounts: z
      .strictObject({
        seed: z.array(seed).default([]).meta({
          description:
            'People who are created at the start when they are missing. Their claims follow this list; a password that was changed since is left as it is.',
          allowed: 'a list of people',
        }),
        signUp: z.boolean().default(false).meta({
          description:
            'Whether people may make accounts by themselves, on a page that the sign-in leads to and prompt=create opens. Nobody checks who they are.',
        }),
      })
      .prefault({})
      .meta({ description: 'The built-in people.', allowed: 'an object with seed and signUp' }),
    authenticationLevels: authenticationLevelsShape,
    secondFactor: secondFactorShape,
    profile: z.enum(['oauth21', 'strong', 'fapi2', 'fapi2-message-signing']).default('strong').meta({
      description:
        'The rules that a client is held to which names none: `oauth21` (PKCE, exact redirects, rotation), `strong` (plus PAR and DPoP), `fapi2` (FAPI 2.0 Security Profile), `fapi2-message-signing` (plus signed requests and responses).',
    }),
    lifetimes: z.strictObject(lifetimes).prefault({}).meta({ description: 'In seconds.', allowed: 'an object of lifetimes in seconds' }),
    dpopNonce: z
      .enum(['required', 'off'])
      .default('required')
      .meta({ description: 'Whether DPoP proofs need a nonce of the server (RFC 9449 §8).' }),
    outbound: z
      .strictObject({
        allow: z
          .array(z.string().max(300).meta({ allowed: 'a host such as keys.internal or localhost:8443, an address, or a network' }))
          .default([])
          .meta({
            description:
              'Hosts (`keys.internal`, `localhost:8443`), addresses and networks (`10.20.0.0/16`) that the server may ask though they are private. Without a port a host is asked at 443; cloud metadata is reached by its address alone; http is for loopback hosts listed here.',
            allowed: 'a list of hosts, addresses and networks',
          }),
      })
      .prefault({})
      .meta({
        description:
          'Requests of the server itself, such as for the keys of clients (jwks_uri): to the public internet by https, and where this says.',
        allowed: 'an object with allow',
      }),
    registration: registrationShape,
    attestation: attestationShape
      .meta({
        description:
          'Clients that prove themselves by a word of their maker about the app on this device (attestation-based client authentication).',
        allowed: 'an object with attesters',
      })
      .optional(),
    trustedIssuers: z.array(trustedIssuerShape).max(50).default([]).meta({
      description: 'Parties whose signed assertions about a person are good for a token here, without asking the person (RFC 7523 §2.1).',
      allowed: 'a list of trusted issuers',
    }),
    sessions: sessionsShape,
    logout: logoutShape,
    requirePushedAuthorizationRequests: z
      .boolean()
      .default(false)
      .meta({ description: 'Every authorization request must be pushed (RFC 9126 §5), whatever a client says of itself.' }),
    requireSignedRequestObject: z
      .boolean()
      .default(false)
      .meta({ description: 'Every authorization request must be signed (RFC 9101 §10.5), whatever a client says of itself.' }),
    development: z.boolean().default(false).meta({ description: 'Shows developers the explanation of an error on its page.' }),
    explorer: z.boolean().optional().meta({
      description:
        'Serves the flow explorer at `/explorer/`, with a public client `flow-explorer` of its own. By default in development only, and only there receivers tell it what they checked.',
    }),
  }) as unknown as z.ZodType<WrittenConfiguration>
}

const seed: z.ZodType<SeedAccount> = z.strictObject({
  username: z.string().min(1).max(256).meta({ description: 'What the person signs in with.' }),
  password: z.string().min(8).max(1024).meta({
    description: 'At least 8 characters. `env:NAME` or `file:PATH` keep it elsewhere.',
    secret: true,
    allowed: 'text of 8 to 1024 characters',
  }),
  totpSecret: z
    .string()
    .min(26)
    .max(256)
    .meta({
      description:
        'The secret of an authenticator app (RFC 6238), base32 of at least 128 bits: the person is asked for a one-time code after the password. `env:NAME` or `file:PATH` keep it elsewhere. Set, changed and taken away with this line.',
      secret: true,
      allowed: 'base32 of at least 128 bits: 26 to 128 of A-Z and 2-7',
    })
    .optional(),
  claims: z
    .record(z.string(), z.unknown())
    .meta({ description: 'OpenID Connect claims such as name and email.', allowed: 'an object of claims' })
    .optional(),
})

const lifetimes: Record<string, z.ZodOptional<z.ZodInt>> = Object.fromEntries(
  Object.entries(LIFETIMES).map(([name, { least, most, standard, doc }]) => [
    name,
    z
      .int()
      .min(least)
      .max(most)
      .meta({ description: doc, default: standard, allowed: `a whole number of seconds from ${least} to ${most}` })
      .optional(),
  ]),
)

/** The members of the configuration, each list open: its readers tell more than a shape can. */
export const configurationShell: z.ZodType<WrittenConfiguration> = configuration(z.unknown(), z.unknown(), z.unknown())

/** The whole of it, down to the members of a client. */
export function configurationNode(): SchemaNode {
  return schemaNode(configuration(clientMetadata, resourceMetadata, authorizationDetailsTypeMetadata))
}
