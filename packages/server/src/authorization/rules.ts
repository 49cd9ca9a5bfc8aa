import type { AuthenticationPolicy } from '../config/authentication-policy.ts'
import type { DetailsCatalog } from '../tokens/authorization-details.ts'
import type { IdTokenHint } from '../tokens/id-token-hint.ts'
import type { Subjects } from '../tokens/subjects.ts'
import type { ResourceCatalog } from '../tokens/resources.ts'
import type { Prompt } from './request.ts'
import type { RequestObjects } from './request-object.ts'

/** What of the server's configuration an authorization request is checked against. */
export interface RequestRules {
  readonly issuer: string
  readonly resources: ResourceCatalog
  readonly details: DetailsCatalog
  /** RFC 9126 §5: every request must be pushed, whatever its client's metadata say. */
  readonly requirePushed: boolean
  /** RFC 9101 §10.5: every request must be signed, whatever its client's metadata say. */
  readonly requireSigned: boolean
  readonly requestObjects: RequestObjects
  readonly prompts: readonly Prompt[]
  readonly authentication: AuthenticationPolicy
  readonly subjects: Subjects
  /** @returns undefined for anything that is no ID token of this server */
  readIdTokenHint(token: string): Promise<IdTokenHint | undefined>
}
