import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const shim = fileURLToPath(new URL('../bin/holdfast.cjs', import.meta.url))

/** A copy of the shim in a place of its own, with what it finds on its way up. */
function place(files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-shim-'))
  mkdirSync(join(root, 'bin'))
  cpSync(shim, join(root, 'bin/holdfast.cjs'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), text)
    chmodSync(join(root, name), 0o755)
  }
  return join(root, 'bin/holdfast.cjs')
}

/** A shim that takes the Node it runs under for an old one. */
function aged(path: string): string {
  writeFileSync(path, readFileSync(path, 'utf8').replace('var WANTED = [24, 15]', 'var WANTED = [999, 0]'))
  return path
}

const run = (
  node: string,
  path: string,
  ...argv: readonly string[]
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } => {
  const environment = { ...process.env }
  delete environment['HOLDFAST_RESPAWNED']
  return spawnSync(node, [path, ...argv], { encoding: 'utf8', env: environment, timeout: 30_000 })
}

describe('the shim', () => {
  test('under a Node that is new enough starts the program, without its mark', () => {
    const path = place({
      'dist/main.js': 'console.log(JSON.stringify([process.argv.slice(2), process.env.HOLDFAST_RESPAWNED ?? null]))',
      'package.json': '{"type": "module"}',
    })
    expect(run(process.execPath, path, 'serve', '--port', '1')).toMatchObject({ status: 0, stdout: '[["serve","--port","1"],null]\n' })
  })
  test('under an old one without another says in one line what is needed', () => {
    expect(run(process.execPath, aged(place()), 'serve')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: `holdfast needs Node >= 999.0, found ${process.version}\n`,
    })
  })
  test('under an old one goes on with the Node that is pinned above it: arguments, exit code and signal pass through', () => {
    const pinned = {
      'node_modules/.bin/node': '#!/bin/sh\nshift\ncase "$1" in die) kill -9 $$;; esac\necho "$@ $HOLDFAST_RESPAWNED"\nexit 7\n',
    }
    const path = aged(place(pinned))
    expect(run(process.execPath, path, 'serve', 'a b')).toMatchObject({ status: 7, stdout: 'serve a b 1\n' })
    expect(run(process.execPath, path, 'die')).toMatchObject({ status: null, signal: 'SIGKILL' })
  })
  test('a pinned Node that is old too is not asked for ever', () => {
    const path = aged(place({ 'node_modules/.bin/node': `#!/bin/sh\nexec ${process.execPath} "$@"\n` }))
    expect(run(process.execPath, path)).toMatchObject({ status: 1, stderr: `holdfast needs Node >= 999.0, found ${process.version}\n` })
  })
  test('forwards the signal that it is sent', () => {
    const path = aged(
      place({
        'node_modules/.bin/node':
          "#!/bin/sh\ntrap 'echo told; exit 5' TERM\nkill -TERM $PPID\nfor i in 1 2 3 4 5 6 7 8 9 10; do sleep 1; done\n",
      }),
    )
    expect(run(process.execPath, path)).toMatchObject({ status: 5, stdout: 'told\n' })
  })
  test('is written so that an old Node can read it', () => {
    const text = readFileSync(shim, 'utf8').replaceAll(/\/\/.*|'[^']*'/g, '')
    expect(text).not.toMatch(/=>|`|\b(const|let|class|async|await|import)\b|\?\.|\?\?/)
  })
  const system = '/usr/bin/node'
  const version = existsSync(system) ? spawnSync(system, ['-v'], { encoding: 'utf8' }).stdout : ''
  // Where the system's Node is new there is nothing old to try; the tests above play one.
  if (/^v(1\d|2[0-3])\./.test(version))
    test("under the system's old Node, for real", () => {
      expect(run(system, place())).toMatchObject({ status: 1, stderr: `holdfast needs Node >= 24.15, found ${version}` })
    })
})
