/** @jsxImportSource preact */
import { renderToString } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import type { AttackResult } from '../model.ts'
import { Result, Ruling } from './result.tsx'
import { ATTACKS } from './test/scripted-engine.ts'

const [told] = ATTACKS
if (told === undefined) throw new Error('no attacks')
const caught = { about: 'binding', check: 'cnf.jkt', rule: 'DPOP-48', refused: 'another key' }
const refused: AttackResult = { attack: told.id, verdict: 'refused', exchange: 'e9', caught }

test('the message that decided says what the card says, without a link to itself', () => {
  const [card, ruling] = [<Result told={told} result={refused} flow="f" />, <Ruling told={told} result={refused} />].map((one) =>
    renderToString(one),
  )
  for (const html of [card, ruling])
    expect(html).toMatch(/The thief was refused.*Caught by binding: <strong>cnf.jkt.*A server without this check/)
  expect(card).toContain('href="#/f/e9"')
  expect(ruling).not.toContain('href')
  expect(ruling).toContain(told.title)
})

test('where no check was to refuse and none did, he got nothing', () => {
  const say = 'The server ignored what he added.'
  const html = renderToString(<Ruling told={{ ...told, check: undefined }} result={{ ...refused, caught: undefined, say }} />)
  expect(html).toMatch(/The thief got nothing\..*The server ignored what he added\./)
  expect(html).not.toContain('refused.')
})

test('a receiver that does not tell is not said to have let him pass', () => {
  const html = renderToString(<Ruling told={told} result={{ ...refused, caught: undefined }} />)
  expect(html).toMatch(/The thief was refused.*The receiver does not tell which check it was\. The one to expect is/)
})
