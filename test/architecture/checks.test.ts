import { describe, expect, test } from 'vitest'
import { grantImports, inputOutput, leaves, libraries, packageArrows, serverArrows } from './arrows.ts'
import { circles } from './circles.ts'
import { anyAndEnum, defaultExports, emptyNames, longFiles, median } from './files.ts'
import { type Files, importsOf } from './imports.ts'

type Check = (files: Files) => readonly string[]
const on = (check: Check, tree: Readonly<Record<string, string>>): readonly string[] => check(new Map(Object.entries(tree)))
const one = (check: Check, path: string, text: string): readonly string[] => on(check, { [path]: text })
const server = (path: string, text: string): readonly [string, string] => [`packages/server/src/${path}`, text]

describe('the import scanner', () => {
  test.each([
    ["import { a } from './a.ts'", './a.ts'],
    ["import type { A } from './a.ts'", './a.ts'],
    ["import { type A,\n  b,\n} from './a.ts'", './a.ts'],
    ["import * as a from 'node:fs'", 'node:fs'],
    ["import './a.ts'", './a.ts'],
    ["export { a } from './a.ts'", './a.ts'],
    ["export * from './a.ts'", './a.ts'],
    ["const a = await import('./a.ts')", './a.ts'],
    ["type A = import('./a.ts').A", './a.ts'],
    ["const a = require('node:fs')", 'node:fs'],
    ['import a from "./a.ts"', './a.ts'],
    ["/** a comment */ \nimport { a } from './a.ts' // why", './a.ts'],
  ])('sees %j', (text, specifier) => {
    expect(importsOf(text)).toEqual([specifier])
  })
  test.each([
    "// import { a } from './a.ts'",
    "/*\nimport { a } from './a.ts'\n*/",
    "export const a = 'b'",
    "const important = from('./a.ts')",
  ])('does not see %j', (text) => {
    expect(importsOf(text)).toEqual([])
  })
})

describe('packages', () => {
  test.each([
    ['packages/protocol/src/a.ts', '@holdfast/proof'],
    ['packages/proof/src/a.ts', '@holdfast/store'],
    ['packages/store/src/a.ts', '@holdfast/server'],
    ['packages/store-sqlite/src/a.ts', '@holdfast/proof/node'],
    ['packages/mount/src/a.ts', '@holdfast/server'],
    ['packages/guard/src/a.ts', '@holdfast/store'],
    ['packages/server/src/a.ts', '@holdfast/store-sqlite'],
    ['packages/server/src/a.ts', '@holdfast/mount/node'],
    ['packages/accounts/src/a.ts', '@holdfast/proof'],
    ['packages/testing/src/a.ts', '@holdfast/server'],
    ['packages/server/src/a.ts', 'holdfast'],
    ['packages/holdfast/src/a.ts', '@holdfast/testing/clock'],
    ['packages/server/src/a.ts', '@holdfast/server'],
    ['packages/server/src/a.ts', '../../store/src/index.ts'],
    ['packages/novel/src/a.ts', 'node:path'],
  ])('%s may not import %s', (path, specifier) => {
    expect(one(packageArrows, path, `import { a } from '${specifier}'`)).toHaveLength(1)
  })
  test.each([
    ['packages/proof/src/a.ts', '@holdfast/protocol/time'],
    ['packages/server/src/a.ts', '@holdfast/store'],
    ['packages/accounts/src/a.ts', '@holdfast/server'],
    ['packages/holdfast/src/a.ts', '@holdfast/store-sqlite'],
    ['examples/src/a.ts', '@holdfast/guard'],
    ['packages/server/src/a.test.ts', '@holdfast/mount/fetch'],
    ['packages/server/src/test/a.ts', '@holdfast/mount/fetch'],
    ['packages/server/src/x/a.ts', '../y/b.ts'],
  ])('%s may import %s', (path, specifier) => {
    expect(one(packageArrows, path, `import { a } from '${specifier}'`)).toEqual([])
  })
  test.each(['@holdfast/examples', '../../../examples/src/api.ts', '@holdfast/console', '../../../bench/run.ts'])(
    'nobody imports %s, tests included',
    (specifier) => {
      expect(one(leaves, 'packages/holdfast/src/a.ts', `import '${specifier}'`)).toHaveLength(1)
      expect(one(leaves, 'packages/holdfast/src/a.test.ts', `import '${specifier}'`)).toHaveLength(1)
    },
  )
  test('the leaves may import themselves', () => {
    expect(one(leaves, 'examples/src/a.ts', "import './b.ts'")).toEqual([])
  })
})

