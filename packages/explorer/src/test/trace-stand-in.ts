import type { Handler, HttpRequest, Reply } from '@holdfast/protocol/http'
import { json } from '@holdfast/protocol/http'
import type { Clock } from '@holdfast/protocol/time'
import type { Finding } from '@holdfast/protocol/witness'
import { shownBody, shownForm, shownReplyHeaders, shownRequestHeaders } from '../../../holdfast/src/explorer/shown.ts'

const PATH = '/trace'

/** What the real trace does as far as the engine can tell: hears the witness, and tells it by id and in order. */
export class TraceStandIn {
  readonly #clock: Clock
  readonly #requests: Record<string, unknown>[] = []
  #began = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  watching(handler: Handler, origin: string): Handler {
    return async (request) => {
      const findings: Finding[] = []
      let read = ''
      const began = ++this.#began
      const reply = await handler({
        ...request,
        headers: request.headers.bind(request),
        async body(limit) {
          const bytes = await request.body(limit)
          if (bytes !== 'too_large') read = new TextDecoder().decode(bytes)
          return bytes
        },
        witness: (one) => void findings.push(one),
      })
      const n = this.#requests.length + 1
      const id = `t${n}`
      this.#requests.push({ id, n, began, at: this.#clock.now() * 1000, took: 1, ...written(request, read, reply, origin), findings })
      return { ...reply, headers: { ...reply.headers, 'holdfast-trace': id } }
    }
  }

  /** Tells what was heard, and hands everything else on. */
  answering(handler: Handler): Handler {
    return async (request) => {
      if (!request.path.startsWith(PATH)) return handler(request)
      const id = request.path.slice(PATH.length + 1)
      if (id === '') {
        const after = Number(new URLSearchParams(request.query).get('after'))
        return json(200, { last: this.#requests.length, requests: this.#requests.filter(({ n }) => Number(n) > after) })
      }
      const found = this.#requests.find((one) => one['id'] === id)
      return found === undefined ? json(404, {}) : json(200, { findings: found['findings'] })
    }
  }
}

/** Without its secrets, as the real one writes it. */
function written(request: HttpRequest, read: string, { status, headers, body }: Reply, origin: string): Record<string, unknown> {
  const query = request.query === '' ? '' : `?${shownForm(request.query)}`
  const type = headers['content-type']
  return {
    request: {
      method: request.method,
      url: `${origin}${request.path}${query}`,
      headers: shownRequestHeaders(request),
      body: shownBody(read, request.headers('content-type')[0]),
    },
    response: {
      status,
      headers: shownReplyHeaders(headers),
      body: typeof body === 'string' ? shownBody(body, typeof type === 'string' ? type : undefined) : '',
    },
  }
}
