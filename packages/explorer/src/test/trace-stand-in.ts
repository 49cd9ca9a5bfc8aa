import type { Handler, HttpRequest } from '@holdfast/protocol/http'
import { json } from '@holdfast/protocol/http'
import type { Clock } from '@holdfast/protocol/time'
import type { Finding } from '@holdfast/protocol/witness'
import { ISSUER } from '../../../server/src/test/server.ts'

const PATH = '/trace'

/** What the real trace does as far as the engine can tell: hears the witness, and tells it by id and in order. */
export class TraceStandIn {
  readonly #clock: Clock
  readonly #requests: Record<string, unknown>[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  watching(handler: Handler): Handler {
    return async (request) => {
      const findings: Finding[] = []
      const reply = await handler({ ...request, headers: request.headers.bind(request), witness: (one) => void findings.push(one) })
      const n = this.#requests.length + 1
      const id = `t${n}`
      this.#requests.push({ id, n, at: this.#clock.now() * 1000, took: 1, ...written(request, reply), findings })
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

/** Without its secrets: cookies and bodies are left out. */
function written(request: HttpRequest, reply: Awaited<ReturnType<Handler>>): Record<string, unknown> {
  const query = request.query === '' ? '' : `?${request.query}`
  return {
    request: { method: request.method, url: `${ISSUER}${request.path}${query}`, headers: [], body: '' },
    response: { status: reply.status, headers: Object.entries(reply.headers).filter(([name]) => name !== 'set-cookie'), body: '' },
  }
}
