import type { DetailsCatalog } from '../tokens/authorization-details.ts'
import type { ResourceCatalog } from '../tokens/resources.ts'

/** What of the server's configuration an authorization request is checked against. */
export interface RequestRules {
  readonly issuer: string
  readonly resources: ResourceCatalog
  readonly details: DetailsCatalog
}
