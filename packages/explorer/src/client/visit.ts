import { takeApart } from '../dissect/jwt.ts'
import { Fault } from '../faults.ts'
import type { Exchange } from '../model.ts'
import type { Scene } from '../scene.ts'
import type { TracedRequest } from '../trace.ts'

export interface Visit {
  readonly url: string
  /** What the person is to do there. */
  readonly say: string
  readonly title: string
  readonly standard: string
  /** A thief changed the address on the way: the way there is his, and what the person does there is hers. */
  readonly changed?: boolean | undefined
}

/** An answer that came by the browser. */
export interface Arrival {
  readonly exchange: string
  readonly url: string
  readonly parameters: URLSearchParams
}

/**
 * Sends the person's browser somewhere and waits for her at the callback. What the server saw of it is shown, without secrets;
 * of a server that does not tell, what was sent and what came back.
 *
 * @throws {Fault} she does not come back
 */
export async function visit(scene: Scene, sent: Visit): Promise<Arrival> {
  const at = scene.stage.now()
  const mark = await scene.trace.last()
  scene.events.waiting({ url: sent.url, say: sent.say })
  let back: string | undefined
  try {
    back = await scene.unlessEnded(scene.stage.navigate(sent.url, scene.signal, (callback) => isOwn(scene, callback)))
  } finally {
    scene.events.waiting(undefined)
    await showFront(scene, sent, { mark, at, came: back !== undefined })
  }
  return arrive(scene, back)
}

/** A link of a thief, which should lead nowhere: undefined when she did not come back from it. @throws {Fault} no window could be opened */
export async function lure(scene: Scene, sent: Visit): Promise<Arrival | undefined> {
  try {
    return await visit(scene, sent)
  } catch (error) {
    if (error instanceof Fault && error.cancelled) return undefined
    throw error
  }
}

/** The browser comes to the callback: the redirect of the server, or what a thief made of it. */
export function arrive(scene: Scene, url: string, title = 'The browser brings the answer back'): Arrival {
  if (!URL.canParse(url)) throw new Fault('What came back is no address.', 'Begin a new run.')
  const exchange = scene.add({
    ...front(scene, scene.stage.now()),
    to: 'client',
    title,
    standard: 'OAuth 2.1 §4.1.2',
    request: { method: 'GET', url, headers: [], body: '' },
    response: undefined,
    oneWay: true,
    findings: undefined,
    took: 0,
  })
  const { search, hash } = new URL(url)
  return { exchange, url, parameters: new URLSearchParams(hash.includes('=') ? hash.slice(1) : search) }
}

interface Trip {
  /** The last request that the server had seen before; undefined: it does not tell. */
  readonly mark: number | undefined
  readonly at: number
  readonly came: boolean
}

async function showFront(scene: Scene, { url, title, standard, changed }: Visit, { mark, at, came }: Trip): Promise<void> {
  const seen = mark === undefined ? [] : (await scene.trace.since(mark)).filter((one) => !scene.sent.has(one.id) && isPage(one))
  if (seen.length === 0) {
    // Who gave up may never have gone there: what nobody saw is not shown as sent.
    if (!came) return
    scene.add({
      ...front(scene, at),
      ...(changed === true && { thief: true }),
      to: 'server',
      title,
      standard,
      request: { method: 'GET', url, headers: [], body: '' },
      response: undefined,
      oneWay: true,
      findings: undefined,
      took: 0,
    })
    return
  }
  const { pathname } = new URL(url)
  let his = changed === true
  for (const { at: when, took, request, response, findings } of seen) {
    const first = new URL(request.url).pathname === pathname
    const words = first ? { title, standard } : pageWords(request.method, response.status)
    scene.add({ ...front(scene, when), ...(first && his && { thief: true }), to: 'server', ...words, request, response, findings, took })
    if (first) his = false
  }
}

export function front(scene: Scene, at: number): Pick<Exchange, 'step' | 'from' | 'front' | 'seen' | 'at' | 'thief'> {
  return { step: scene.step, from: 'browser', front: true, seen: [], at, ...(scene.thief && { thief: true }) }
}

/** Pages and redirects are what a person goes through; styles and pictures are not. */
export function isPage({ response: { status, headers } }: TracedRequest): boolean {
  if (status >= 300 && status < 400) return status !== 304
  return headers.some(([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('text/html'))
}

export function pageWords(method: string, status: number): Pick<Exchange, 'title' | 'standard'> {
  const title =
    method === 'POST' ? 'The person answers a page' : status < 300 ? 'The server shows a page' : 'The server sends the browser on'
  return { title, standard: 'OAuth 2.1 §4.1.1' }
}

/** By `state`, which may stand in a signed answer (JARM). One without any is taken: that it lacks `state` is for the client's check to say. */
function isOwn({ hand: { state: own } }: Scene, callback: string): boolean {
  const { search, hash } = new URL(callback)
  const parameters = new URLSearchParams(hash.includes('=') ? hash.slice(1) : search)
  const signed = parameters.get('response')
  const state = parameters.get('state') ?? (signed === null ? undefined : takeApart(signed).payload?.members?.['state'])
  return own === undefined || typeof state !== 'string' || state === own
}
