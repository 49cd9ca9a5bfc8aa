import { describe, expect, test } from 'vitest'
import { WEB_ENTRIES } from './rules.ts'
import { webEntries } from './web.ts'

const on = (tree: Readonly<Record<string, string>>): readonly string[] => webEntries(new Map(Object.entries(tree)))

describe('entries for other runtimes', () => {
  const entries = Object.fromEntries(WEB_ENTRIES.map((path) => [path, '']))
  const guard = 'packages/guard/src/web.ts'
  const proof = 'packages/proof/src/web.ts'
  test.each<[string, Readonly<Record<string, string>>]>([
    ['a module of Node', { [guard]: "import { createHash } from 'node:crypto'" }],
    ['a type of Node', { [guard]: "import type { KeyObject } from 'node:crypto'" }],
    ['one behind a file', { [guard]: "export * from './a.ts'", 'packages/guard/src/a.ts': "import 'node:fs'" }],
    [
      'one behind a package',
      {
        [guard]: "import '@holdfast/proof/a'",
        'packages/proof/src/a.ts': "import './b.ts'",
        'packages/proof/src/b.ts': "import 'node:fs'",
      },
    ],
    ['a library', { [guard]: "import 'jose'" }],
    ['a package that is not found', { [guard]: "import '@holdfast/nothing'" }],
    ['a file that is not there', { [guard]: "import './nothing.ts'" }],
    ['a global of Node', { [proof]: "export const a = Buffer.from('b')" }],
    ['another', { [proof]: 'export const a = process.env' }],
  ])('may not reach %s', (_name, tree) => {
    expect(on({ ...entries, ...tree })).toHaveLength(1)
  })
  test('may reach each other, and what they have', () => {
    const tree = { [guard]: "import '@holdfast/proof/web'", [proof]: '// no Buffer.from here\nexport const a = crypto.subtle' }
    expect(on({ ...entries, ...tree })).toEqual([])
    expect(on({})).toHaveLength(WEB_ENTRIES.length)
  })
})
