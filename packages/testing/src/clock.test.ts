import { expect, test } from 'vitest'
import { TestClock } from './clock.ts'

test('a clock stands still until it is moved', () => {
  const clock = new TestClock(100)
  expect(clock.now()).toBe(100)
  clock.advance(0)
  clock.advance(61)
  expect(clock.now()).toBe(161)
})

test.each([-1, 0.5, Number.NaN])('it does not move by %s', (seconds) => {
  expect(() => new TestClock().advance(seconds)).toThrow(RangeError)
})
