import type { ClientCertificate, HttpRequest } from '@holdfast/protocol/http'
import { streamOf } from './body-stream.ts'
import { bodyOfRoute, BodyTaken } from './failure.ts'
import { splitTarget } from './target.ts'
import type { Check, Verdict } from './verdict.ts'

/**
 * Headers that may come once and whose value has no comma. A web `Headers` joins repeated ones, which would
 * hide the second Authorization or DPoP from the rule that refuses it.
 */
const SINGLE: ReadonlySet<string> = new Set([
  'authorization',
  'dpop',
  'content-type',
  'origin',
  'oauth-client-attestation',
  'oauth-client-attestation-pop',
])

const EMPTY = new Uint8Array(0)

/** What the platform knows of the client and a `Request` does not tell. */
export interface WebClient {
  readonly address: string
  readonly certificate: ClientCertificate | undefined
}

/** A web `Request` as plain data. No header of it names a certificate: whoever has one says so by the mount's option. */
export function webRequest(request: Request, method: string, client: WebClient): HttpRequest {
  return {
    method,
    ...splitTarget(request.url),
    clientAddress: client.address,
    clientCertificate: client.certificate,
    headers(name) {
      const value = request.headers.get(name)
      if (value === null) return []
      return SINGLE.has(name) && value.includes(', ') ? value.split(', ') : [value]
    },
    body: (limit) => readBody(request, limit),
    stream() {
      if (request.bodyUsed) throw new BodyTaken()
      return request.body ?? streamOf(EMPTY)
    },
    // Only when it is asked for: some platforms make one then.
    get signal() {
      return request.signal
    },
  }
}

/** Puts a request before a check. The body stays for the route. */
export function judgeWeb<T>(check: Check<T>, request: Request, client: WebClient): Promise<Verdict<T>> {
  return check({ ...webRequest(request, request.method, client), body: () => Promise.reject(bodyOfRoute()), stream: undefined })
}

async function readBody(request: Request, limit: number): Promise<Uint8Array | 'too_large'> {
  if (request.bodyUsed) throw new BodyTaken()
  if (Number(request.headers.get('content-length') ?? 0) > limit) return 'too_large'
  if (request.body === null) return EMPTY
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.byteLength
    if (size > limit) {
      // The sender may be the one who keeps the stream open: nobody waits for it.
      reader.cancel().catch(() => {})
      return 'too_large'
    }
    chunks.push(read.value)
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
