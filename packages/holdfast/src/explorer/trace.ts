import type { HttpRequest, Reply, StreamedReply } from '@holdfast/protocol/http'
import { newSecret } from '@holdfast/protocol/secret'
import type { Finding, Witness } from '@holdfast/protocol/witness'
import { isLoopbackAddress } from './loopback.ts'
import { type Lines, shownBody, shownForm, shownPath, shownReplyHeaders, shownRequestHeaders } from './shown.ts'

/** Names the entry of a request, in its answer. */
const TRACE_HEADER = 'holdfast-trace'
/** Entries kept, in this process alone; the oldest goes first. */
const KEPT = 500
/** Characters of a body that are read to be shown. */
const READ = 20_000
/** Findings of one request: more than any request has, and an end to what a bug could fill. */
const FINDINGS = 200

/** One request and its answer without secrets, and what was checked of it. */
export interface TraceEntry {
  readonly id: string
  /** Rises by one with each request of the process. */
  readonly n: number
  /** The same in the order in which requests began: one that others were sent for comes before them. */
  readonly began: number
  /** Milliseconds since 1970, and how many it took. */
  readonly at: number
  readonly took: number
  readonly request: { readonly method: string; readonly url: string; readonly headers: Lines; readonly body: string }
  readonly response: { readonly status: number; readonly headers: Lines; readonly body: string }
  readonly findings: readonly Finding[]
}

/** Notes what receivers decide about requests from this machine. Development only: whoever makes one has seen to that. */
export class Trace {
  readonly #entries: Map<string, TraceEntry> = new Map()
  #last = 0
  #began = 0

  get last(): number {
    return this.#last
  }

  find(id: string): TraceEntry | undefined {
    return this.#entries.get(id)
  }

  after(n: number): readonly TraceEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.n > n)
  }

  /**
   * A handler whose requests are noted. Those of other machines pass unseen, and so do those that are somebody else's to answer.
   *
   * @param origin where the handler is, such as `http://localhost:4000`
   */
  watch<Answer extends Reply | StreamedReply | undefined>(
    handler: (request: HttpRequest) => Promise<Answer>,
    origin: string,
  ): (request: HttpRequest) => Promise<Answer> {
    return async (request) => {
      if (!isLoopbackAddress(request.clientAddress)) return handler(request)
      const findings: Finding[] = []
      let body = ''
      const heard = listened(
        request,
        (read) => (body = new TextDecoder().decode(read.subarray(0, READ))),
        (finding) => void (findings.length < FINDINGS && findings.push(finding)),
      )
      const at = Date.now()
      const began = ++this.#began
      const reply = await handler(heard)
      if (reply === undefined) return reply
      const id = newSecret()
      this.#keep({
        id,
        n: ++this.#last,
        began,
        at,
        took: Date.now() - at,
        request: {
          method: request.method,
          url: `${origin}${shownPath(request.path)}${request.query === '' ? '' : `?${shownForm(request.query)}`}`,
          headers: shownRequestHeaders(request),
          body: shownBody(body, request.headers('content-type')[0]),
        },
        response: shownReply(reply),
        findings,
      })
      return { ...reply, headers: { ...reply.headers, [TRACE_HEADER]: id } }
    }
  }

  #keep(entry: TraceEntry): void {
    if (this.#entries.size >= KEPT) this.#entries.delete(this.#entries.keys().next().value as string)
    this.#entries.set(entry.id, entry)
  }
}

function shownReply({ status, headers, body }: Reply | StreamedReply): TraceEntry['response'] {
  const [type] = [headers['content-type']].flat()
  // What is handed on as it comes is not read here: it goes to who asked, and to nobody else.
  const shown = typeof body === 'string' ? shownBody(body, type) : `(content that was handed on, of ${type?.split(';')[0] ?? 'no type'})`
  return { status, headers: shownReplyHeaders(headers), body: shown }
}

/** Member by member: a mount's request may be of a class, whose getters a copy would not have. */
function listened(request: HttpRequest, read: (body: Uint8Array) => void, witness: Witness): HttpRequest {
  const { method, path, query, clientAddress } = request
  return {
    method,
    path,
    query,
    clientAddress,
    headers: (name) => request.headers(name),
    get clientCertificate() {
      return request.clientCertificate
    },
    get signal() {
      return request.signal
    },
    async body(limit) {
      const bytes = await request.body(limit)
      if (bytes !== 'too_large') read(bytes)
      return bytes
    },
    ...(request.stream !== undefined && { stream: () => (request.stream as () => ReadableStream<Uint8Array>)() }),
    witness,
  }
}
