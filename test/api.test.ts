import { expect, test } from 'vitest'
import { apiOf } from '../scripts/api.mjs'

/** The API of a package of one entry, index.d.ts, as its lines between the fences. */
function api(files: Readonly<Record<string, string>>): readonly string[] {
  const manifest = JSON.stringify({ name: '@x/y', exports: { '.': { types: './dist/index.d.ts' }, './package.json': './package.json' } })
  const text = apiOf('y', (path: string) => {
    const found = path === 'y/package.json' ? manifest : files[path.replace('y/dist/', '')]
    if (found === undefined) throw new Error(`no ${path}`)
    return found
  })
  return text.split('```ts\n')[1]?.split('\n```')[0]?.split('\n') ?? []
}
const index = (text: string): readonly string[] => api({ 'index.d.ts': text })

test('each exported declaration, sorted, without comments', () => {
  const text = `import type { Z } from './z.ts';
/** Why; and {braces}. */
export declare function b(a: string, z: Z): 'x;' | undefined;
export interface A {
    /** In bytes. */
    readonly size: number;
    close(): void;
}
export declare const c = 1; // c
export type D = {
    readonly kind: 'd';
} | "e//f";
declare const hidden: 1;
export {};
`
  expect(index(text)).toEqual([
    'interface A {',
    '    readonly size: number;',
    '    close(): void;',
    '}',
    'type D = {',
    "    readonly kind: 'd';",
    '} | "e//f"',
    "function b(a: string, z: Z): 'x;' | undefined",
    'const c = 1',
  ])
})
test('overloads stay together, and a class after a class ends where it ends', () => {
  expect(
    index(
      'export declare class A {\n    #private;\n}\nexport declare class B extends A {\n}\nexport declare function f(): 1;\nexport declare function f(a: 1): 2;\n',
    ),
  ).toEqual(['class A {', '    #private;', '}', 'class B extends A {', '}', 'function f(): 1', 'function f(a: 1): 2'])
})
test('re-exports are followed: by list, under another name, all, and from another package', () => {
  const files = {
    'index.d.ts':
      "export { a, type B as C } from './inner/one.ts';\nexport * from './two.ts';\nexport { z } from 'zod';\nexport * from '@x/z';\n",
    'inner/one.d.ts': "export declare const a: 1;\nexport { type B } from '../two.ts';\n",
    'two.d.ts': 'export interface B {\n}\n',
  }
  expect(api(files)).toEqual(["export * from '@x/z';", 'interface B {', '}', 'interface C {', '}', 'const a: 1', "export { z } from 'zod'"])
})
test('a local list of exports', () => {
  expect(index('declare const a: 1;\nexport { a as b };\n')).toEqual(['const b: 1'])
})
test('a name that is not there is a fault', () => {
  expect(() => api({ 'index.d.ts': "export { a } from './one.ts';", 'one.d.ts': '' })).toThrow('a is not exported by ./one.ts')
})
