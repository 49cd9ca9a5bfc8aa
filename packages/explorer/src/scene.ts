import type { Finding } from '@holdfast/protocol/witness'
import { jsonObject, type Members } from './encoding.ts'
import { cancelled, unreachable } from './faults.ts'
import type { Hand } from './hand.ts'
import type { Exchange, LaneId, Question, SentRequest, Waiting, World } from './model.ts'
import type { Stage } from './stage.ts'
import { Trace, TRACE_HEADER } from './trace.ts'

/** A request that a step sends. */
export interface Outgoing {
  readonly title: string
  readonly standard: string
  readonly from?: LaneId | undefined
  readonly to: LaneId
  readonly url: string
  /** @default GET, or POST with a form or JSON */
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** Members that are undefined are left out. */
  readonly form?: Readonly<Record<string, string | undefined>> | undefined
  readonly json?: unknown
}

export interface Answer {
  /** The exchange's id. */
  readonly exchange: string
  readonly status: number
  readonly headers: Headers
  /** Undefined when the body is no JSON object. */
  readonly body: Members | undefined
  readonly text: string
  readonly findings: readonly Finding[] | undefined
}

/** What is true of a run from outside while a step is under way. */
export interface SceneEvents {
  changed(): void
  waiting(for_: Waiting | undefined): void
  asking(question: Question): Promise<string>
}

/** How long a receiver may take. */
const PATIENCE = 20_000

/** Where the steps of one run play: sends for real, and writes down what went over the wire. */
export class Scene {
  readonly stage: Stage
  readonly trace: Trace
  /** While a thief plays, a copy: what he learns is not what the client learns. */
  hand: Hand
  /** Ends what is under way. */
  signal: AbortSignal
  readonly events: SceneEvents
  exchanges: readonly Exchange[] = []
  #count = 0
  /** The step or attack that is under way. */
  step = ''
  thief = false
  /** Seconds by which a server's clock was ahead of ours, as its last `Date` header had it. */
  skew = 0
  /** Trace ids of requests that were sent from here: they are no requests of the browser. */
  readonly sent: Set<string> = new Set()

  constructor(stage: Stage, hand: Hand, signal: AbortSignal, events: SceneEvents) {
    this.stage = stage
    this.trace = new Trace(stage)
    this.hand = hand
    this.signal = signal
    this.events = events
  }

  get world(): World {
    return this.stage.world
  }

  /** @throws {Fault} no answer came; the request is shown all the same */
  async send(outgoing: Outgoing): Promise<Answer> {
    const sent = written(outgoing)
    const request = shown(sent, outgoing)
    const at = this.stage.now()
    const begun: Omit<Exchange, 'id' | 'response' | 'findings' | 'took'> = {
      step: this.step,
      from: outgoing.from ?? 'client',
      to: outgoing.to,
      title: outgoing.title,
      standard: outgoing.standard,
      front: false,
      request,
      seen: [],
      at,
      ...(this.thief && { thief: true }),
    }
    let response: Response
    let text: string
    try {
      response = await this.stage.fetch(sent.url, this.#init(sent))
      text = await response.text()
    } catch {
      this.add({ ...begun, response: undefined, findings: undefined, took: this.stage.now() - at })
      throw unreachable(request.url)
    }
    const took = this.stage.now() - at
    this.#compareClocks(response.headers.get('date'), at + took / 2)
    const id = response.headers.get(TRACE_HEADER)
    if (id !== null) this.sent.add(id)
    const findings = await this.trace.findings(id)
    const exchange = this.add({
      ...begun,
      response: { status: response.status, headers: [...response.headers], body: text },
      findings,
      took,
    })
    return { exchange, status: response.status, headers: response.headers, body: jsonObject(text), text, findings }
  }

  /** @returns its id */
  add(exchange: Omit<Exchange, 'id'>): string {
    const id = `e${++this.#count}`
    this.exchanges = [...this.exchanges, { id, ...exchange }]
    this.events.changed()
    return id
  }

  /** What this side found of an answer, beside what it found before. */
  judge(exchange: string, ...seen: readonly Finding[]): void {
    this.exchanges = this.exchanges.map((one) => (one.id === exchange ? { ...one, seen: [...one.seen, ...seen] } : one))
    this.events.changed()
  }

  /** Takes an exchange away that says what the one after it says, such as a poll that is still pending. */
  drop(exchange: string): void {
    this.exchanges = this.exchanges.filter(({ id }) => id !== exchange)
  }

  /** What a person does, or until nobody waits for it. */
  unlessEnded<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(cancelled())
      if (this.signal.aborted) stop()
      this.signal.addEventListener('abort', stop, { once: true })
      promise.then(resolve, reject).finally(() => this.signal.removeEventListener('abort', stop))
    })
  }

  #init({ method, headers, body }: SentRequest): RequestInit {
    return {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      ...(body === '' ? {} : { body }),
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'manual',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.any([this.signal, AbortSignal.timeout(PATIENCE)]),
    }
  }

  /** A `Date` header has whole seconds, and tells the second that has begun. */
  #compareClocks(date: string | null, middle: number): void {
    const told = date === null ? Number.NaN : Date.parse(date)
    if (!Number.isNaN(told)) this.skew = (told + 500 - middle) / 1000
  }
}

function written({ url, method, headers = {}, form, json }: Outgoing): SentRequest {
  const body = form === undefined ? (json === undefined ? '' : JSON.stringify(json)) : new URLSearchParams(present(form)).toString()
  const type = form === undefined ? (json === undefined ? [] : ['application/json']) : ['application/x-www-form-urlencoded']
  return {
    method: method ?? (type.length === 0 ? 'GET' : 'POST'),
    url,
    headers: [...type.map((one): [string, string] => ['content-type', one]), ...present(headers)],
    body,
  }
}

/** A password outlives its run, unlike all else that is shown, exported and photographed here: what is written down has none. */
function shown(request: SentRequest, { form }: Outgoing): SentRequest {
  return form?.['password'] === undefined
    ? request
    : { ...request, body: new URLSearchParams({ ...Object.fromEntries(present(form)), password: 'hidden' }).toString() }
}

/** The pairs that have a value. */
export function present(members: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(members).filter((pair): pair is [string, string] => pair[1] !== undefined)
}
