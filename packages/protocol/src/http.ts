import type { Witness } from './witness.ts'

/**
 * A request as plain data: what every mount makes and every product reads. The URL's origin is not here
 * on purpose: issuer and public origin are configuration, never taken from `Host`.
 */
export interface HttpRequest {
  /** As sent, case kept. */
  readonly method: string
  /** The path as received: not decoded, without the query. Starts with `/`. */
  readonly path: string
  /** The raw query without `?`; empty when there is none. */
  readonly query: string
  /** All values of one header in the order received, one entry a header line; empty when absent. */
  headers(name: Lowercase<string>): readonly string[]
  /** The address of the peer, or of the client where the peer is a trusted proxy. Empty when unknown. */
  readonly clientAddress: string
  /** What the client showed in a mutual TLS handshake; absent when it showed nothing, or nothing that can be believed. */
  readonly clientCertificate?: ClientCertificate | undefined
  /** The whole body, or `too_large` when it has more than `limit` bytes (the rest is not read). Call it once. */
  body(limit: number): Promise<Uint8Array | 'too_large'>
  /** The body as it comes, of any length, for who hands it on. Either this or `body`, and once. Absent where a mount cannot: then `body` is all there is. */
  readonly stream?: (() => ReadableStream<Uint8Array>) | undefined
  /** Aborted when the client has gone before it was answered. */
  readonly signal?: AbortSignal | undefined
  /** Hears what is checked of this request; only in development. No mount sets it. */
  readonly witness?: Witness | undefined
}

/** A certificate whose private key the client used in the TLS handshake (RFC 8705 §2, §3). One object a connection: what is made of it may be kept under it. */
export interface ClientCertificate {
  /** The end entity's certificate, DER. */
  readonly der: Uint8Array
  /** Whether it is valid now and leads to a trust anchor that was configured for clients. A self-signed one does not. */
  readonly authorized: boolean
}

/** An answer as plain data. A list as a header's value means one header line for each. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string
}

/** A reply whose content is not known when it begins, such as one that is handed on. When the stream fails, the connection is cut, so that what was sent does not look whole. */
export interface StreamedReply extends Omit<Reply, 'body'> {
  readonly body: ReadableStream<Uint8Array>
}

/** What hands on content of others is to a mount. */
export type StreamingHandler = (request: HttpRequest) => Promise<Reply | StreamedReply>

/** What answers some requests and not others: undefined for what is somebody else's. */
export type PassingHandler = (request: HttpRequest) => Promise<Reply | StreamedReply | undefined>

/** What a product is to a mount. It resolves for every request; a throw is a bug, answered 500 by the mount. */
export type Handler = (request: HttpRequest) => Promise<Reply>

/** The only value of a header; `undefined` when absent, `'repeated'` when sent more than once. */
export function singleHeader(request: HttpRequest, name: Lowercase<string>): string | { readonly repeated: true } | undefined {
  const values = request.headers(name)
  if (values.length > 1) return { repeated: true }
  return values[0]
}

export function json(status: number, body: unknown, headers: Reply['headers'] = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }, body: JSON.stringify(body) }
}
