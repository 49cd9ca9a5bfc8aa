import { posix } from 'node:path'

/** Path from the root of the repository, with `/` → text. */
export type Files = ReadonlyMap<string, string>

// Statements begin a line; the names between `import` and `from` may span several. `import('x')` may stand anywhere.
const STATEMENT = /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm
const CALL = /\b(?:import|require)\(\s*['"]([^'"\n]+)['"]/g

/** Every module that a file names in an import or re-export, types included, in order. */
export function importsOf(text: string): readonly string[] {
  const code = withoutComments(text)
  return [...code.matchAll(STATEMENT), ...code.matchAll(CALL)].map((match) => match[1] ?? '')
}

/** Comments become blanks. A `//` within a string may go with them, which harms nothing that is looked for here. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' ')).replaceAll(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
}

/** The folder of the workspace that a file belongs to: `server` of packages/server/src/x.ts, `examples` of examples/src/x.ts. */
export function packageOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first === 'packages' ? second : first
}

export function isTest(path: string): boolean {
  return /\.(test|spec)\.tsx?$/.test(path) || path.split('/').includes('test')
}

/** The package of a library: `preact` of `preact/hooks`, `@a/b` of `@a/b/c`. */
export function libraryOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

export const isRelative = (specifier: string): boolean => specifier.startsWith('.')
export const isBuiltIn = (specifier: string): boolean => specifier.startsWith('node:')

/** The workspace package that a specifier names, `holdfast` itself included. */
export function workspaceOf(specifier: string): string | undefined {
  const library = libraryOf(specifier)
  return library === 'holdfast' ? 'holdfast' : library.startsWith('@holdfast/') ? library.slice('@holdfast/'.length) : undefined
}

/** The file that a specifier leads to, if it is one of ours. */
export function resolve(files: Files, from: string, specifier: string): string | undefined {
  if (isRelative(specifier)) return posix.join(posix.dirname(from), specifier)
  const owner = workspaceOf(specifier)
  if (owner === undefined) return undefined
  const entry = specifier.slice(libraryOf(specifier).length + 1) || 'index'
  const folder = owner === 'examples' ? 'examples/src' : `packages/${owner}/src`
  return ['.ts', '.tsx', '/index.ts'].map((ending) => `${folder}/${entry}${ending}`).find((path) => files.has(path))
}
