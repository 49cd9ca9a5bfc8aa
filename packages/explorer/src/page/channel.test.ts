import { afterEach, expect, test } from 'vitest'
import { type BrowserAnswer, hearAnswers, tellAnswer } from './channel.ts'

const ends: (() => void)[] = []
const hear = (take: (answer: BrowserAnswer) => boolean): void => void ends.push(hearAnswers(take))
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

const answer = { query: 'code=c&state=mine', fragment: '' }

test('an answer goes to the page that asked, and the window hears that it arrived', async () => {
  const heard: string[] = []
  hear(({ query }) => query.includes('state=another') && heard.push('another') > 0)
  hear(({ query }) => query.includes('state=mine') && heard.push('mine') > 0)
  expect(await tellAnswer(answer, 5000)).toBe(true)
  expect(heard).toEqual(['mine'])
})

test('the window hears when nobody takes it', async () => {
  hear(() => false)
  expect(await tellAnswer(answer, 50)).toBe(false)
})

test('what others say on the channel is no answer', async () => {
  const heard: BrowserAnswer[] = []
  hear((one) => heard.push(one) > 0)
  const stranger = new BroadcastChannel('holdfast-explorer')
  for (const word of [
    null,
    'answer',
    { kind: 'answer', id: 1, query: 'x', fragment: '' },
    { kind: 'answer', id: 'a', query: 1, fragment: '' },
  ])
    stranger.postMessage(word)
  expect(await tellAnswer(answer, 5000)).toBe(true)
  stranger.close()
  expect(heard).toEqual([answer])
})
