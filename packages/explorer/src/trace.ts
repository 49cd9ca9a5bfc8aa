import type { Finding } from '@holdfast/protocol/witness'
import { isMembers, type Members } from './encoding.ts'
import type { Message, ReceivedResponse, SentRequest } from './model.ts'
import type { Stage } from './stage.ts'

/** The header of an answer that names what its receiver wrote down about the request. */
export const TRACE_HEADER = 'holdfast-trace'

/** A request as its receiver saw it. Values that are secrets are hidden by the receiver. */
export interface TracedRequest {
  readonly id: string
  readonly n: number
  /** The same in the order in which requests began. */
  readonly began: number
  readonly at: number
  readonly took: number
  readonly request: SentRequest
  readonly response: ReceivedResponse
  readonly findings: readonly Finding[] | undefined
}

/** Asks receivers what they checked. What they do not tell is undefined, and no reason to stop. */
export class Trace {
  readonly #stage: Stage
  readonly #url: string | undefined

  constructor(stage: Stage) {
    this.#stage = stage
    this.#url = stage.world.trace
  }

  get present(): boolean {
    return this.#url !== undefined
  }

  async findings(id: string | null): Promise<readonly Finding[] | undefined> {
    if (this.#url === undefined || id === null) return undefined
    return findingsOf((await this.#get(`${this.#url}/${encodeURIComponent(id)}`))?.['findings'])
  }

  /** The number of the last request so far; undefined: there is no telling. */
  async last(): Promise<number | undefined> {
    const last = (await this.#after(Number.MAX_SAFE_INTEGER))?.['last']
    return typeof last === 'number' ? last : undefined
  }

  /** What came in after that one, oldest first. */
  async since(last: number): Promise<readonly TracedRequest[]> {
    const requests = (await this.#after(last))?.['requests']
    return Array.isArray(requests) ? requests.flatMap((one: unknown) => tracedRequest(one, this.#stage.world.issuer) ?? []) : []
  }

  #after(last: number): Promise<Members | undefined> {
    return this.#url === undefined ? Promise.resolve(undefined) : this.#get(`${this.#url}?after=${last}`)
  }

  async #get(url: string): Promise<Members | undefined> {
    try {
      const response = await this.#stage.fetch(url, { cache: 'no-store', credentials: 'omit' })
      const body: unknown = response.ok ? await response.json() : undefined
      return isMembers(body) ? body : undefined
    } catch {
      return undefined
    }
  }
}

function tracedRequest(value: unknown, issuer: string): TracedRequest | undefined {
  if (!isMembers(value)) return undefined
  const { id, n, began, at, took, request, response, findings } = value
  if (typeof id !== 'string' || typeof n !== 'number' || !isMembers(request) || !isMembers(response)) return undefined
  const { method, url } = request
  const { status } = response
  if (typeof method !== 'string' || typeof url !== 'string' || typeof status !== 'number' || !URL.canParse(url, issuer)) return undefined
  return {
    id,
    n,
    began: typeof began === 'number' ? began : n,
    at: typeof at === 'number' ? at : 0,
    took: typeof took === 'number' ? took : 0,
    request: { method, url: new URL(url, issuer).href, ...messageOf(request) },
    response: { status, ...messageOf(response) },
    findings: findingsOf(findings),
  }
}

function messageOf({ headers, body }: Members): Message {
  return { headers: linesOf(headers), body: typeof body === 'string' ? body : '' }
}

/** As pairs, or as an object of texts and lists. */
function linesOf(headers: unknown): Message['headers'] {
  const pairs: readonly unknown[] = Array.isArray(headers) ? headers : isMembers(headers) ? Object.entries(headers) : []
  return pairs.flatMap((pair) => {
    if (!Array.isArray(pair)) return []
    const [name, value] = pair as readonly unknown[]
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    return typeof name === 'string' ? values.map((one): [string, string] => [name, String(one)]) : []
  })
}

function findingsOf(value: unknown): readonly Finding[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.flatMap((one: unknown): readonly Finding[] => {
    if (!isMembers(one)) return []
    const { about, check, rule, refused } = one
    if (typeof about !== 'string' || typeof check !== 'string') return []
    return [{ about, check, rule: typeof rule === 'string' ? rule : '', refused: typeof refused === 'string' ? refused : undefined }]
  })
}
