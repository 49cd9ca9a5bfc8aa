import { describe, expect, test } from 'vitest'
import { engines } from '../test/engines.ts'
import { StepCache } from './nonce.ts'

const key = Uint8Array.from({ length: 32 }, (_, i) => i)
const START = 1_800_000_000

describe.each(engines)('nonces by $name', (engine) => {
  test('DPOP-38 RFC 9449 §8.1: a nonce is made of NQCHAR and is another one each minute and under each key', async () => {
    const nonces = engine.nonces(key)
    const issued = new Set<string>()
    for (let minute = 0; minute < 50; minute++) issued.add(await nonces.issue(START + minute * 60))
    issued.add(await engine.nonces(key.toReversed()).issue(START))
    expect(issued.size).toBe(51)
    for (const nonce of issued) expect(nonce).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]{22}$/)
  })

  test('DPOP-42 RFC 9449 §8.2: the current and the previous are accepted, older and future ones are not', async () => {
    const nonces = engine.nonces(key)
    const nonce = await nonces.issue(START)
    expect(await nonces.issue(START + 59)).toBe(nonce)
    for (const [offset, expected] of [
      [0, true],
      [59, true],
      [60, true],
      [119, true],
      [120, false],
      [3600, false],
      [-1, false],
      [-60, false],
    ] as const)
      expect(await nonces.check(nonce, START + offset)).toBe(expected)
    expect(await nonces.check(nonce, START)).toBe(true)
  })

  test('DPOP-39 RFC 9449 §8: what was never issued is refused', async () => {
    const nonces = engine.nonces(key)
    const nonce = await nonces.issue(START)
    for (const other of ['', 'x', nonce.slice(1), `${nonce}A`, nonce.toLowerCase(), await engine.nonces(key.toReversed()).issue(START)])
      expect(await nonces.check(other, START)).toBe(false)
  })

  test('DPOP-44 RFC 9449 §9: nodes with one key accept each other’s, both engines alike; another key is another space', async () => {
    const nonce = await engine.nonces(key).issue(START)
    for (const other of engines) expect(await other.nonces(key).check(nonce, START + 70)).toBe(true)
    expect(await engine.nonces(new Uint8Array(32)).check(nonce, START)).toBe(false)
  })

  test('DPOP-38: a key under 32 bytes is a fault of the configuration, and the key is copied', async () => {
    expect(() => engine.nonces(new Uint8Array(31))).toThrow(RangeError)
    const mine = Uint8Array.from(key)
    const nonces = engine.nonces(mine)
    mine.fill(0)
    expect(await nonces.issue(START)).toBe(await engine.nonces(key).issue(START))
  })
})

test('DPOP-42: the nonce of a minute is made once', () => {
  const made: number[] = []
  const steps = new StepCache((step) => made.push(step))
  for (let i = 0; i < 10; i++) steps.at(7)
  steps.at(6)
  expect(made).toEqual([7, 6])
})
