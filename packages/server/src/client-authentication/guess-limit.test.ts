import { createProcessMemory, type Memory } from '@holdfast/proof/memory'
import { expect, test } from 'vitest'
import { HeldClock } from '../test/server.ts'
import { GuessLimit } from './guess-limit.ts'

function remembering(): { readonly memory: Memory; readonly keys: string[]; readonly clock: HeldClock } {
  const clock = new HeldClock()
  const real = createProcessMemory({ clock })
  const keys: string[] = []
  const memory: Memory = {
    processLocal: true,
    startedAt: real.startedAt,
    add: (key, until) => real.add(key, until),
    forgive: (key) => real.forgive(key),
    increment(key, until) {
      keys.push(key)
      return real.increment(key, until)
    },
  }
  return { memory, keys, clock }
}

test('OA-49 whatever a stranger calls a client, what is remembered of it is small', async () => {
  const { memory, keys, clock } = remembering()
  const limit = new GuessLimit(memory)
  for (const name of ['web', '\u{1f512}'.repeat(256), 'x'.repeat(512)]) await limit.failed(`${name} 192.0.2.1`, clock.now())
  expect(keys.map((key) => key.length)).toEqual([46, 46, 46])
  expect(new Set(keys).size).toBe(3)
})

test('OA-49 thirty failures block one and nobody else, until the minute is over', async () => {
  const { memory, clock } = remembering()
  const limit = new GuessLimit(memory)
  for (let tries = 0; tries < 29; tries++) await limit.failed('web 192.0.2.1', clock.now())
  expect(limit.blocked('web 192.0.2.1', clock.now())).toBe(false)
  await limit.failed('web 192.0.2.1', clock.now())
  expect([limit.blocked('web 192.0.2.1', clock.now()), limit.blocked('web 192.0.2.2', clock.now())]).toEqual([true, false])
  clock.advance(60)
  expect(limit.blocked('web 192.0.2.1', clock.now())).toBe(false)
})