describe('libraries and input and output', () => {
  test.each([
    ['packages/protocol/src/a.ts', 'jose'],
    ['packages/guard/src/a.ts', 'jose'],
    ['packages/server/src/a.ts', 'hono'],
    ['packages/server/src/tokens/a.ts', 'zod'],
    ['packages/server/src/interaction/a.ts', 'preact/hooks'],
  ])('%s may not import %s', (path, library) => {
    expect(one(libraries, path, `import { a } from '${library}'`)).toHaveLength(1)
  })
  test.each([
    ['packages/server/src/config/a.ts', 'zod'],
    ['packages/server/src/pages/a.tsx', 'preact'],
    ['packages/accounts/src/a.ts', '@node-rs/argon2'],
    ['packages/protocol/src/a.test.ts', 'jose'],
    ['packages/protocol/src/a.ts', 'node:crypto'],
  ])('%s may import %s', (path, library) => {
    expect(one(libraries, path, `import { a } from '${library}'`)).toEqual([])
  })
  test.each([
    'node:fs',
    'fs',
    'node:fs/promises',
    'node:net',
    'node:http',
    'node:https',
    'node:http2',
    'node:tls',
    'node:dns/promises',
    'node:child_process',
    'node:worker_threads',
    'node:sqlite',
  ])('the core may not import %s', (specifier) => {
    for (const name of ['protocol', 'proof', 'store', 'server', 'accounts', 'guard', 'bff']) {
      expect(one(inputOutput, `packages/${name}/src/a.ts`, `import { a } from '${specifier}'`)).toHaveLength(1)
    }
  })
  test.each([
    ['packages/server/src/outbound/a.ts', 'node:https'],
    ['packages/server/src/keys/a.ts', 'node:fs'],
    ['packages/server/src/a.ts', 'node:crypto'],
    ['packages/server/src/a.test.ts', 'node:fs'],
    ['packages/mount/src/a.ts', 'node:http'],
    ['packages/store-sqlite/src/a.ts', 'node:sqlite'],
  ])('%s may import %s', (path, specifier) => {
    expect(one(inputOutput, path, `import { a } from '${specifier}'`)).toEqual([])
  })
})

describe('inside the server', () => {
  test.each([
    ['tokens/a.ts', '../grants/b.ts'],
    ['grants/a.ts', '../endpoints/b.ts'],
    ['grants/a.ts', '../interaction/state.ts'],
    ['tokens/a.ts', '../interaction/state.ts'],
    ['client-authentication/a.ts', '../grants/b.ts'],
    ['authorization/a.ts', '../endpoints/b.ts'],
    ['interaction/steps/a.ts', '../../endpoints/b.ts'],
    ['pages/a.tsx', '../records.ts'],
    ['pages/a.tsx', '../interaction/accounts.ts'],
    ['keys/a.ts', '../tokens/b.ts'],
    ['sessions/a.ts', '../tokens/b.ts'],
    ['config/a.ts', '../keys/b.ts'],
    ['records.ts', './tokens/b.ts'],
    ['endpoints/a.ts', '../create.ts'],
    ['authorization-server.ts', './endpoints/b.ts'],
  ])('%s may not import %s', (path, specifier) => {
    const [from, text] = server(path, `import { b } from '${specifier}'`)
    expect(one(serverArrows, from, text)).toHaveLength(1)
  })
  test.each([
    ['endpoints/a.ts', '../grants/index.ts'],
    ['grants/a.ts', '../tokens/b.ts'],
    ['tokens/a.ts', '../interaction/accounts.ts'],
    ['tokens/a.ts', './b.ts'],
    ['interaction/a.ts', '../pages/consent.tsx'],
    ['tokens/a.test.ts', '../create.ts'],
  ])('%s may import %s', (path, specifier) => {
    const [from, text] = server(path, `import { b } from '${specifier}'`)
    expect(one(serverArrows, from, text)).toEqual([])
  })
  test('a new section needs a row', () => {
    expect(on(serverArrows, Object.fromEntries([server('novelty/a.ts', '')]))).toEqual([
      'packages/server/src/novelty/a.ts: the section has no row in the rules',
    ])
  })
  test('a grant imports open modules only, and no other grant; the list of grants is no grant', () => {
    const grants = (path: string, specifier: string): readonly string[] =>
      one(grantImports, ...server(path, `import { b } from '${specifier}'`))
    expect(grants('grants/a.ts', '../tokens/sign.ts')).toHaveLength(1)
    expect(grants('grants/a.ts', '../keys/derived.ts')).toHaveLength(1)
    expect(grants('grants/a.ts', './refresh-token.ts')).toHaveLength(1)
    expect(grants('grants/a.ts', '../tokens/issuance.ts')).toHaveLength(1)
    expect(grants('grants/a.ts', './grant.ts')).toHaveLength(1)
    expect(grants('grants/a.ts', './open.ts')).toEqual([])
    expect(grants('grants/index.ts', './refresh-token.ts')).toEqual([])
  })
})

