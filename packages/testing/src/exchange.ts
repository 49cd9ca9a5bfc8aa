import type { HttpRequest, Reply } from '@holdfast/protocol/http'

/** A header line. */
export type Line = readonly [name: string, value: string]

/** One request and its answer, as they went over the simulated wire. Header names as sent, repeats kept. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly from: string
  readonly requestHeaders: readonly Line[]
  readonly requestBody: string
  readonly status: number
  readonly responseHeaders: readonly Line[]
  readonly responseBody: string
}

/** What is sent: header lines in order, so that a test can repeat one. */
export interface Outgoing {
  /** @default 'GET' */
  readonly method?: string
  readonly headers?: readonly Line[]
  readonly body?: string | Uint8Array
  /** The sender's address. @default '192.0.2.1' */
  readonly from?: string
}

export const ANYONE = '192.0.2.1'

/** The request as a mount would make it, fresh for each handler call. */
export function requestOf(url: URL, sent: Outgoing): HttpRequest {
  const bytes = bytesOf(sent.body)
  let read = false
  return {
    method: sent.method ?? 'GET',
    path: url.pathname,
    query: url.search.slice(1),
    clientAddress: sent.from ?? ANYONE,
    headers: (name) => (sent.headers ?? []).filter(([line]) => line.toLowerCase() === name).map(([, value]) => value),
    async body(limit) {
      if (read) throw new Error('the body was already read: a handler reads it once')
      read = true
      return bytes.byteLength > limit ? 'too_large' : bytes
    },
  }
}

export function linesOf(headers: Reply['headers']): readonly Line[] {
  return Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [value] : value).map((one): Line => [name, one]))
}

/** The value of one header; several lines as a list, as a web `Headers` has them. */
export function headerOf(lines: readonly Line[], name: string): string | undefined {
  const values = lines.filter(([line]) => line.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

export function bytesOf(body: string | Uint8Array | undefined): Uint8Array {
  return typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? new Uint8Array(0))
}
