import type { Exchange, Lane, LaneId } from '../model.ts'
import { type Outcome, outcomeOf, pathOf, statusLine } from './outcome.ts'
import type { Thread } from './ports.ts'

/** All lengths are CSS pixels: the picture is drawn at the size of its place, so that its letters keep theirs. */
export const SIZES: {
  readonly head: number
  readonly row: number
  readonly request: number
  readonly response: number
  readonly narrowest: number
} = { head: 60, row: 98, request: 52, response: 78, narrowest: 92 }

export interface PlacedLane {
  readonly id: LaneId | 'thief'
  readonly lines: readonly string[]
  readonly x: number
}

export interface PlacedRow {
  readonly exchange: Exchange
  readonly number: number
  readonly top: number
  readonly from: number
  readonly to: number
  /** Cut to the width; the words for a screen reader have all of it. */
  readonly title: string
  /** Over the arrow, cut to the room there is. */
  readonly sent: string
  readonly came: string
  readonly outcome: Outcome
}

export interface PlacedKnot {
  readonly y: number
  /** Of all parts at this arrow. */
  readonly shorts: readonly string[]
  /** The nearer end of the arrow. */
  readonly arrow: number
  /** Another key than the thread's. */
  readonly broken: boolean
}

export interface PlacedThread {
  readonly thread: Thread
  readonly x: number
  readonly knots: readonly PlacedKnot[]
}

export interface Diagram {
  readonly width: number
  readonly height: number
  /** Where the rows begin, right of the threads. */
  readonly left: number
  readonly lanes: readonly PlacedLane[]
  readonly rows: readonly PlacedRow[]
  readonly threads: readonly PlacedThread[]
}

const LETTER = 6.95
const NAME_LETTER = 6.5
const TITLE_LETTER = 7.2
/** Words over an arrow may be longer than the arrow; past this nobody reads them. */
const MOST_LETTERS = 44
const RAIL = 56
const MOST_RAILS = 2

export function layOut(input: {
  readonly lanes: readonly Lane[]
  readonly exchanges: readonly Exchange[]
  readonly threads: readonly Thread[]
  /** Of the place; the picture is wider when its lanes need it. */
  readonly width: number
}): Diagram {
  // The thief stands last, so that nothing moves when it appears.
  const thief = input.exchanges.some((exchange) => exchange.thief === true) ? [{ id: 'thief' as const, name: 'Thief' }] : []
  const everyone = [...input.lanes, ...thief]
  const drawn = rails(input.threads)
  const left = drawn.length === 0 ? 12 : 8 + drawn.length * RAIL
  const gap = Math.max(SIZES.narrowest, Math.floor((input.width - left - 8) / Math.max(everyone.length, 1)))
  const lanes = everyone.map(({ id, name }, index) => ({
    id,
    lines: wrapped(name, Math.floor((gap - 6) / NAME_LETTER)),
    x: left + gap * (index + 0.5),
  }))
  const xOf = (id: LaneId | 'thief'): number => lanes.find((lane) => lane.id === id)?.x ?? left + gap / 2
  const width = Math.ceil(left + gap * everyone.length + 8)
  const rows = input.exchanges.map((exchange, index): PlacedRow => {
    const from = xOf(exchange.thief === true ? 'thief' : exchange.from)
    const to = xOf(exchange.to)
    const middle = (from + to) / 2
    const room = Math.min(Math.floor((2 * Math.min(middle - left, width - 8 - middle)) / LETTER), MOST_LETTERS)
    return {
      exchange,
      number: index + 1,
      top: SIZES.head + index * SIZES.row,
      from,
      to,
      title: cut(exchange.title, Math.floor((width - left - 37) / TITLE_LETTER)),
      sent: cut(`${exchange.request.method} ${pathOf(exchange.request.url)}`, room),
      came: cut(statusLine(exchange), room - 3),
      outcome: outcomeOf(exchange),
    }
  })
  return {
    width,
    height: SIZES.head + rows.length * SIZES.row + 16,
    left,
    lanes,
    rows,
    threads: drawn.map((thread, index) => ({ thread, x: 16 + index * RAIL, knots: knotsOf(thread, rows) })),
  }
}

/** The threads that lead somewhere; before there is one, the first. Those of a thief's keys stand in the details: they bind nothing. */
function rails(threads: readonly Thread[]): readonly Thread[] {
  const whole = threads.filter((thread) => thread.whole)
  return (whole.length > 0 ? whole : threads).slice(0, whole.length > 0 ? MOST_RAILS : 1)
}

function knotsOf(thread: Thread, rows: readonly PlacedRow[]): readonly PlacedKnot[] {
  const knots = new Map<number, PlacedKnot>()
  for (const part of thread.parts) {
    const row = rows.find(({ exchange }) => exchange.id === part.exchange)
    if (row === undefined) continue
    const y = row.top + (part.side === 'request' ? SIZES.request : SIZES.response)
    const there = knots.get(y)
    knots.set(y, {
      y,
      shorts: [...new Set([...(there?.shorts ?? []), part.short])],
      arrow: Math.min(row.from, row.to),
      broken: part.value !== thread.value || there?.broken === true,
    })
  }
  return [...knots.values()].sort((a, b) => a.y - b.y)
}

function cut(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, Math.max(letters - 1, 1))}…`
}

/** At most two lines, broken between words. */
function wrapped(name: string, letters: number): readonly string[] {
  if (name.length <= letters) return [name]
  const words = name.split(' ')
  const [first = '', ...rest] = words
  let line = first
  while (rest[0] !== undefined && `${line} ${rest[0]}`.length <= letters) line += ` ${rest.shift()}`
  return rest.length === 0 ? [cut(line, letters)] : [cut(line, letters), cut(rest.join(' '), letters)]
}
