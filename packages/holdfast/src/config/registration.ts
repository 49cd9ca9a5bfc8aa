import type { AuthMethod, DocumentOptions, MachineClientPolicy, RegistrationOptions, StatementIssuer } from '@holdfast/server/config'
import * as z from 'zod'

const METHODS: readonly [AuthMethod, ...AuthMethod[]] = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'attest_jwt_client_auth',
  'attest_jwt_client_auth_dpop',
]

const names = (description: string, allowed: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z.array(z.string().min(1).max(2048)).max(200).meta({ description, allowed }).optional()
const hosts = (description: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  names(description, 'a list of hosts such as app.example or *.example.com')
const flag = (description: string): z.ZodOptional<z.ZodBoolean> => z.boolean().meta({ description }).optional()
const count = (least: number, most: number, standard: number, description: string): z.ZodOptional<z.ZodInt> =>
  z
    .int()
    .min(least)
    .max(most)
    .meta({ description, default: standard, allowed: `a whole number from ${least} to ${most}` })
    .optional()

const policy = z
  .strictObject({
    profile: z.enum(['oauth21', 'strong', 'fapi2']).meta({ description: 'The rules they are held to. Default: oauth21.' }).optional(),
    grantTypes: names('Others that they name are left out. Default: authorization_code and refresh_token.', 'a list of grant types'),
    scopes: names(
      'Scopes they may ask for; others that they name are left out. Default: openid, profile, email and offline_access.',
      'a list of scopes',
    ),
    defaultScopes: names('For a client that names none. Default: those of scopes that belong to OpenID Connect.', 'a list of scopes'),
    resources: names('Resources they may ask tokens for. Default: those that have one of scopes.', 'a list of resource identifiers'),
    authMethods: z
      .array(z.enum(METHODS))
      .min(1)
      .max(METHODS.length)
      .meta({
        description: 'How they may prove who they are. Default: none, client_secret_basic, client_secret_post and private_key_jwt.',
        allowed: `a list of ${METHODS.join(', ')}`,
      })
      .optional(),
    redirectHosts: hosts('Hosts of their https redirect URIs. Default: any.'),
    native: flag('Whether applications on a device may come: loopback and private-use redirect URIs. Default: true.'),
    authorizationDetailsTypes: names('Types of authorization_details they may ask for. Default: none.', 'a list of types'),
    requirePushedAuthorizationRequests: flag('Their requests must be pushed (RFC 9126 §6). Default: false.'),
    dpopBoundAccessTokens: flag('Their access tokens must be bound to a key by DPoP (RFC 9449 §5.2). Default: false.'),
  })
  .meta({ description: 'What a client may be and ask for that no operator created.', allowed: 'an object of what they may' })
  .optional() as unknown as z.ZodType<Partial<MachineClientPolicy> | undefined>

const issuer = z.strictObject({
  issuer: z.string().min(1).max(2048).meta({ description: 'The `iss` of its statements.' }),
  jwks: z
    .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(20) })
    .meta({ description: 'Its public keys by value.', allowed: 'an object with a list `keys` of 1 to 20 public JWKs' })
    .optional(),
  jwksUri: z.string().min(1).max(2048).meta({ description: 'Where its public keys are fetched, instead: https.' }).optional(),
}) as unknown as z.ZodType<StatementIssuer>

const documents = z
  .strictObject({
    enabled: z.boolean().default(false).meta({ description: 'Whether such clients may come.' }),
    allowedHosts: hosts('Hosts that may publish clients. Default: any.'),
    deniedHosts: names('Hosts, or single client_ids, that are refused. Default: none.', 'a list of hosts and client_ids'),
    redirectUris: z
      .enum(['same-origin', 'any'])
      .meta({
        description: 'Where codes may go: to the origin of the client_id and to the device, or wherever it says. Default: same-origin.',
      })
      .optional(),
  })
  .meta({
    description: 'Clients whose client_id is the URL of their metadata, as MCP clients have it. Their documents are fetched.',
    allowed: 'an object with enabled',
  })
  .optional() as unknown as z.ZodType<DocumentOptions | undefined>

/** The section `registration`: every way in is off unless it is named. */
export const registrationShape: z.ZodType<RegistrationOptions | undefined> = z
  .strictObject({
    open: flag('Anybody may register at /register (RFC 7591). Default: false.'),
    initialAccessTokens: flag('Who holds a token of `holdfast registration-token` may register. Default: false.'),
    softwareStatements: z
      .array(issuer)
      .max(50)
      .meta({ description: 'Who brings a software statement of one of these may register (RFC 7591 §2.3).', allowed: 'a list of issuers' })
      .optional(),
    clientIdMetadataDocuments: documents,
    perAddress: count(1, 100_000, 20, 'Open registrations from one address in an hour.'),
    mostClients: count(1, 1_000_000, 10_000, 'The most clients that may be registered at once.'),
    unusedAfter: count(3600, 31_536_000, 2_592_000, 'Seconds after which an open registration ends that no person has used.'),
    policy,
  })
  .meta({
    description: 'Clients that no operator creates: who may come, and what such a client may ask for. Default: nobody.',
    allowed: 'an object of ways to register',
  })
  .optional() as unknown as z.ZodType<RegistrationOptions | undefined>

/** What a shape cannot tell. */
export function checkRegistration(
  registration: RegistrationOptions | undefined,
  scopes: readonly string[],
  tell: (path: string, message: string) => void,
): void {
  for (const [index, { jwks, jwksUri }] of (registration?.softwareStatements ?? []).entries()) {
    const at = `registration.softwareStatements[${index}]`
    if ((jwks === undefined) === (jwksUri === undefined)) tell(at, 'must have one of jwks and jwksUri')
    if (jwksUri !== undefined && !(URL.canParse(jwksUri) && jwksUri.startsWith('https://')))
      tell(`${at}.jwksUri`, 'must be an https address')
  }
  for (const member of ['scopes', 'defaultScopes'] as const)
    for (const [index, scope] of (registration?.policy?.[member] ?? []).entries())
      if (!scopes.includes(scope)) tell(`registration.policy.${member}[${index}]`, `is ${scope}, which no resource has`)
}
