/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { ToldFlow } from './ports.ts'

/** A link into a run that is no more: this page keeps nothing when it is left or loaded again. */
export function Gone({ begun, again }: { readonly begun: boolean; readonly again: () => void }): VNode {
  return (
    <section id="gone" class="notice" aria-labelledby="gone-title">
      <h2 id="gone-title">{begun ? 'There is no such message in this run' : 'The run ended with the page'}</h2>
      <p>
        {begun
          ? 'The link is from another run. Choose a message below, or start again.'
          : 'Keys, tokens and messages lived in the page alone, and nothing of them was kept. A new run takes a moment.'}
      </p>
      <button type="button" class="button primary" id="gone-again" onClick={again}>
        Start again
      </button>
    </section>
  )
}

interface FailedProps {
  readonly say: string
  readonly remedy: string
  readonly again: () => void
}

export function Failed({ say, remedy, again }: FailedProps): VNode {
  return (
    <section id="failed" class="notice of-failure" aria-labelledby="failed-title">
      <h2 id="failed-title">The run stopped</h2>
      <p>{say}</p>
      <p>{remedy}</p>
      <button type="button" class="button" id="failed-again" onClick={again}>
        Start over
      </button>
    </section>
  )
}

export function Unavailable({ flow }: { readonly flow: ToldFlow }): VNode {
  return (
    <div class="sheet">
      <h1 id="title" tabIndex={-1}>
        {flow.title}
      </h1>
      <p class="lede">{flow.say}</p>
      <div id="missing" class="notice">
        <h2>It cannot run here</h2>
        <p>{flow.missing}</p>
      </div>
      <p>
        <a href="#/">See the other flows</a>
      </p>
    </div>
  )
}
