import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JSONWebKeySet } from 'jose'
import { describe, expect, test } from 'vitest'
import { compare, readWritten } from './compare.ts'
import { Keys } from './keys.ts'
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

test.each(['README.md', 'features/README.md', ...pages.map((name) => `features/${name}`)])(
  'the links of docs/%s lead somewhere',
  (name) => {
    const file = new URL(`../${name}`, new URL('../../docs/features/', import.meta.url))
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#]+)\)/g)].map(([, to = '']) => to)
    expect(links.filter((to) => !to.startsWith('https:') && !existsSync(new URL(to, file)))).toEqual([])
  },
)

test('docs/features/mcp.md shows what examples/mcp-server has, in ten lines', () => {
  const shown = /```ts\n([^]*?)```/.exec(readFileSync(`${folder}mcp.md`, 'utf8'))?.[1] ?? ''
  const example = readFileSync(new URL('../../examples/mcp-server/server.ts', import.meta.url), 'utf8')
  expect(example).toContain(`// Authorization, from here …\n${shown}// … to here.`)
  expect(shown.trim().split('\n').length).toBeLessThanOrEqual(10)
})

describe('a page that is wrong is noticed', async () => {
  const keys = await Keys.make()

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
  test('a block whose role nobody knows, and one that nobody can sign', async () => {
    const claims = (role: string): string => `\`\`\`json ${role}\n{"exp": <now+60>}\n\`\`\`\n`
    expect(() => readPage(claims('for access_token'))).toThrow(/cannot be "for access_token"/)
    const { steps } = readPage(claims('as proof by client of type JWT') + claims('in proof'))
    expect(steps.map(({ kind }) => kind)).toEqual(['signed', 'claims'])
    expect(() => keys.signed({ name: 'proof', key: 'nobody', typ: 'JWT', claims: '{}' }, 0)).toThrow(/nobody is called nobody/)
  })
  test('what an API needs is not what somebody publishes', () => {
    const { needs, documents } = readPage('```json needed at https://api.example/x\n{}\n```\n```json at https://api.example/y\n{}\n```\n')
    expect([[...needs.keys()], [...documents.keys()]]).toEqual([['https://api.example/x'], ['https://api.example/y']])
  })
  test('claims that the server did not sign', async () => {
    const jwt = keys.signed({ name: 'x', key: 'client', typ: 'JWT', claims: '{"exp": <now+60>}' }, Math.floor(Date.now() / 1000))
    const published = (holder: string): JSONWebKeySet => ({ keys: [{ ...keys.publicJwk(holder), kid: 'client', kty: 'EC' }] })
    await expect(keys.opened(jwt, published('client'))).resolves.toHaveProperty('exp')
    await expect(keys.opened(jwt, published('partner'))).rejects.toThrow(/signature/)
  })
  test('a number that is different each time is written without quotes', () => {
    expect(compare('body', readWritten('{"iat": …, "sub": "…"}'), { iat: 7, sub: 'u' })).toEqual([])
    expect(compare('body', readWritten('{"iat": …}'), {})).toHaveLength(1)
  })
})
