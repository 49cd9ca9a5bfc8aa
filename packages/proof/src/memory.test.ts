import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createProcessMemory, MemoryFull } from './memory.ts'

const START = 1_800_000_000
const memoryAt = (maxEntries = 1000): { memory: ReturnType<typeof createProcessMemory>; at(now: number): void } => {
  let now = START
  return { memory: createProcessMemory({ clock: { now: () => now }, maxEntries }), at: (then) => void (now = then) }
}

describe('the in-process memory', () => {
  test('DPOP-16 RFC 9449 §11.1: a second use is seen until it ends', async () => {
    const { memory, at } = memoryAt()
    expect(await memory.add('a', START + 70)).toBe('new')
    expect(await memory.add('b', START + 70)).toBe('new')
    for (const later of [0, 1, 69, 70]) {
      at(START + later)
      expect(await memory.add('a', START + 70)).toBe('seen')
    }
    at(START + 71)
    expect(await memory.add('a', START + 141)).toBe('new')
  })

  test('DPOP-18 RFC 9449 §11.1: of 50 at once one is new', async () => {
    const { memory } = memoryAt()
    const all = await Promise.all(Array.from({ length: 50 }, () => memory.add('a', START + 70)))
    expect(all.filter((outcome) => outcome === 'new')).toHaveLength(1)
  })

  test('DPOP-18: when full it throws and forgets no live entry; what ended makes room', async () => {
    const { memory, at } = memoryAt(3)
    await memory.add('a', START + 5)
    await memory.add('b', START + 70)
    await memory.increment('c', START + 70)
    await expect(memory.add('d', START + 70)).rejects.toThrow(MemoryFull)
    await expect(memory.increment('d', START + 70)).rejects.toThrow(MemoryFull)
    expect(await memory.add('a', START + 70)).toBe('seen')
    expect(await memory.add('b', START + 70)).toBe('seen')
    expect(await memory.increment('c', START + 70)).toBe(2)
    at(START + 6)
    expect(await memory.add('d', START + 70)).toBe('new')
    await expect(memory.add('e', START + 70)).rejects.toThrow(MemoryFull)
  })

  test('DPOP-18: it says that it serves one process, and since when', () => {
    const { memory } = memoryAt()
    expect(memory.processLocal).toBe(true)
    expect(memory.startedAt).toBe(START)
  })

  test('a counter counts until the end that its first call set, and forgiving takes one back', async () => {
    const { memory, at } = memoryAt()
    expect(await memory.increment('a', START + 10)).toBe(1)
    expect(await memory.increment('a', START + 100)).toBe(2)
    await memory.forgive('a')
    expect(await memory.increment('a', START + 100)).toBe(2)
    for (let i = 0; i < 5; i++) await memory.forgive('a')
    await memory.forgive('unknown')
    expect(await memory.increment('a', START + 100)).toBe(1)
    at(START + 11)
    expect(await memory.increment('a', START + 100)).toBe(1)
  })

  test('a counter and a used key of one name are two things', async () => {
    const { memory, at } = memoryAt()
    await memory.increment('a', START + 100)
    expect(await memory.add('a', START + 5)).toBe('new')
    at(START + 50)
    expect(await memory.add('a', START + 60)).toBe('new')
    expect(await memory.increment('a', START + 100)).toBe(2)
    // And the other way round: a counter's end does not let a used key be used again.
    await memory.increment('b', START + 55)
    expect(await memory.add('b', START + 100)).toBe('new')
    at(START + 60)
    expect(await memory.add('b', START + 100)).toBe('seen')
  })

  test('it behaves as a plain map would, whatever the clock does', async () => {
    const step = fc.record({
      by: fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constant(100_000_000)),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      life: fc.integer({ min: 0, max: 9 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { memory, at } = memoryAt(4)
        const ends = new Map<string, number>()
        let now = START
        let latest = START
        for (const { by, key, life } of steps) {
          at((now += by))
          latest = Math.max(latest, now)
          const end = ends.get(key)
          const outcome = await memory.add(key, now + life)
          if (end === undefined || end < latest) {
            // Four keys fit always: an entry that ended never takes the room of a live one.
            if (end === undefined || outcome === 'new') ends.set(key, Math.max(now + life, latest))
            expect(outcome).toBe('new')
          } else expect(outcome).toBe('seen')
        }
      }),
    )
  })

  test('a long silence costs as many steps as there are entries, not seconds', async () => {
    const { memory, at } = memoryAt()
    await memory.add('a', START + 1)
    at(START + 1e12)
    expect(await memory.add('a', START + 1e12)).toBe('new')
  })
})
