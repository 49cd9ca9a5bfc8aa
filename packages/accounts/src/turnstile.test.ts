import { expect, test } from 'vitest'
import { Overloaded, Turnstile } from './turnstile.ts'

/** Work that ends when told. */
function work(): {
  readonly run: () => Promise<string>
  end(value: string): void
  fail(fault: Error): void
  readonly begun: () => boolean
} {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let begun = false
  return { run: () => ((begun = true), promise), end: resolve, fail: reject, begun: () => begun }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a few at a time, in the order they came; one place free for each that leaves', async () => {
  const turnstile = new Turnstile({ atOnce: 2, waiting: 2 })
  const all = [work(), work(), work(), work()]
  const results = all.map(({ run }) => turnstile.pass(run))
  await turn()
  expect(all.map(({ begun }) => begun())).toEqual([true, true, false, false])
  all[1]?.end('b')
  await turn()
  expect(all.map(({ begun }) => begun())).toEqual([true, true, true, false])
  for (const [index, one] of all.entries()) one.end('abcd'.charAt(index))
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd'])
})

test('beyond the line one is turned away at once, and nothing is begun', async () => {
  const turnstile = new Turnstile({ atOnce: 1, waiting: 1 })
  const [inside, next, last] = [work(), work(), work()] as const
  const results = [turnstile.pass(inside.run), turnstile.pass(next.run)]
  await expect(turnstile.pass(last.run)).rejects.toBeInstanceOf(Overloaded)
  expect(last.begun()).toBe(false)
  inside.end('')
  next.end('')
  await Promise.all(results)
  expect(await turnstile.pass(() => Promise.resolve('again'))).toBe('again')
})

test('who fails makes room like who succeeds, and a newcomer does not pass those who wait', async () => {
  const turnstile = new Turnstile({ atOnce: 1, waiting: 5 })
  const [inside, waits, newcomer] = [work(), work(), work()] as const
  const failed = turnstile.pass(inside.run)
  const waited = turnstile.pass(waits.run)
  inside.fail(new Error('broken'))
  await expect(failed).rejects.toThrow('broken')
  const late = turnstile.pass(newcomer.run)
  await turn()
  expect([waits.begun(), newcomer.begun()]).toEqual([true, false])
  waits.end('1')
  newcomer.end('2')
  expect(await Promise.all([waited, late])).toEqual(['1', '2'])
})
