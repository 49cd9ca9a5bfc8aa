import { createGuard, type Guard, type Need } from '@holdfast/guard'
import { fetchGuard, toFetch } from '@holdfast/mount/fetch'
import { json } from '@holdfast/protocol/http'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** The API of a page, behind the guard: what each of its addresses needs stands in a block `json needed at https://…`. */
export class Api {
  readonly #needs: ReadonlyMap<string, Need>
  readonly #guard: Guard
  readonly #resource: URL

  /** @param origin where the issuer listens */
  constructor(needs: ReadonlyMap<string, string>, issuer: string, origin: string) {
    this.#needs = new Map([...needs].map(([url, text]) => [url, JSON.parse(text) as Need]))
    const [[resource, { scopes = [] }] = ['https://api.example/none', {} as Need]] = this.#needs
    this.#resource = new URL(resource)
    this.#guard = createGuard({
      issuer,
      resource,
      scopes,
      fetch: ((url: string, init: RequestInit) => fetch(url.replace(issuer, origin), init)) as typeof fetch,
    })
  }

  /** Whether a request is for this API, and no longer for the server. */
  has(host: string | undefined, target: string): boolean {
    return this.#needs.has(`https://${host}${target}`) || (host === this.#resource.host && target.startsWith(WELL_KNOWN))
  }

  fetch(host: string | undefined, target: string, init: RequestInit): Promise<Response> {
    const url = `https://${host}${target}`
    const request = new Request(url, init)
    if (target.startsWith(WELL_KNOWN)) return toFetch(async (one) => this.#guard.metadata(one) ?? json(404, {}))(request)
    const need = this.#needs.get(`${url} by ${toolOf(init.body)}`) ?? this.#needs.get(url)
    return fetchGuard(
      (one) => this.#guard.check(one, need),
      (_request, access) => Response.json({ [url.endsWith('/mcp') ? 'called_by' : 'paid_by']: access.subject }),
    )(request)
  }
}

/** The tool that a message of MCP calls. */
function toolOf(body: RequestInit['body']): string | undefined {
  const { params } = (typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : {}) as { params?: { name?: string } }
  return params?.name
}
