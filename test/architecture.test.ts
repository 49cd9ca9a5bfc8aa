import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { grantImports, inputOutput, leaves, libraries, packageArrows, serverArrows } from './architecture/arrows.ts'
import { circles } from './architecture/circles.ts'
import { anyAndEnum, defaultExports, emptyNames, longFiles, median } from './architecture/files.ts'
import type { Files } from './architecture/imports.ts'
import { webEntries } from './architecture/web.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['packages', 'examples', 'bench', 'attacks', 'interop', 'runtimes', 'scripts', 'test']
const APART = new Set(['node_modules', 'dist', '.cache', '.next'])
/** Applications of others-to-be, with the ways of their frameworks: the package that writes them looks after them. */
const STARTERS = new Set(['packages/create-holdfast/templates', 'packages/create-holdfast/shared'])

function read(folder: string): readonly (readonly [string, string])[] {
  if (!existsSync(root + folder)) return []
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return APART.has(entry.name) || STARTERS.has(path) ? [] : read(path)
    return /\.(tsx?|mjs|cjs|js)$/.test(entry.name) ? [[path, readFileSync(root + path, 'utf8')] as const] : []
  })
}
const files: Files = new Map(FOLDERS.flatMap(read))

const RULES = {
  'packages import only what stands below them': packageArrows,
  'nothing imports what stands outside the product': leaves,
  'libraries are those the package is allowed, in their place': libraries,
  'the core does no input or output': inputOutput,
  'inside the server imports point one way': serverArrows,
  'grants import what any grant may import': grantImports,
  'no circles': circles,
  'what runs elsewhere needs nothing of Node': webEntries,
  'names say something': emptyNames,
  'no default exports': defaultExports,
  'no any, no enum': anyAndEnum,
  'no file is two things': longFiles,
  'half of the files are short': median,
}

test.each(Object.entries(RULES))('architecture: %s', (_name, rule) => {
  expect(rule(files)).toEqual([])
})

test('architecture: there was something to look at', () => {
  expect([...files.keys()].filter((path) => path.startsWith('packages/server/src/')).length).toBeGreaterThan(50)
})
