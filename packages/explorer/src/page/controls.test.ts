import { expect, test } from 'vitest'
import { lastSentence } from './controls.tsx'

test.each([
  ['One. Two.', 'Two.'],
  ['The client shows the code and the secret (PKCE). Only who began can finish.', 'Only who began can finish.'],
  ['One alone', 'One alone'],
  ['It speaks version 2.1 of it.', 'It speaks version 2.1 of it.'],
])('the last sentence of “%s”', (say, last) => {
  expect(lastSentence(say)).toBe(last)
})
