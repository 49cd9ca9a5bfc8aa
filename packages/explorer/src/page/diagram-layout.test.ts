import { describe, expect, test } from 'vitest'
import { type Diagram, layOut, SIZES } from './diagram-layout.ts'
import type { Thread } from './ports.ts'
import { FLOW, scripted } from './test/scripted-engine.ts'
import { ATTACK_EXCHANGES, EXCHANGES } from './test/scripted-messages.ts'

const threads = await scripted.thread([...EXCHANGES, ...Object.values(ATTACK_EXCHANGES)])
const drawn = (width: number, more: Partial<Parameters<typeof layOut>[0]> = {}): Diagram =>
  layOut({ lanes: FLOW.lanes, exchanges: EXCHANGES, threads, width, ...more })
const withThief = [...EXCHANGES, ...Object.values(ATTACK_EXCHANGES)]

describe('the picture', () => {
  test('fills its place, and is wider where its lanes need it', () => {
    expect(drawn(900).width).toBeLessThanOrEqual(900)
    expect(drawn(300).width).toBeGreaterThan(4 * SIZES.narrowest)
  })

  test('has a row for each exchange, in order, and arrows from lane to lane', () => {
    const { rows, lanes } = drawn(900)
    expect(rows.map(({ exchange, number }) => [exchange.id, number])).toEqual(EXCHANGES.map(({ id }, index) => [id, index + 1]))
    const x = (id: string): number | undefined => lanes.find((lane) => lane.id === id)?.x
    expect([rows[3]?.from, rows[3]?.to]).toEqual([x('browser'), x('server')])
    expect([rows[5]?.from, rows[5]?.to]).toEqual([x('client'), x('api')])
  })

  test('the thief has a lane of its own, which moves nobody else from their order', () => {
    expect(drawn(900).lanes.map(({ id }) => id)).not.toContain('thief')
    const { lanes, rows } = drawn(900, { exchanges: withThief })
    expect(lanes.at(-1)?.id).toBe('thief')
    expect(rows.at(-1)?.from).toBe(lanes.at(-1)?.x)
  })

  test('words are cut to their room and never run out of the picture', () => {
    const title = 'A title that is much too long for a telephone of which nobody knows how wide it is '.repeat(2)
    const [first] = EXCHANGES
    const long = first === undefined ? [] : [{ ...first, title }]
    const { rows, width, left } = drawn(360, { exchanges: long })
    expect(rows[0]?.title.endsWith('…')).toBe(true)
    expect((rows[0]?.title.length ?? 0) * 7).toBeLessThan(width - left)
    expect(rows[0]?.sent.length).toBeLessThanOrEqual(45)
  })
})

describe('the thread', () => {
  test('goes from key to jkt to cnf; two places at one arrow are one knot', () => {
    const knots = drawn(900).threads[0]?.knots ?? []
    expect(knots.map(({ shorts }) => shorts)).toEqual([['key', 'jkt'], ['key', 'jkt'], ['key'], ['cnf'], ['key']])
    expect(knots.map(({ y }) => y)).toEqual(knots.map(({ y }) => y).toSorted((a, b) => a - b))
    expect(knots.some(({ broken }) => broken)).toBe(false)
  })

  test('another key is a knot that is cut off', () => {
    const knots = drawn(900, { exchanges: withThief }).threads[0]?.knots ?? []
    expect(knots.filter(({ broken }) => broken)).toHaveLength(1)
  })

  test('keys that bind nothing take no room; before anything is bound, the first key does', () => {
    const [thread] = threads
    const idle = (id: string): Thread[] => (thread === undefined ? [] : [{ ...thread, id, whole: false }])
    const ids = (some: readonly Thread[]): readonly string[] => drawn(900, { threads: some }).threads.map((placed) => placed.thread.id)
    expect(ids([...idle('a'), ...threads, ...idle('b')])).toEqual(['dpop'])
    expect(ids([...idle('a'), ...idle('b')])).toEqual(['a'])
    expect(ids([])).toEqual([])
  })
})
