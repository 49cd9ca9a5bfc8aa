import type { Exchange } from '../model.ts'
import type { Thread, ThreadPart } from './ports.ts'

export interface BindingRow {
  readonly number: number
  readonly part: ThreadPart
  /** In the message that is shown. */
  readonly here: boolean
}

export interface ToldBinding {
  readonly title: string
  readonly say: string
  readonly value: string
  readonly rows: readonly BindingRow[]
}

/**
 * The keys of the message that is shown, and where each was met so far: nothing of what comes later, and nothing of attacks other than
 * the one that is shown, which are no part of how the key came here.
 *
 * @param steps the ids of the flow's own steps; whatever else sent is an attack
 */
export function bindingOf(
  threads: readonly Thread[],
  exchanges: readonly Exchange[],
  shown: Exchange,
  steps: ReadonlySet<string>,
): readonly ToldBinding[] {
  const end = exchanges.findIndex(({ id }) => id === shown.id)
  const placeOf = ({ exchange }: ThreadPart): number => exchanges.findIndex(({ id }) => id === exchange)
  return threads.flatMap((thread) => {
    if (!thread.parts.some(({ exchange }) => exchange === shown.id)) return []
    const rows = thread.parts.flatMap((part): readonly BindingRow[] => {
      const at = placeOf(part)
      const exchange = exchanges[at]
      if (exchange === undefined || at > end || (!steps.has(exchange.step) && exchange.step !== shown.step)) return []
      return [{ number: at + 1, part, here: part.exchange === shown.id }]
    })
    const bound = rows.some(({ part }) => part.short === 'cnf')
    const first = exchanges.find(({ id }) => id === rows[0]?.part.exchange)
    const words = !bound && first?.thief !== true ? EARLY : thread
    return [{ title: words.title, say: words.say, value: thread.value, rows }]
  })
}

const EARLY = { title: 'The client’s key', say: 'No token is bound to it yet.' }
