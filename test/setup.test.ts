import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

// The real script in an empty folder, with an npm and a compiler that only write down that they were called.
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-setup-'))
  mkdirSync(join(folder, 'scripts'))
  copyFileSync(new URL('../scripts/setup.mjs', import.meta.url), join(folder, 'scripts', 'setup.mjs'))
  writeFileSync(join(folder, 'package-lock.json'), '{"a":1}')
  npmDoes('')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const log = (): readonly string[] => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8').trim().split('\n') : [])

function npmDoes(more: string, build = ''): void {
  const compiler = `import { appendFileSync } from 'node:fs'; appendFileSync('log', 'build\\n'); ${build}`
  writeFileSync(
    join(folder, 'npm.mjs'),
    `import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
     appendFileSync('log', 'begin\\n')
     rmSync('node_modules', { recursive: true, force: true })
     mkdirSync('node_modules/.bin', { recursive: true }); mkdirSync('node_modules/typescript/bin', { recursive: true })
     symlinkSync(${JSON.stringify(process.execPath)}, 'node_modules/.bin/node')
     writeFileSync('node_modules/typescript/package.json', '{"type":"module"}')
     writeFileSync('node_modules/typescript/bin/tsc', ${JSON.stringify(compiler)})
     ${more}
     await new Promise((resolve) => setTimeout(resolve, 50))
     appendFileSync('log', 'end\\n')`,
  )
}

function start(): { readonly child: ChildProcess; readonly ended: Promise<{ readonly code: number | null; readonly text: string }> } {
  const env = { ...process.env, npm_execpath: join(folder, 'npm.mjs'), npm_node_execpath: process.execPath }
  const child = spawn(process.execPath, [join(folder, 'scripts', 'setup.mjs')], { env })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, text }))) }
}
const setUp = (): Promise<{ readonly code: number | null; readonly text: string }> => start().ended

describe('set-up', () => {
  test('installs once, builds always, and says in one line how long it took', async () => {
    expect(await setUp()).toMatchObject({ code: 0, text: expect.stringMatching(/^set up in \d+\.\d s \(npm ci /m) })
    expect(await setUp()).toMatchObject({ code: 0, text: expect.stringMatching(/^set up in \d+\.\d s \(packages were in place, build /) })
    expect(log()).toEqual(['begin', 'end', 'build', 'build'])
  })

  test('another lock file, or a node_modules that was deleted, is installed anew', async () => {
    await setUp()
    writeFileSync(join(folder, 'package-lock.json'), '{"a":2}')
    await setUp()
    rmSync(join(folder, 'node_modules'), { recursive: true })
    await setUp()
    expect(log().filter((line) => line === 'begin')).toHaveLength(3)
  })

  test('five at once wait for each other, and one of them installs', async () => {
    const all = await Promise.all([setUp(), setUp(), setUp(), setUp(), setUp()])
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
    expect(log()).toEqual(['begin', 'end', 'build', 'build', 'build', 'build', 'build'])
    expect(all.filter(({ text }) => text.includes('another set-up is running')).length).toBeGreaterThan(0)
  })

  test('the lock of a process that was killed is taken over, by one of many', async () => {
    npmDoes(`writeFileSync('pid', String(process.pid)); await new Promise((resolve) => setTimeout(resolve, 60_000))`)
    const first = start()
    while (!existsSync(join(folder, 'pid'))) await new Promise((resolve) => setTimeout(resolve, 20))
    first.child.kill('SIGKILL')
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL')
    await first.ended
    expect(existsSync(join(folder, '.holdfast', 'setup.lock'))).toBe(true)
    rmSync(join(folder, 'log'))
    npmDoes('')
    const all = await Promise.all([setUp(), setUp(), setUp(), setUp()])
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(log()).toEqual(['begin', 'end', 'build', 'build', 'build', 'build'])
  })

  test('an end by signal takes the install with it and leaves no lock', async () => {
    npmDoes('await new Promise((resolve) => setTimeout(resolve, 60_000))')
    const { child, ended } = start()
    while (!log().includes('begin')) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGTERM')
    // The pipes close when the last of them is gone, the installing child included.
    expect((await ended).code).toBe(143)
    expect(existsSync(join(folder, '.holdfast', 'setup.lock'))).toBe(false)
  })

  test('a failed install has its exit code and leaves no stamp; a failed build too', async () => {
    npmDoes('process.exit(7)')
    expect((await setUp()).code).toBe(7)
    npmDoes('', 'process.exit(2)')
    expect((await setUp()).code).toBe(2)
    expect(log()).toEqual(['begin', 'begin', 'end', 'build'])
  })

  test('a pinned Node that does not run here is one line with what to do', async () => {
    npmDoes(`rmSync('node_modules/.bin/node'); writeFileSync('node_modules/.bin/node', '#!/nowhere')`)
    const first = await setUp()
    expect(first.code).toBe(1)
    chmodSync(join(folder, 'node_modules', '.bin', 'node'), 0o755)
    const { code, text } = await setUp()
    expect(code).toBe(1)
    expect(text).toMatch(/does not run on this system; install Node >= 24\.15\.0/)
    expect(text.trim().split('\n')).toHaveLength(1)
  })
})
