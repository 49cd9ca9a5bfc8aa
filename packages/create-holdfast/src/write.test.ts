import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownNode, packageName } from './manifest.ts'
import { Refusal } from './refusal.ts'
import { place } from './test/place.ts'
import { type Wanted, writeStarter } from './write.ts'

const wanted = (folder: string, packages?: string): Wanted => ({
  folder,
  template: 'express-api',
  packageManager: 'npm',
  packages,
  machine: { node: '24.21.0', platform: 'linux-x64' },
})

function tarballs(...names: readonly string[]): string {
  const folder = place()
  for (const name of names) writeFileSync(join(folder, `${name}-0.1.0.tgz`), '')
  return folder
}

test('a fault on the way leaves no half of it, and nothing beside it', () => {
  const here = place()
  // Found out only after the files were copied.
  const packages = tarballs('holdfast', 'holdfast-guard')
  expect(() => writeStarter(wanted(join(here, 'app'), packages))).toThrow(/has no tarball of @holdfast\/mount/)
  expect(readdirSync(here)).toEqual([])
  mkdirSync(join(here, 'empty'))
  expect(() => writeStarter(wanted(join(here, 'empty'), packages))).toThrow(Refusal)
  expect([readdirSync(here), readdirSync(join(here, 'empty'))]).toEqual([['empty'], []])
})

test('packages come from tarballs, those that others of ours need too', () => {
  const here = place()
  const packages = tarballs('holdfast', 'holdfast-guard', 'holdfast-mount', 'holdfast-store-sqlite', 'create-holdfast')
  writeStarter(wanted(join(here, 'app'), packages))
  const { dependencies, devDependencies, overrides } = JSON.parse(readFileSync(join(here, 'app', 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >
  const at = (name: string): string => `file:${join(packages, `${name}-0.1.0.tgz`)}`
  expect(dependencies).toEqual({ '@holdfast/guard': at('holdfast-guard'), '@holdfast/mount': at('holdfast-mount'), express: '5.3.0' })
  expect(devDependencies?.['holdfast']).toBe(at('holdfast'))
  expect(overrides).toEqual({
    holdfast: at('holdfast'),
    '@holdfast/guard': at('holdfast-guard'),
    '@holdfast/mount': at('holdfast-mount'),
    '@holdfast/store-sqlite': at('holdfast-store-sqlite'),
  })
})

test('folders on the way are made', () => {
  const folder = join(place(), 'some', 'where', 'app')
  writeStarter(wanted(folder))
  expect(existsSync(join(folder, 'package.json'))).toBe(true)
  expect(readdirSync(join(folder, '..'))).toEqual(['app'])
})

test('two for one folder: the second is refused', () => {
  const folder = join(place(), 'app')
  writeStarter(wanted(folder))
  const before = readFileSync(join(folder, 'package.json'), 'utf8')
  expect(() => writeStarter({ ...wanted(folder), template: 'mcp-server' })).toThrow(/is not empty/)
  expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe(before)
})

test.each([
  ['My App', 'my-app'],
  ['.hidden', 'hidden'],
  ['Ünïcode & more', 'n-code-more'],
  ['___', 'holdfast-app'],
])('%s is named %s', (folder, name) => {
  expect(packageName(folder)).toBe(name)
})

test.each([
  ['24.15.0', 'linux-x64', false],
  ['26.10.0', 'linux-x64', false],
  ['24.14.9', 'linux-arm64', true],
  ['v22.23.3', 'linux-x64', true],
  ['20.20.2', 'darwin-arm64', false],
])('Node %s on %s brings its own: %s', (node, platform, own) => {
  expect(ownNode({ node, platform }) !== undefined).toBe(own)
})
