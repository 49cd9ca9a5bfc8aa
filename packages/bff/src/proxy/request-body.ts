import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { Route } from './routes.ts'

/** What is kept, so that it can be sent once more with another token or nonce. More goes as it comes, once. */
const MOST_KEPT_BYTES = 64 * 1024

/** The body of a request on its way to the API. */
export interface RequestBody {
  /** For `fetch`: bytes, or a stream that can be had once. Null when there is no content. */
  readonly content: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
  /** Of a stream whose length was told. */
  readonly length: number | undefined
  readonly replayable: boolean
  /** Set by who sends: called for each chunk that was taken, and when there are more than the route allows. */
  readonly watcher: { taken(): void; exceeded(): void }
}

/** The body, or the refusal of one that is too large or does not belong there. */
export async function requestBody(request: HttpRequest, route: Route): Promise<RequestBody | Reply> {
  const length = lengthOf(request)
  if (length === 'malformed')
    return json(400, { error: 'invalid_request', error_description: 'content-length is no number', rule: 'BFF-47' })
  if (request.method === 'GET' || request.method === 'HEAD') {
    // RFC 9110 §9.3.1: it means nothing, and what takes it for the next request is an attack.
    if ((length ?? 0) > 0 || request.headers('transfer-encoding').length > 0)
      return json(400, { error: 'invalid_request', error_description: `${request.method} has no body`, rule: 'BFF-47' })
    return kept(new Uint8Array())
  }
  if (length !== undefined && length > route.mostBytes) return tooLarge()
  if (request.stream === undefined || (length !== undefined && length <= MOST_KEPT_BYTES)) {
    const bytes = await request.body(route.mostBytes)
    return bytes === 'too_large' ? tooLarge() : kept(bytes)
  }
  const reader = request.stream().getReader()
  const first = await reader.read()
  return first.done ? kept(new Uint8Array()) : streamed(reader, first.value, length, route.mostBytes)
}

export function tooLarge(): Reply {
  return json(413, { error: 'invalid_request', error_description: 'the body is larger than this API takes', rule: 'BFF-47' })
}

function kept(bytes: Uint8Array): RequestBody {
  const content = bytes.byteLength === 0 ? null : new Uint8Array(bytes)
  return { content, length: undefined, replayable: true, watcher: { taken() {}, exceeded() {} } }
}

function streamed(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  first: Uint8Array,
  length: number | undefined,
  mostBytes: number,
): RequestBody {
  const watcher = { taken() {}, exceeded() {} }
  let size = 0
  let next: Uint8Array | undefined = first
  const content = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk: Uint8Array | undefined = next ?? (await reader.read()).value
        next = undefined
        if (chunk === undefined) return controller.close()
        size += chunk.byteLength
        watcher.taken()
        if (size <= mostBytes) return controller.enqueue(chunk)
        watcher.exceeded()
        controller.error(new Error('the body is larger than this API takes'))
        reader.cancel().catch(() => {})
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return { content, length, replayable: false, watcher }
}

function lengthOf(request: HttpRequest): number | undefined | 'malformed' {
  const [value, ...more] = request.headers('content-length')
  if (value === undefined) return undefined
  return more.length === 0 && /^\d{1,15}$/.test(value) ? Number(value) : 'malformed'
}
