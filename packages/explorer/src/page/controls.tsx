/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { RunView } from '../model.ts'
import type { ToldFlow } from './ports.ts'

export interface ControlsProps {
  readonly flow: ToldFlow
  readonly view: RunView | undefined
  readonly playing: boolean
  /** The exchange shown: its place among `view.exchanges`, −1 for none. */
  readonly at: number
  readonly step: () => void
  readonly play: () => void
  readonly pause: () => void
  readonly show: (index: number) => void
  readonly over: () => void
}

/** What a button does not do now it does not do, and says so; it keeps the focus, which a disabled one would lose. */
export function Controls({ flow, view, playing, at, step, play, pause, show, over }: ControlsProps): VNode {
  const count = view?.exchanges.length ?? 0
  // On a small screen the text below goes out of sight with the page, and this line stays.
  const next = flow.steps[view?.done ?? 0]
  const ended = view !== undefined && (view.failed !== undefined || view.done >= flow.steps.length)
  const theirs = view?.waiting !== undefined || view?.asking !== undefined
  const still = view?.busy === true || ended || playing
  return (
    <div class="bar" role="group" aria-label="The run">
      <button type="button" class="button primary" id="next" aria-disabled={still} onClick={() => !still && step()}>
        {view?.busy === true && !theirs && <span class="spinner" aria-hidden="true" />}
        {theirs ? 'Your turn' : view?.busy === true ? 'Working…' : 'Next step'}
      </button>
      {playing ? (
        <button type="button" class="button" id="run" onClick={pause}>
          Pause
        </button>
      ) : (
        <button type="button" class="button" id="run" aria-disabled={still} onClick={() => !still && play()}>
          <span>
            Run<span class="wide-word"> to the end</span>
          </span>
        </button>
      )}
      <span class="pair">
        <button type="button" class="button" id="back" aria-disabled={at <= 0} onClick={() => at > 0 && show(at - 1)}>
          <span aria-hidden="true">‹</span> <span class="wide-word">Back</span>
        </button>
        <button type="button" class="button" id="forward" aria-disabled={at >= count - 1} onClick={() => at < count - 1 && show(at + 1)}>
          <span class="wide-word">Forward</span> <span aria-hidden="true">›</span>
        </button>
      </span>
      <button
        type="button"
        class="button quiet-button"
        id="again"
        aria-disabled={view === undefined}
        onClick={() => view !== undefined && over()}
      >
        <span class="narrow-sign" aria-hidden="true">
          ↺
        </span>
        <span class="wide-word">Start over</span>
      </button>
      <p class="coming" aria-hidden="true">
        {next === undefined ? 'All steps are done.' : `Next: ${next.title}`}
      </p>
    </div>
  )
}

/** What a step was good for, once it is done. */
export function lastSentence(say: string): string {
  return say.split(/(?<=[.!?]) (?=\p{Lu})/u).at(-1) ?? say
}

/** Where the run is, and what the next press does. */
export function Progress({ flow, view }: { readonly flow: ToldFlow; readonly view: RunView | undefined }): VNode {
  const done = view?.done ?? 0
  const next = flow.steps[done]
  const before = flow.steps[done - 1]
  return (
    <div class="progress">
      <ol class="pips" aria-hidden="true">
        {flow.steps.map((_, index) => (
          <li class={index < done ? 'done' : index === done ? 'next' : undefined} />
        ))}
      </ol>
      {before !== undefined && (
        <p id="done" class="was-done">
          Done: {before.title}. <span class="say">{lastSentence(before.say)}</span>
        </p>
      )}
      {next === undefined ? (
        <p id="step" class="step">
          <strong>All {flow.steps.length} steps are done.</strong> Look at what went over the wire, play the thief, or start over.
        </p>
      ) : (
        <p id="step" class="step">
          <span class="over">
            Step {done + 1} of {flow.steps.length} · {next.standard}
          </span>
          Next: <strong>{next.title}.</strong> <span class="say">{next.say}</span>
        </p>
      )}
    </div>
  )
}
