import type { Runner, RunView } from './model.ts'
import type { BegunRun, RunOrder, RunState } from './remote-words.ts'

export interface RemoteParts {
  /** The back end's origin. */
  readonly backend: string
  readonly flow: string
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

const AWAY = {
  say: 'The example’s back end, which runs this flow, does not answer.',
  remedy: 'See that it is running, then begin a new run.',
}
const GONE = { say: 'The back end has forgotten this run.', remedy: 'Begin a new run.' }

/** A run in a back end that can keep a key. What is shown is what took place there. */
export function createRemoteRun(parts: RemoteParts): Runner {
  return new RemoteRun(parts)
}

class RemoteRun implements Runner {
  readonly #url: string
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly #listeners = new Set<() => void>()
  readonly #ends = new AbortController()
  #id: string | undefined
  #state: RunState
  #current: Promise<void> | undefined

  constructor({ backend, flow, fetch = (url, init) => globalThis.fetch(url, init) }: RemoteParts) {
    this.#url = `${new URL(backend).origin}/explorer/runs`
    this.#fetch = fetch
    const view: RunView = { flow, done: 0, exchanges: [], attacks: [], busy: false, waiting: undefined, failed: undefined }
    this.#state = { version: 0, view }
  }

  get view(): RunView {
    return this.#state.view
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => void this.#listeners.delete(changed)
  }

  step(): Promise<void> {
    return this.#do({ do: 'step' })
  }

  attack(id: string): Promise<void> {
    return this.#do({ do: 'attack', attack: id })
  }

  answer(text: string): void {
    void this.#order({ do: 'answer', text }).catch(() => undefined)
  }

  cancel(): void {
    void this.#order({ do: 'cancel' }).catch(() => undefined)
  }

  close(): void {
    this.#ends.abort()
    // It forgets by itself after a while, if this does not arrive.
    if (this.#id !== undefined) void this.#post(`${this.#url}/${this.#id}`, { do: 'close' } satisfies RunOrder).catch(() => undefined)
    this.#failed(GONE)
  }

  /** One thing at a time: while something is under way, it is that which is waited for. */
  #do(order: RunOrder): Promise<void> {
    if (this.view.failed !== undefined || this.#ends.signal.aborted) return Promise.resolve()
    this.#current ??= this.#followed(order)
      .catch((fault: unknown) => this.#failed(fault === GONE ? GONE : AWAY))
      .finally(() => (this.#current = undefined))
    return this.#current
  }

  async #followed(order: RunOrder): Promise<void> {
    this.#show({ ...this.#state, view: { ...this.view, busy: true } })
    if (this.#id === undefined) {
      const { id } = (await this.#post(this.#url, { flow: this.view.flow })) as BegunRun
      this.#id = id
    }
    this.#show(await this.#order(order))
    while (this.view.busy && !this.#ends.signal.aborted) this.#show(await this.#get(`${this.#url}/${this.#id}?seen=${this.#state.version}`))
  }

  #order(order: RunOrder): Promise<RunState> {
    if (this.#id === undefined) return Promise.resolve(this.#state)
    return this.#post(`${this.#url}/${this.#id}`, order) as Promise<RunState>
  }

  #post(url: string, body: object): Promise<unknown> {
    return this.#read(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  }

  async #get(url: string): Promise<RunState> {
    return (await this.#read(url, { signal: this.#ends.signal })) as RunState
  }

  async #read(url: string, init: RequestInit): Promise<unknown> {
    const response = await this.#fetch(url, { ...init, credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' })
    if (response.status === 404) throw GONE
    if (!response.ok) throw AWAY
    return response.json()
  }

  /** JSON has no undefined: what is absent is put back. */
  #show({ version, view }: RunState): void {
    if (this.#ends.signal.aborted) return
    this.#state = { version, view: { ...view, waiting: view.waiting, failed: view.failed } }
    for (const changed of this.#listeners) changed()
  }

  #failed(failed: NonNullable<RunView['failed']>): void {
    this.#state = { ...this.#state, view: { ...this.view, busy: false, waiting: undefined, failed: this.view.failed ?? failed } }
    for (const changed of this.#listeners) changed()
  }
}