describe('circles', () => {
  test('of two, of three, through types, through a package, with oneself', () => {
    expect(on(circles, { 'packages/a/src/x.ts': "import './y.ts'", 'packages/a/src/y.ts': "import type { X } from './x.ts'" })).toEqual([
      'packages/a/src/x.ts → packages/a/src/y.ts → packages/a/src/x.ts',
    ])
    expect(on(circles, { 'a/x.ts': "import './y.ts'", 'a/y.ts': "import './z.ts'", 'a/z.ts': "import './x.ts'" })).toHaveLength(1)
    expect(
      on(circles, { 'packages/a/src/index.ts': "import '@holdfast/b/c'", 'packages/b/src/c.ts': "import '@holdfast/a'" }),
    ).toHaveLength(1)
    expect(on(circles, { 'a/x.ts': "import './x.ts'" })).toHaveLength(1)
  })
  test('a diamond is none', () => {
    expect(
      on(circles, { 'a/w.ts': "import './x.ts'\nimport './y.ts'", 'a/x.ts': "import './z.ts'", 'a/y.ts': "import './z.ts'", 'a/z.ts': '' }),
    ).toEqual([])
  })
})

describe('files', () => {
  test.each([
    'packages/server/src/utils/a.ts',
    'packages/server/src/helpers.ts',
    'test/common/a.ts',
    'packages/x/src/service/a.ts',
    'packages/x/src/Manager.ts',
  ])('%s says nothing', (path) => {
    expect(one(emptyNames, path, '')).toHaveLength(1)
  })
  test('a word of the domain may contain one of them', () => {
    expect(one(emptyNames, 'packages/server/src/service-account.ts', '')).toEqual([])
  })
  test.each(['export default 1', 'export default function a() {}', 'const a = 1\nexport { a as default }'])(
    'default export: %j',
    (text) => {
      expect(one(defaultExports, 'packages/a/src/x.ts', text)).toHaveLength(1)
      expect(one(defaultExports, 'test/browser/playwright.config.ts', text)).toEqual([])
    },
  )
  test.each([
    'let a: any',
    'a as any',
    'Array<any>',
    'Record<string, any>',
    'any[]',
    'string | any',
    '() => any',
    'type A = any',
    'x extends any',
  ])('any: %j', (text) => {
    expect(one(anyAndEnum, 'packages/a/src/x.ts', text)).toHaveLength(1)
  })
  test.each(['enum A { B }', 'export const enum A { B }', 'declare enum A {}'])('enum: %j', (text) => {
    expect(one(anyAndEnum, 'packages/a/src/x.ts', text)).toHaveLength(1)
  })
  test.each(["'x: any'", '// x: any', '/* enum A {} */', 'const many: Company = anyOf()', 'const enumerated = 1', '`id = any($1)`'])(
    'neither: %j',
    (text) => {
      expect(one(anyAndEnum, 'packages/a/src/x.ts', text)).toEqual([])
    },
  )
  test('300 lines are one thing, 301 are two; generated files and fixtures apart', () => {
    expect(one(longFiles, 'a/x.ts', 'x\n'.repeat(300))).toEqual([])
    expect(one(longFiles, 'a/x.ts', 'x\n'.repeat(301))).toEqual(['a/x.ts: 301 lines'])
    expect(one(longFiles, 'a/x.test.ts', 'x\n'.repeat(301))).toHaveLength(1)
    expect(one(longFiles, 'a/fixtures/x.ts', 'x\n'.repeat(301))).toEqual([])
  })
  test('half of the files have at most 120 lines', () => {
    const tree = (...lines: readonly number[]): Readonly<Record<string, string>> =>
      Object.fromEntries(lines.map((count, index) => [`a/${index}.ts`, 'x\n'.repeat(count)]))
    expect(on(median, tree(1, 121, 200))).toEqual(['the median file has 121 lines'])
    expect(on(median, tree(1, 120, 200))).toEqual([])
  })
})
