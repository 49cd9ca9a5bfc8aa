import { useEffect, useRef, useState } from 'preact/hooks'
import type { Runner, RunView } from '../model.ts'
import { newsOf } from './news.ts'
import type { ToldFlow } from './ports.ts'
import type { Runs } from './runs.ts'

export interface Run {
  /** Undefined: it has not begun. */
  readonly view: RunView | undefined
  /** It goes on by itself to the end. */
  readonly playing: boolean
  /** For a screen reader: what the last change brought. */
  readonly news: string
  step(): void
  play(): void
  pause(): void
  attack(id: string): void
  /** What the person typed. */
  answer(text: string): void
  /** She does not go on in the window. */
  cancel(): void
  /** Forgets the run. */
  over(): void
}

/** So that the eye can follow while a run goes on by itself. */
const BETWEEN_STEPS = 350

export function useRun(runs: Runs, flow: ToldFlow): Run {
  const [runner, setRunner] = useState<Runner | undefined>(() => runs.of(flow.id))
  const [view, setView] = useState<RunView | undefined>(runner?.view)
  const [news, setNews] = useState('')
  const [playing, setPlaying] = useState(false)
  const beforeRef = useRef(view)
  // A run that was left or started over must not go on in the background.
  const turnRef = useRef<object | undefined>(undefined)

  useEffect(() => {
    if (runner === undefined) return undefined
    const changed = (): void => {
      const now = runner.view
      const fresh = newsOf(beforeRef.current, now)
      beforeRef.current = now
      if (fresh !== '') setNews(fresh)
      setView(now)
    }
    changed()
    return runner.subscribe(changed)
  }, [runner])
  useEffect(() => () => void (turnRef.current = undefined), [])

  const begun = (): Runner => {
    const there = runs.begin(flow.id)
    if (there !== runner) setRunner(there)
    return there
  }
  const fault = (error: unknown): void =>
    setNews(`Something went wrong in this page itself: ${error instanceof Error ? error.message : String(error)}. Start over.`)

  const goOn = async (turn: object): Promise<void> => {
    const there = begun()
    for (;;) {
      const { done } = there.view
      await there.step()
      const { view: now } = there
      // A step that did not get done would be tried for ever.
      if (turnRef.current !== turn || now.failed !== undefined || now.done === done || now.done >= flow.steps.length) return
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_STEPS))
      if (turnRef.current !== turn) return
    }
  }

  return {
    view,
    playing,
    news,
    step: () => void begun().step().catch(fault),
    play: () => {
      const turn = {}
      turnRef.current = turn
      setPlaying(true)
      void goOn(turn)
        .catch(fault)
        .finally(() => {
          if (turnRef.current === turn) setPlaying(false)
        })
    },
    pause: () => {
      turnRef.current = undefined
      setPlaying(false)
    },
    attack: (id) => void begun().attack(id).catch(fault),
    answer: (text) => runner?.answer?.(text),
    cancel: () => runner?.cancel?.(),
    over: () => {
      turnRef.current = undefined
      beforeRef.current = undefined
      runs.end(flow.id)
      setPlaying(false)
      setRunner(undefined)
      setView(undefined)
      setNews('Started over. Keys and tokens of the last run are forgotten.')
    },
  }
}
