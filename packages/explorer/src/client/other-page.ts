import { Fault } from '../faults.ts'
import { NO_TRACE } from '../flow.ts'
import { type Outcome, lastRefused } from '../attack.ts'
import type { Scene } from '../scene.ts'
import type { TracedRequest } from '../trace.ts'
import { front } from './visit.ts'

export interface OtherPage {
  readonly title: string
  readonly standard: string
  readonly url: string
  /** POSTs it. */
  readonly form?: Readonly<Record<string, string>> | undefined
  /** The browser adds the person's cookies, where it has any for that place. */
  readonly withCookies?: boolean | undefined
}

/**
 * This page is of another origin than the backend, and sends what any page may send there without asking: no header of its own, and
 * the answer cannot be read. What became of it is what the backend tells.
 *
 * @throws {Fault} it did not arrive
 */
export async function fromOtherPage(scene: Scene, { title, standard, url, form, withCookies }: OtherPage): Promise<Heard> {
  const mark = await scene.trace.last()
  if (mark === undefined) throw new Fault(NO_TRACE, 'Start the example on this machine.')
  const method = form === undefined ? 'GET' : 'POST'
  const body = form === undefined ? '' : new URLSearchParams(form).toString()
  try {
    await scene.stage.fetch(url, {
      method,
      mode: 'no-cors',
      credentials: withCookies === true ? 'include' : 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: scene.signal,
      ...(form !== undefined && { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    })
  } catch {
    // Also where it arrived: a page may not read what is answered to it.
  }
  const traced = (await scene.trace.since(mark)).findLast(({ request }) => request.method === method && samePlace(request.url, url))
  if (traced === undefined) throw new Fault(`Nothing arrived at ${new URL(url).origin}.`, 'See that the example is running.')
  scene.sent.add(traced.id)
  const { at, took, request, response, findings } = traced
  // What the browser added is as the receiver tells it; the body is known here.
  const exchange = scene.add({
    ...front(scene, at),
    front: withCookies === true,
    to: 'client',
    title,
    standard,
    request: { ...request, url, body },
    response,
    findings,
    took,
  })
  return { exchange, traced }
}

export interface Heard {
  /** The exchange's id. */
  readonly exchange: string
  readonly traced: TracedRequest
}

/** By what the receiver answered, which it tells. */
export function heardOutcome({ exchange, traced: { response, findings } }: Heard, say?: string): Outcome {
  if (response.status < 400) return { verdict: 'won', exchange, say }
  if (response.status >= 500) return { verdict: 'no answer', exchange, say }
  return { verdict: 'refused', exchange, caught: lastRefused(findings), say }
}

function samePlace(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)]
  return a.origin === b.origin && a.pathname === b.pathname
}
