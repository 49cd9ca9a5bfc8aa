import { createGuard, type Need } from '@holdfast/guard'
import { fetchGuard } from '@holdfast/mount/fetch'

const RESOURCE = 'https://api.example/payments'

/** The API of a page, behind the guard: what each of its addresses needs stands in a block `json needed at https://…`. */
export class Api {
  readonly #needs: ReadonlyMap<string, Need>
  readonly #answer: (request: Request) => Promise<Response>

  /** @param origin where the issuer listens */
  constructor(needs: ReadonlyMap<string, string>, issuer: string, origin: string) {
    this.#needs = new Map([...needs].map(([url, json]) => [url, JSON.parse(json) as Need]))
    const guard = createGuard({
      issuer,
      resource: RESOURCE,
      fetch: ((url: string, init: RequestInit) => fetch(url.replace(issuer, origin), init)) as typeof fetch,
    })
    this.#answer = fetchGuard(
      (request) => guard.check(request, this.#needs.get(new URL(request.path, RESOURCE).href)),
      (_request, access) => Response.json({ paid_by: access.subject }),
    )
  }

  /** Whether a request is for this API, and no longer for the server. */
  has(host: string | undefined, target: string): boolean {
    return this.#needs.has(`https://${host}${target}`)
  }

  fetch(host: string | undefined, target: string, init: RequestInit): Promise<Response> {
    return this.#answer(new Request(`https://${host}${target}`, init))
  }
}
