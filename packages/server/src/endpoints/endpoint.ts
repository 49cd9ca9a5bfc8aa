import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'

export type Answer = (as: AuthorizationServer, request: HttpRequest) => Promise<Reply>

export const METHODS_OF_HTTP = ['GET', 'POST', 'PUT', 'DELETE'] as const
export type MethodOfHttp = (typeof METHODS_OF_HTTP)[number]

/** RFC 8705 §5: what a client calls itself has an alias at the listener for mutual TLS; what a browser is sent to has none (MTLS-32). */
export function isAliased({ metadata, cors }: Endpoint): boolean {
  return cors === 'any' && metadata?.endsWith('_endpoint') === true
}

/** One row of the endpoint table: what it answers, and how it is found. */
export interface Endpoint {
  /** Relative to the issuer; a path that ends in `/*` takes everything below it. */
  readonly path: string
  /** HTTP methods and what answers them; a mount answers HEAD as GET without the body. */
  readonly methods: Readonly<Partial<Record<MethodOfHttp, Answer>>>
  /** `any`: readable from every origin, since it works without cookies. `none`: servers call it, no browser has a reason to. `never`: pages (OA-05). */
  readonly cors: 'any' | 'none' | 'never'
  /** Whether people see what it answers; absent: where no other origin may read it, they do. */
  readonly page?: boolean
  /** The metadata member that names it (RFC 8414 §2). */
  readonly metadata: string | undefined
  /** Whether this server has it; absent: always. What is off is answered 404 and not announced. */
  readonly when?: (as: AuthorizationServer) => boolean
  /** Further metadata members that it answers for; empty lists and undefined ones are left out (META-02). */
  readonly announces?: (as: AuthorizationServer) => Readonly<Record<string, unknown>>
}
