import type { Attack, Outcome } from './attack.ts'
import { ATTACKS } from './attacks/index.ts'
import { cancelled, Fault, sessionGone } from './faults.ts'
import type { Flow } from './flow.ts'
import type { AttackResult, Question, Runner, RunView } from './model.ts'
import { Scene } from './scene.ts'
import type { Stage } from './stage.ts'
import { aboutTime } from './time-refused.ts'

/** A run of a flow. Sends nothing before its first step. */
export function createRun(flow: Flow, stage: Stage): Runner {
  return new Run(flow, stage)
}

/** The attacks that are possible after so many steps of a flow. */
export function attacksNow(flow: Flow, done: number): readonly Attack[] {
  const place = (step: string | undefined): number => flow.steps.findIndex(({ id }) => id === step)
  return ATTACKS.filter(({ at }) => {
    const window = at[flow.id]
    if (window === undefined) return false
    const [after, before] = window
    return place(after) !== -1 && place(after) < done && (before === undefined || done <= place(before))
  })
}

class Run implements Runner {
  readonly #flow: Flow
  readonly #scene: Scene
  readonly #listeners = new Set<() => void>()
  readonly #ends = new AbortController()
  #stops = new AbortController()
  #view: RunView
  #current: Promise<void> | undefined
  #closed = false
  #answer: ((text: string) => void) | undefined

  constructor(flow: Flow, stage: Stage) {
    this.#flow = flow
    this.#view = {
      flow: flow.id,
      done: 0,
      exchanges: [],
      attacks: [],
      busy: false,
      waiting: undefined,
      asking: undefined,
      failed: undefined,
    }
    this.#scene = new Scene(stage, {}, this.#ends.signal, {
      changed: () => this.#show({ exchanges: this.#scene.exchanges }),
      waiting: (waiting) => this.#show({ waiting }),
      asking: (question) => this.#ask(question),
    })
  }

  get view(): RunView {
    return this.#view
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => void this.#listeners.delete(changed)
  }

  /** While something is under way, it is that which is waited for: nothing is sent twice. */
  step(): Promise<void> {
    const step = this.#flow.steps[this.#view.done]
    if (step === undefined) return this.#current ?? Promise.resolve()
    return this.#alone(async () => {
      this.#scene.step = step.id
      await step.run(this.#scene)
      this.#show({ done: this.#view.done + 1 })
    })
  }

  attack(id: string): Promise<void> {
    const attack = attacksNow(this.#flow, this.#view.done).find((one) => one.id === id)
    if (attack === undefined) return this.#current ?? Promise.resolve()
    return this.#alone(async () => {
      const result: AttackResult = { attack: id, caught: undefined, ...(await this.#asThief(attack)) }
      this.#show({ attacks: [...this.#view.attacks, result] })
    })
  }

  answer(text: string): void {
    this.#answer?.(text)
  }

  cancel(): void {
    this.#stops.abort()
  }

  close(): void {
    this.#closed = true
    this.#ends.abort()
    this.#scene.hand = {}
    this.#show({ waiting: undefined, asking: undefined, failed: this.#view.failed ?? words(sessionGone()) })
  }

  /** One thing at a time, and nothing after the run has failed or is over. */
  #alone(act: () => Promise<void>): Promise<void> {
    if (this.#current !== undefined) return this.#current
    if (this.#view.failed !== undefined || this.#closed) return Promise.resolve()
    this.#stops = new AbortController()
    this.#scene.signal = AbortSignal.any([this.#ends.signal, this.#stops.signal])
    this.#show({ busy: true })
    this.#current = act()
      .catch((error: unknown) => this.#show({ failed: words(this.#whatFailed(error)) }))
      .finally(() => {
        this.#current = undefined
        if (this.#closed) this.#scene.hand = {}
        this.#show({ busy: false, waiting: undefined, asking: undefined })
      })
    return this.#current
  }

  /** On a copy of what the client holds: the nonces that servers hand out are everybody's. A thief who gets no answer ends nothing. */
  async #asThief(attack: Attack): Promise<Outcome> {
    const scene = this.#scene
    const own = scene.hand
    scene.hand = { ...own }
    scene.step = attack.id
    scene.thief = true
    try {
      return await attack.run(scene)
    } catch (error) {
      const fault = this.#whatFailed(error)
      return { verdict: 'no answer', exchange: scene.exchanges.at(-1)?.id ?? '', say: fault.say }
    } finally {
      const { dpopNonces, jwks } = scene.hand
      scene.hand = { ...own, ...(dpopNonces !== undefined && { dpopNonces }), ...(jwks !== undefined && { jwks }) }
      scene.thief = false
    }
  }

  #whatFailed(error: unknown): Fault {
    if (this.#closed) return sessionGone()
    if (this.#stops.signal.aborted) return cancelled()
    const fault = error instanceof Fault ? error : new Fault(`The explorer itself failed: ${String(error)}.`, 'Begin a new run.')
    return aboutTime(this.#scene, fault) ?? fault
  }

  #ask(asking: Question): Promise<string> {
    return this.#scene
      .unlessEnded(
        new Promise<string>((resolve) => {
          this.#answer = resolve
          this.#show({ asking })
        }),
      )
      .finally(() => {
        this.#answer = undefined
        this.#show({ asking: undefined })
      })
  }

  #show(change: Partial<RunView>): void {
    this.#view = { ...this.#view, ...change }
    for (const changed of this.#listeners) changed()
  }
}

function words({ say, remedy }: Fault): NonNullable<RunView['failed']> {
  return { say, remedy }
}
