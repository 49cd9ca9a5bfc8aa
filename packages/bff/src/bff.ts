import type { HttpRequest, Reply, StreamedReply } from '@holdfast/protocol/http'

/** The backend of one web application. */
export interface Bff {
  /** Answers the endpoints and the APIs; undefined for every other path, which is the application's own. */
  handle(request: HttpRequest): Promise<Reply | StreamedReply | undefined>
  /** Whether a WebSocket may be opened, and how (RFC 6455 §4): for the mount that owns the socket. Undefined for a path that is no API's. */
  upgrade(request: HttpRequest): Promise<Upgrade | undefined>
  /** Who is signed in, for pages that are made on the server. Reads; refreshes nothing and extends nothing. */
  session(request: HttpRequest): Promise<BffSession | undefined>
}

export type Upgrade =
  | { readonly kind: 'refused'; readonly reply: Reply }
  | {
      readonly kind: 'allowed'
      readonly url: URL
      readonly headers: Readonly<Record<string, string>>
      /** Of the answer to the browser. */
      readonly replyHeaders: Reply['headers']
      /** What to do after the API refused the handshake: try again otherwise, or the reply. */
      readonly refused?: ((answer: Response) => Promise<Upgrade>) | undefined
    }

/** What pages may know of a session: no token, and nothing that is worth stealing. */
export interface BffSession {
  readonly claims: Readonly<Record<string, unknown>>
  /** Epoch seconds: when it ends, unless a request comes before. */
  readonly idleAt: number
  /** Epoch seconds: when it ends whatever happens. */
  readonly endsAt: number
}
