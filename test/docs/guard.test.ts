import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/guard.md', root), 'utf8')
/** Each is compiled and executed: here by its own test, or by `npm run runtimes`. */
const HERE = ['express', 'fastify', 'hono', 'node', 'fetch', 'next-route'].map((name) => `examples/src/guard/${name}.ts`)
const APART = ['next-proxy', 'nest', 'trpc', 'graphql'].map((name) => `runtimes/examples/${name}.ts`)
const FILES = [...HERE, ...APART]
const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text)

describe('docs/guard.md', () => {
  test('shows every quick start as it is executed, and nothing else', () => {
    expect(blocks).toEqual(FILES.map((file) => readFileSync(new URL(file, root), 'utf8')))
  })

  test.each(FILES)('%s is a quick start: ten lines at most', (file) => {
    const lines = readFileSync(new URL(file, root), 'utf8').trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(10)
  })
})
