import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { firstSignal } from './signals.ts'

class Ending extends EventEmitter {
  readonly codes: number[] = []
  exit(code: number): void {
    this.codes.push(code)
  }
}

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('the first %s is told, a second ends at once with %d', async (signal, code) => {
  const ending = new Ending()
  let now = 0
  const first = firstSignal(ending, () => now)
  ending.emit(signal)
  expect(await first).toBe(signal)
  expect(ending.codes).toEqual([])
  now = 1000
  ending.emit(signal)
  expect(ending.codes).toEqual([code])
})

test('one Ctrl-C that arrives twice is one', async () => {
  const ending = new Ending()
  let now = 0
  const first = firstSignal(ending, () => now)
  ending.emit('SIGINT')
  now = 20
  ending.emit('SIGINT')
  await first
  expect(ending.codes).toEqual([])
  ending.emit('SIGTERM')
  expect(ending.codes).toEqual([143])
})
