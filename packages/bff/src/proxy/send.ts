import { json, type Reply } from '@holdfast/protocol/http'
import type { Credential } from '../credential.ts'
import type { Errand } from './errand.ts'
import { tooLarge } from './request-body.ts'

/** An answer that has begun, and whose content is still to come. */
export interface Attempt {
  readonly kind: 'answered'
  readonly response: Response
  /** Its content is not wanted. */
  abandon(): void
}
export type Sent = Attempt | { readonly kind: 'failed'; readonly reply: Reply }

/** `fetch` on streams, which its types lack. */
type Init = RequestInit & { readonly duplex?: 'half' }

/** One attempt: until the answer's head is here. Redirects are answers like others (BFF-44). */
export async function send(
  { request, route, url, body, options }: Errand,
  passed: Headers,
  credential: Credential | undefined,
): Promise<Sent> {
  const { method } = request
  const headers = new Headers(passed)
  for (const [name, value] of Object.entries((await credential?.headers(method, url)) ?? {})) headers.set(name, value)
  const streaming = body.content instanceof ReadableStream
  if (streaming && body.length !== undefined) headers.set('content-length', String(body.length))

  const control = new AbortController()
  let [late, exceeded] = [false, false]
  const timer = setTimeout(() => {
    late = true
    control.abort()
  }, route.milliseconds)
  // The API may take as long over an upload as the upload takes.
  body.watcher.taken = () => void timer.refresh()
  body.watcher.exceeded = () => {
    exceeded = true
    // Whatever `fetch` makes of a body that fails.
    control.abort()
  }
  const signal = request.signal === undefined ? control.signal : AbortSignal.any([request.signal, control.signal])
  const init: Init = {
    method,
    headers,
    body: body.content as BodyInit | null,
    redirect: 'manual',
    // No cookies of this process, and no second try of its own after a 401.
    credentials: 'omit',
    signal,
    ...(streaming && { duplex: 'half' }),
  }
  try {
    const response = await options.fetch(url, init)
    return { kind: 'answered', response, abandon: () => void response.body?.cancel().catch(() => {}) }
  } catch (error) {
    if (exceeded) return { kind: 'failed', reply: tooLarge() }
    // Nobody is there to read it.
    if (request.signal?.aborted === true) return { kind: 'failed', reply: json(502, { error: 'bad_gateway' }) }
    options.onEvent({ type: late ? 'api.timeout' : 'api.unreachable', api: route.path, detail: reasonOf(error) })
    return { kind: 'failed', reply: late ? tooLate() : json(502, { error: 'bad_gateway', error_description: 'the API cannot be reached' }) }
  } finally {
    clearTimeout(timer)
    body.watcher.taken = () => {}
  }
}

function tooLate(): Reply {
  return json(504, { error: 'gateway_timeout', error_description: 'the API did not answer in time' })
}

/** `fetch` says why in the cause: its own message is always the same. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error ? cause.message : 'unknown'
}
