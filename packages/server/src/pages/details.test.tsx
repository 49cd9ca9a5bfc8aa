/** @jsxImportSource preact */
import { expect, test } from 'vitest'
import { Consent } from './consent.tsx'
import type { ConsentModel, DetailModel } from './models.ts'
import { renderPage, SELF } from './render.ts'
import { stylesheet } from './stylesheet.ts'

const HOSTILE = `"><script>alert('1')</script></bdi></details><form action="https://evil.example">`
const detail: DetailModel = {
  title: [
    { text: 'Pay ', sent: false },
    { text: '123.50', sent: true },
    { text: ' to ', sent: false },
    { text: 'Merchant A', sent: true },
  ],
  lines: [{ label: 'On', value: '2027-02-01' }],
  all: [{ label: 'creditorName', value: 'Merchant A' }],
}
const consent: ConsentModel = {
  stylesheetHref: '/x.css',
  action: '/interaction/i',
  csrf: 'c-1',
  clientName: 'Budget',
  clientPlace: 'budget.example',
  clientUri: undefined,
  policyUri: undefined,
  tosUri: undefined,
  subjectName: 'Dana Demo',
  permissions: [],
  details: [detail, detail],
}
const html = (over: Partial<ConsentModel> = {}): string =>
  renderPage(<Consent {...consent} {...over} />, { status: 200, formAction: [SELF] }).body
const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length

test('RAR-04 each detail is an item of a named list, with a sentence, its lines, and all members behind a summary', () => {
  const body = html()
  expect(body).toContain(
    '<p id="authorization-details"><bdi>Budget</bdi> asks you to allow:</p><ul class="asked" aria-labelledby="authorization-details">',
  )
  expect(body).toContain('<p class="asked-title">Pay <bdi class="sent">123.50</bdi> to <bdi class="sent">Merchant A</bdi></p>')
  expect([count(body, /<li><p/g), count(body, /<details><summary>Show all details<\/summary><dl/g)]).toEqual([2, 2])
  expect(body).toContain('<dt><bdi>On</bdi></dt><dd><bdi>2027-02-01</bdi></dd>')
  expect(count(body, / id="([^"]+)"/g)).toBe(new Set([...body.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])).size)
  expect(html({ details: [] })).not.toContain('authorization-details')
  expect(html({ permissions: [{ title: 'Stay', detail: undefined }] })).toContain('also asks you to allow:')
})

test('RAR-13 hostile text stays text in every place, and makes no element of its own', () => {
  const line = { label: HOSTILE, value: HOSTILE }
  const part = { text: HOSTILE, sent: true }
  const attacked: DetailModel = { title: detail.title.map(() => part), lines: [line], all: [line] }
  const body = html({ details: [attacked, attacked] })
  expect(body).not.toMatch(/<script|evil\.example">(?!&)<|action="https:\/\/evil/)
  const harmless = { ...detail, title: detail.title.map(({ text }) => ({ text, sent: true })) }
  for (const tag of [/<form/g, /<bdi/g, /<\/bdi>/g, /<\/details>/g])
    expect(count(body, tag)).toBe(count(html({ details: [harmless, harmless] }), tag))
})

test('RAR-13 long values wrap, in the colours of the page', () => {
  expect(stylesheet).toMatch(/\.asked-lines dd \{[^}]*overflow-wrap: anywhere/)
  const own = stylesheet.split('\n').filter((line) => line.startsWith('.asked') || line.startsWith('.sent'))
  expect(own.join('')).not.toMatch(/#[0-9a-f]{3}/)
})
