import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseScope } from '@holdfast/protocol/scope'
import type { Seconds } from '@holdfast/protocol/time'
import * as z from 'zod'
import type { AccessTokenFormat, Resource, ScopeDescription } from './client.ts'
import { type Fault, pathOf, type Read, readOf } from './fault.ts'
import { OPENID_SCOPES } from './openid-scopes.ts'
import { readShape } from './shape.ts'
import { webAddressFault } from './web-address.ts'

/** A protected resource as an operator writes it. */
export interface ResourceMetadata {
  readonly identifier: string
  readonly name?: string | undefined
  readonly scopes?: (string | ScopeDescription)[] | undefined
  readonly accessTokenFormat?: AccessTokenFormat | undefined
  readonly accessTokenLifetime?: number | undefined
}

/** What resources are read against. */
export interface ResourceContext {
  /** The issuer is a resource of its own, for userinfo. */
  readonly issuer: string
  /** Where a resource names none, in seconds. @default 300 */
  readonly accessTokenLifetime?: Seconds
}

const name = z.string().min(1).max(128)

export const resourceMetadata: z.ZodType<ResourceMetadata> = z.strictObject({
  identifier: z.string().min(1).max(1024).meta({
    description:
      'The `resource` that clients ask for and the `aud` of the tokens (RFC 8707 §2): an https address without a fragment; http on loopback.',
    allowed: 'an https address of at most 1024 characters',
  }),
  name: z.string().min(1).max(100).meta({ description: 'What people see. Default: the identifier.' }).optional(),
  scopes: z
    .array(
      z
        .union([name, z.strictObject({ name, description: z.string().min(1).max(200) })])
        .meta({ allowed: 'the name of a scope, or an object with its name and a description of at most 200 characters' }),
    )
    .max(200)
    .meta({
      description: 'What tokens can allow there: names, or objects of `name` and the `description` that people read at consent.',
      allowed: 'a list of scopes',
    })
    .optional(),
  accessTokenFormat: z
    .enum(['jwt', 'opaque'])
    .meta({
      description:
        'What its access tokens are: `jwt`, signed by RFC 9068, or `opaque`, a handle that only introspection explains and that is dead the moment it is revoked. Default: jwt.',
    })
    .optional(),
  accessTokenLifetime: z
    .int()
    .min(30)
    .max(3600)
    .meta({ description: 'In seconds. Default: lifetimes.accessToken.', allowed: 'a whole number of seconds from 30 to 3600' })
    .optional(),
})

/** Reads the resources that an operator wrote. Every fault of every resource is found. */
export function readResources(list: unknown, context: ResourceContext, path = 'resources'): Read<readonly Resource[]> {
  if (!Array.isArray(list)) return readOf([], [{ path, message: 'must be a list of resources' }])
  const faults: Fault[] = []
  const resources: Resource[] = []
  const seen = new Map<string, number>()
  for (const [index, written] of list.entries()) {
    const at = pathOf(path, index)
    const { value, faults: shape, faulty } = readShape(resourceMetadata, written, at)
    const { identifier } = value
    faults.push(...shape)
    if (identifier !== undefined) {
      const wrong =
        identifierFault(identifier, context) ??
        (seen.has(identifier) ? `is the same as that of ${pathOf(path, seen.get(identifier) as number)}` : undefined)
      if (wrong !== undefined) faults.push({ path: `${at}.identifier`, message: wrong })
      else seen.set(identifier, index)
    }
    const scopes = faulty.has('scopes')
      ? []
      : (value.scopes ?? []).map((scope) => (typeof scope === 'string' ? { name: scope, description: scope } : scope))
    faults.push(...scopeFaults(scopes, `${at}.scopes`))
    resources.push({
      identifier: identifier ?? '',
      name: value.name ?? identifier ?? '',
      scopes,
      accessTokenFormat: value.accessTokenFormat ?? 'jwt',
      accessTokenLifetime: value.accessTokenLifetime ?? context.accessTokenLifetime ?? 300,
    })
  }
  return readOf(resources, faults)
}

function identifierFault(identifier: string, { issuer }: ResourceContext): string | undefined {
  if (identifier.includes('#')) return 'must not have a fragment (RFC 8707 §2)'
  if (identifier === issuer) return 'must not be the issuer, which is a resource by itself (for userinfo)'
  return webAddressFault(identifier)
}

function scopeFaults(scopes: readonly ScopeDescription[], path: string): readonly Fault[] {
  return scopes.flatMap((scope, index) => {
    const fault = (message: string): readonly Fault[] => [{ path: pathOf(path, index), message }]
    if (parseScope(scope.name) instanceof OAuthError || scope.name.includes(' '))
      return fault('must be printable ASCII without spaces, " and \\ (OAuth 2.1 §1.4.1)')
    if (OPENID_SCOPES.includes(scope.name)) return fault(`must not be ${scope.name}, which belongs to OpenID Connect`)
    if (scopes.findIndex((one) => one.name === scope.name) !== index)
      return fault(`is the same as ${path}[${scopes.findIndex((one) => one.name === scope.name)}]`)
    return []
  })
}
