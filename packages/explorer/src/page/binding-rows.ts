import type { Exchange } from '../model.ts'
import type { Thread, ThreadPart } from './ports.ts'

export interface BindingRow {
  readonly number: number
  /** Where it stands in this message. */
  readonly titles: readonly string[]
  readonly value: string
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
    let bound = false
    const rows = thread.parts.flatMap((part): readonly BindingRow[] => {
      const at = placeOf(part)
      const exchange = exchanges[at]
      if (exchange === undefined || at > end || (!steps.has(exchange.step) && exchange.step !== shown.step)) return []
      if (part.short === 'cnf') bound = true
      return [{ number: at + 1, titles: [part.title], value: part.value, here: part.exchange === shown.id }]
    })
    const first = exchanges[(rows[0]?.number ?? 0) - 1]
    const words = !bound && first?.thief !== true ? EARLY : thread
    return [{ title: words.title, say: words.say, value: thread.value, rows: together(rows) }]
  })
}

/** One row for each message and value. */
function together(rows: readonly BindingRow[]): readonly BindingRow[] {
  const [first, second, ...rest] = rows
  if (first === undefined || second === undefined) return rows
  if (first.number !== second.number || first.value !== second.value) return [first, ...together([second, ...rest])]
  return together([{ ...first, titles: [...new Set([...first.titles, ...second.titles])] }, ...rest])
}

const EARLY = { title: 'The client’s key', say: 'No token is bound to it yet.' }
