import { FLOWS } from '@holdfast/explorer'
import type { RunOrder } from '@holdfast/explorer'
import { type Handler, type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { page } from '../backend-client/pages.tsx'
import { Arrived } from './arrived.tsx'
import { Runs, type RunsOptions } from './runs.ts'

export interface BackendOptions extends RunsOptions {
  /** Where this handler answers. */
  readonly origin: string
}

/** The greatest order, in bytes. */
const MOST = 10_000
const RUNS = '/explorer/runs'

/**
 * Runs flows of confidential clients for the explorer's page: the keys stay here. It answers that page's origin and nobody else, and
 * knows flows by name, so it is nobody's way to other servers.
 *
 * @returns a handler of `/explorer/…`; `undefined` stands for what is not its own
 */
export function explorerBackend(options: BackendOptions): (request: HttpRequest) => Promise<Reply | undefined> {
  const runs = new Runs(options)
  const pageOrigin = new URL(options.world.issuer).origin
  const { host } = new URL(options.origin)
  const cors = { 'access-control-allow-origin': pageOrigin, vary: 'Origin' }

  const answer: Handler = async (request) => {
    const id = request.path.slice(RUNS.length + 1)
    if (request.method === 'GET' && id !== '') {
      const seen = Number(new URLSearchParams(request.query).get('seen') ?? 0)
      return found(await runs.news(id, Number.isFinite(seen) ? seen : 0))
    }
    if (request.method !== 'POST') return json(405, refusal('a run is begun and driven by POST, and read by GET'), { allow: 'GET, POST' })
    const body = await read(request)
    if (body === undefined) return json(400, refusal('the body must be a JSON object'))
    if (id === '') {
      const flow = FLOWS.find((one) => one.id === body['flow'] && one.by === 'backend')
      return flow === undefined ? json(400, refusal('flow must be one that a back end runs')) : json(201, runs.begin(flow))
    }
    const order = orderOf(body)
    return order === undefined ? json(400, refusal('do must be step, attack, answer, cancel or close')) : found(runs.order(id, order))
  }

  return async (request) => {
    if (request.path === '/explorer/callback') return arrival(runs.arrived(`${options.origin}${request.path}?${request.query}`))
    if (request.path !== RUNS && !request.path.startsWith(`${RUNS}/`)) return undefined
    // Another name that leads here, or another page: neither is the explorer.
    if (request.headers('host')[0] !== host || request.headers('origin')[0] !== pageOrigin)
      return json(403, refusal(`only the explorer at ${pageOrigin} may run flows here`))
    if (request.method === 'OPTIONS')
      return {
        status: 204,
        headers: { ...cors, 'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': 'Content-Type' },
        body: '',
      }
    const reply = await answer(request)
    return { ...reply, headers: { ...reply.headers, ...cors } }
  }
}

function found(state: object | undefined): Reply {
  return state === undefined ? json(404, refusal('there is no such run, or not any more')) : json(200, state)
}

function refusal(description: string): object {
  return { error: 'invalid_request', error_description: description }
}

async function read(request: HttpRequest): Promise<Readonly<Record<string, unknown>> | undefined> {
  const bytes = await request.body(MOST)
  try {
    const value: unknown = bytes === 'too_large' ? undefined : JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function orderOf(body: Readonly<Record<string, unknown>>): RunOrder | undefined {
  const { do: what, attack, text } = body
  if (what === 'step' || what === 'cancel' || what === 'close') return { do: what }
  if (what === 'attack' && typeof attack === 'string') return { do: what, attack }
  if (what === 'answer' && typeof text === 'string') return { do: what, text }
  return undefined
}

function arrival(awaited: boolean): Reply {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
    },
    body: page(awaited ? 'Back at the application' : 'Nobody waits for this', Arrived({ awaited })),
  }
}
