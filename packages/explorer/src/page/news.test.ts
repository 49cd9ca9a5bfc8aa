import { expect, test } from 'vitest'
import type { RunView } from '../model.ts'
import { newsOf } from './news.ts'
import { resultOf } from './test/scripted-engine.ts'
import { ATTACK_EXCHANGES, EXCHANGES } from './test/scripted-messages.ts'

const view = (part: Partial<RunView>): RunView => ({
  flow: 'code-dpop',
  done: 0,
  exchanges: [],
  attacks: [],
  busy: false,
  waiting: undefined,
  failed: undefined,
  ...part,
})

test('what is new is told once', () => {
  const two = view({ exchanges: EXCHANGES.slice(0, 2) })
  expect(newsOf(view({ exchanges: EXCHANGES.slice(0, 1) }), two)).toBe(
    'Push the request; the server wants a nonce: 400 use_dpop_nonce, 7 checks passed, refused at DPoP proof: nonce.',
  )
  expect(newsOf(two, two)).toBe('')
})

test('a person is called, and told what failed', () => {
  const waiting = view({ waiting: { url: 'https://a.example', say: 'Sign in.' } })
  expect(newsOf(undefined, waiting)).toBe('Your turn. Sign in.')
  expect(newsOf(waiting, waiting)).toBe('')
  expect(newsOf(waiting, view({ asking: { name: 'otp', label: 'The code', secret: false } }))).toBe('Your turn. The code.')
  expect(newsOf(waiting, view({ failed: { say: 'It ended.', remedy: 'Start over.' } }))).toBe('The run stopped. It ended. Start over.')
})

test.each(Object.entries(ATTACK_EXCHANGES))('the outcome of %s is told', (id, sent) => {
  const words = {
    refused: 'The thief was refused, by access token: scheme.',
    won: 'The thief got in.',
    'no answer': 'The thief got no answer.',
  }
  const result = resultOf(id, sent)
  expect(newsOf(view({}), view({ attacks: [result] }))).toBe(words[result.verdict])
})
