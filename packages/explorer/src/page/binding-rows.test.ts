import { expect, test } from 'vitest'
import type { Exchange } from '../model.ts'
import { bindingOf } from './binding-rows.ts'
import type { Thread, ThreadPart } from './ports.ts'
import { EXCHANGES } from './test/scripted-messages.ts'

const [pattern] = EXCHANGES
if (pattern === undefined) throw new Error('no messages')
const sent = (id: string, step: string, thief?: true): Exchange => ({ ...pattern, id, step, ...(thief !== undefined && { thief }) })
const ALL = [sent('e1', 'push'), sent('e2', 'other-key', true), sent('e3', 'redeem'), sent('e4', 'no-proof', true), sent('e5', 'call')]
const STEPS = new Set(['push', 'redeem', 'call'])
const part = (exchange: string, short: string): ThreadPart => ({
  exchange,
  side: short === 'cnf' ? 'response' : 'request',
  lane: 'client',
  short,
  title: short,
  value: 'A',
})
const parts = [part('e1', 'jkt'), part('e2', 'key'), part('e3', 'key'), part('e3', 'cnf'), part('e4', 'key'), part('e5', 'key')]
const own: Thread = { id: 'A', title: 'From hand to hand', say: 'One key.', value: 'A', whole: true, parts }
const his: Thread = {
  id: 'B',
  title: 'Another key',
  say: 'No token.',
  value: 'B',
  whole: false,
  parts: [{ ...part('e2', 'key'), value: 'B' }],
}
const at = (id: string): ReturnType<typeof bindingOf> => bindingOf([own, his], ALL, ALL.find((one) => one.id === id) ?? pattern, STEPS)

test('rows lead up to the message that is shown, by its number, and none is of another attack', () => {
  expect(at('e5')[0]?.rows.map(({ number, titles, here }) => [number, titles.join(), here])).toEqual([
    [1, 'jkt', false],
    [3, 'key,cnf', false],
    [5, 'key', true],
  ])
  expect(at('e4')[0]?.rows.map(({ number }) => number)).toEqual([1, 3, 4])
})

test('before there is a token, nothing is bound and nothing says so', () => {
  expect(at('e1')).toMatchObject([{ title: 'The client’s key', say: 'No token is bound to it yet.' }])
  expect(at('e3')).toMatchObject([{ title: 'From hand to hand' }])
})

test('a key of the thief is no key of the client', () => {
  expect(at('e2').map(({ title }) => title)).toEqual(['The client’s key', 'Another key'])
})
