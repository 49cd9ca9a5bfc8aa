import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { compare } from './compare.ts'
import { readPage } from './page.ts'
import { Reader } from './reader.ts'

const folder = fileURLToPath(new URL('../../docs/features/', import.meta.url))
const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md')

/** Every request that a feature's page shows is sent, and the answer must be the one that the page shows. */
describe.each(pages)('docs/features/%s', (name) => {
  const markdown = readFileSync(folder + name, 'utf8')

  test('says what it is for, how to switch it on, a request and its answer, and what goes wrong', () => {
    const titles = [...markdown.matchAll(/^## (.+)$/gm)].map(([, title]) => title)
    expect(titles).toEqual(['What it is for', 'How to switch it on', 'A request and its answer', 'What goes wrong'])
    expect(readFileSync(`${folder}README.md`, 'utf8')).toContain(`(${name})`)
  })

  test('its requests are answered as it says', async () => {
    const page = readPage(markdown)
    expect(page.steps.length).toBeGreaterThan(0)
    const reader = await Reader.open(page)
    try {
      for (const step of page.steps) expect(await reader.take(step), `${name}:${step.line}`).toEqual([])
    } finally {
      await reader.close()
    }
  })
})

describe('a page that is wrong is noticed', () => {
  test('a value, a missing member, and one that the page keeps to itself', () => {
    expect(compare('body', { a: 'x…', b: 1 }, { a: 'xyz', b: 1 })).toEqual([])
    expect(compare('body', { a: 'x…' }, { a: 'yz' })).toHaveLength(1)
    expect(compare('body', { a: 1 }, {})).toHaveLength(1)
    expect(compare('body', {}, { a: 1 })).toEqual(['body.a: the server answers it, the page does not say so'])
    expect(compare('body', { a: 1, '…': '…' }, { a: 1, b: 2 })).toEqual([])
    expect(compare('body', ['a', '…'], ['a', 'b', 'c'])).toEqual([])
    expect(compare('body', ['a'], ['a', 'b'])).toHaveLength(1)
  })
  test('a request without an answer, and an answer without a request', () => {
    const request = '```http\nGET /jwks HTTP/1.1\n```\n'
    const answer = '```http\nHTTP/1.1 200 OK\n```\n'
    expect(() => readPage(request)).toThrow(/no answer/)
    expect(() => readPage(answer)).toThrow(/alternate/)
    expect(readPage(request + answer).steps).toHaveLength(1)
  })
})
