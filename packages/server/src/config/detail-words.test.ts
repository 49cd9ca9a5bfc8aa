import { describe, expect, test } from 'vitest'
import { PAY, PAYMENT } from '../test/details.ts'
import { visible, wordsOf } from './detail-words.ts'

const words = wordsOf(PAYMENT.title, PAYMENT.labels ?? {}, undefined)
const titleOf = (detail: object): string =>
  words(detail as typeof PAY)
    .title.map(({ text, sent }) => (sent ? `<${text}>` : text))
    .join('')

describe('authorization_details in words', () => {
  test('RAR-04 RAR-13 the title keeps the operator’s words and the client’s values apart; labelled members and all members follow', () => {
    const shown = words({ ...PAY, executionDate: '2027-01-15', actions: ['initiate', 'status'] })
    expect(titleOf(PAY)).toBe('Pay <123.50> <EUR> to <Merchant A>')
    expect(shown.lines).toEqual([
      { label: 'On', value: '2027-01-15' },
      { label: 'It may', value: 'initiate, status' },
    ])
    expect(shown.all.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'type: payment_initiation',
      'instructedAmount.currency: EUR',
      'instructedAmount.amount: 123.50',
      'creditorName: Merchant A',
      'executionDate: 2027-01-15',
      'actions: initiate, status',
    ])
  })

  test('RAR-13 a value that is missing is said to be, a template in a value is text, and members of the language are none', () => {
    expect(titleOf({ type: 'x', creditorName: '{type}' })).toBe('Pay <(not said)> <(not said)> to <{type}>')
    expect(wordsOf('{constructor} {a.length}', {}, undefined)({ type: 'x', a: 'abc' }).title.map(({ text }) => text)).toEqual([
      '(not said)',
      ' ',
      '(not said)',
    ])
  })

  test('RAR-13 RFC 9396 §12: characters that nobody sees, or that reorder others, are written as their code', () => {
    for (const [character, code] of [
      ['\u202e', '[U+202E]'],
      ['\u2066', '[U+2066]'],
      ['\u200f', '[U+200F]'],
      ['\u061c', '[U+061C]'],
      ['\u200b', '[U+200B]'],
      ['\u2028', '[U+2028]'],
      ['\u0000', '[U+0000]'],
      ['\n', '[U+000A]'],
      ['\u001b', '[U+001B]'],
      ['\u00ad', '[U+00AD]'],
      ['\ufeff', '[U+FEFF]'],
      ['\u3164', '[U+3164]'],
      ['\ue000', '[U+E000]'],
      ['\ufe0f', '[U+FE0F]'],
      ['\u{e0041}', '[U+E0041]'],
      ['\u{e0100}', '[U+E0100]'],
    ] as const)
      expect([code, titleOf({ ...PAY, creditorName: `1${character}2` })]).toEqual([code, `Pay <123.50> <EUR> to <1${code}2>`])
    expect(visible('a\u00a0b\u3000c')).toBe('a b c')
    expect(visible(`a${'\u0301'.repeat(40)}b`)).toBe(`a${'\u0301'.repeat(4)}…b`)
    expect(visible('Zoë Ångström 李 שלום <b>&amp;')).toBe('Zoë Ångström 李 שלום <b>&amp;')
    expect(words({ type: 'x', '\u202ea': 1 }).all.at(-1)).toEqual({ label: '[U+202E]a', value: '1' })
  })

  test('RAR-13 long values are cut in the sentence, and said so; they are whole below', () => {
    const long = '😀'.repeat(400)
    expect(titleOf({ ...PAY, creditorName: long })).toBe(`Pay <123.50> <EUR> to <${'😀'.repeat(80)}… (cut)>`)
    expect(words({ ...PAY, executionDate: long }).lines[0]?.value).toBe(`${'😀'.repeat(300)}… (cut)`)
    expect(words({ ...PAY, creditorName: long }).all.find(({ label }) => label === 'creditorName')?.value).toBe(long)
  })

  test('RAR-13 members below members and in lists are all there, empty ones too', () => {
    const all = wordsOf(
      'x',
      {},
      undefined,
    )({ type: 't', a: { b: [{ c: 1 }, { c: [] }, 'x'] }, d: {}, e: null, f: true, g: [1, 2], h: ['x, y'] }).all
    expect(all.map(({ label, value }) => `${label}=${value}`)).toEqual([
      'type=t',
      'a.b[1].c=1',
      'a.b[2].c=[]',
      'a.b[3]=x',
      'd={}',
      'e=null',
      'f=true',
      'g=[1,2]',
      'h=["x, y"]',
    ])
  })

  test('RAR-13 words of the operator’s own function are made safe too, and cannot hide a member', () => {
    const own = wordsOf('x', {}, ({ creditorName }) => ({
      title: `Pay \u202e${String(creditorName)}`,
      lines: [{ label: 'To\u0000', value: `x${'y'.repeat(400)}` }],
    }))(PAY)
    expect(own.title).toEqual([{ text: 'Pay [U+202E]Merchant A', sent: true }])
    expect(own.lines).toEqual([{ label: 'To[U+0000]', value: `x${'y'.repeat(299)}… (cut)` }])
    expect(own.all).toHaveLength(4)
  })
})
