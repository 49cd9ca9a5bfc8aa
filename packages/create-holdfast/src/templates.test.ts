import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { packageManagerOf, TEMPLATES } from './templates.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = join(root, 'packages', 'create-holdfast', 'templates')
const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), 'utf8')

interface Written {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

test('there is a folder for each template, and no other', () => {
  expect(readdirSync(folder).toSorted()).toEqual(TEMPLATES.map(({ name }) => name).toSorted())
})

describe.each(TEMPLATES.map(({ name }) => name))('%s', (name) => {
  const manifest = JSON.parse(read(name, 'package.json')) as Written
  const sources = readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path))

  test('has its commands, exact versions, and our versions as they are here', () => {
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(['start', 'dev', 'test', 'check']))
    for (const [library, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect([library, version]).toEqual([library, expect.stringMatching(/^\d+\.\d+\.\d+$/)])
      const ours = library === 'holdfast' ? library : library.startsWith('@holdfast/') ? library.slice('@holdfast/'.length) : undefined
      if (ours === undefined) continue
      const { version: is } = JSON.parse(readFileSync(join(root, 'packages', ours, 'package.json'), 'utf8')) as { readonly version: string }
      expect([library, version]).toEqual([library, is])
    }
  })
  test('is explained in less than 60 lines, under its own name', () => {
    const readme = read(name, 'README.md')
    expect(readme.startsWith('# {{name}}\n')).toBe(true)
    expect(readme.split('\n').length).toBeLessThan(60)
  })
  test('has a test of its own, short files, and no any', () => {
    expect(sources.some((path) => path.endsWith('.test.ts'))).toBe(true)
    for (const path of sources) {
      const text = read(name, path)
      expect([path, text.split('\n').length <= 200, /[:<|&]\s*any\b|\bas any\b/.test(text)]).toEqual([path, true, false])
    }
  })
  test('keeps nothing that npm leaves out of a package, and nothing of a run', () => {
    const found = readdirSync(join(folder, name)).filter((path) => path.startsWith('.') || path === 'node_modules' || path === 'dist')
    expect(found).toEqual([])
    expect(existsSync(join(folder, name, 'env.example'))).toBe(true)
  })
})

test.each([
  ['npm/11.19.1 node/v24.21.0 linux x64', 'npm'],
  ['pnpm/12.21.0 npm/? node/v24.21.0', 'pnpm'],
  ['yarn/4.9.1 npm/? node/v24.21.0', 'yarn'],
  ['bun/1.3.0 npm/? node/v24.3.0', 'bun'],
  ['other/1.0.0', 'npm'],
  [undefined, 'npm'],
])('%s is %s', (userAgent, name) => {
  expect(packageManagerOf(userAgent)).toBe(name)
})
