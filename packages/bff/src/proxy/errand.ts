import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { CredentialFor } from '../credential.ts'
import type { ApiRoute, BffEvent } from '../options.ts'
import type { RequestBody } from './request-body.ts'
import type { Route, RouteTable } from './routes.ts'

/**
 * Milliseconds until a request whose proof an API refused is sent once more. A guard that started in this second takes no `iat` from
 * before it, since it knows nothing of the proofs that were used then (RFC 9449 §11.1).
 */
export const UNTIL_NEXT_PROOF = 1100

export interface ProxyOptions {
  readonly routes: readonly ApiRoute[]
  /** The origin that browsers have in their address bar. */
  readonly publicUrl: string
  readonly credentialFor: CredentialFor
  /** Whether a request comes from our own pages: the refusal when it does not. */
  readonly checkCsrf: (request: HttpRequest) => Reply | undefined
  /** The same for a WebSocket, which no header of ours can be on. */
  readonly checkCsrfOfUpgrade: (request: HttpRequest) => Reply | undefined
  /** Where people sign in, such as `/bff/login`. */
  readonly loginUrl: string
  readonly fetch: typeof fetch
  /** Waits before a proof that was refused is made anew. */
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly onEvent: (event: BffEvent) => void
}

/** One request on its way: nothing of it is kept anywhere else, so that nothing of it can be another one's (A60). */
export interface Errand {
  readonly request: HttpRequest
  readonly route: Route
  readonly table: RouteTable
  readonly url: URL
  readonly body: RequestBody
  readonly options: ProxyOptions
}
