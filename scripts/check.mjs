/**
 * `npm run check`: what the tests do not see. Each step runs, whatever the one before said; the last line sums up.
 * `npm run check -- --update` writes the formatting and each package's api.md instead of comparing them.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { apiOf } from './api.mjs'
import { packAll, publishable, strays } from './pack.mjs'
import { root, run, secondsSince } from './run.mjs'

const update = process.argv.includes('--update')
const tarballs = mkdtempSync(join(tmpdir(), 'holdfast-check-'))

/** @type {(command: string, ...args: string[]) => () => Promise<string>} what it printed when it failed, else nothing */
const program =
  (command, ...args) =>
  async () => {
    const { code, output, error } = await run(command, args, { quiet: true })
    return code === 0 ? '' : `${output}${error}`.trim() || `${command} ended with exit code ${code}`
  }

async function api() {
  const faults = []
  for (const { folder, manifest } of publishable()) {
    const path = join(folder, 'api.md')
    let is
    try {
      is = apiOf(folder)
    } catch (error) {
      faults.push(`${manifest.name}: ${error.message}`)
      continue
    }
    if (update) writeFileSync(path, is)
    else if (!existsSync(path)) faults.push(`${relative(root, path)} is missing`)
    else faults.push(...differences(relative(root, path), readFileSync(path, 'utf8'), is))
  }
  return faults.length === 0
    ? ''
    : `${faults.join('\n')}\nThe public API moved. If that is meant: npm run check -- --update, and a line in CHANGELOG.md.`
}

function differences(path, recorded, is) {
  if (recorded === is) return []
  const [before, after] = [recorded.split('\n'), is.split('\n')]
  const lines = (mark, some, others) => some.filter((line) => !others.includes(line)).map((line) => `  ${mark} ${line}`)
  return [path, ...lines('-', before, after), ...lines('+', after, before)]
}

async function packages() {
  const faults = []
  for (const { name, tarball, files } of await packAll(tarballs)) {
    for (const path of strays(files)) faults.push(`${name}: ${path} does not belong into the package`)
    for (const step of [program('publint', tarball, '--strict'), program('attw', tarball, '--profile', 'esm-only', '--no-emoji')]) {
      const fault = await step()
      if (fault !== '') faults.push(`${name}:\n${fault}`)
    }
  }
  return faults.join('\n')
}

const STEPS = {
  'types of the tests': program('tsc', '-p', 'tsconfig.test.json'),
  lint: program('oxlint', '--type-aware', '--deny-warnings'),
  format: update ? program('oxfmt', '.') : program('oxfmt', '--check', '.'),
  'api.md': api,
  knip: program('knip', '--no-config-hints', '--no-progress'),
  'sizes of guard, mount and the explorer': program('size-limit'),
  'packed packages (publint, attw)': packages,
}

const failed = []
try {
  for (const [name, step] of Object.entries(STEPS)) {
    const started = Date.now()
    const fault = await step().catch((error) => String(error.stack))
    console.log(`${fault === '' ? 'good' : 'BAD '} ${name} (${secondsSince(started)} s)`)
    if (fault !== '') console.log(`${fault.replaceAll(/^/gm, '     ')}\n`)
    if (fault !== '') failed.push(name)
  }
} finally {
  rmSync(tarballs, { recursive: true, force: true })
}
console.log(failed.length === 0 ? 'all checks are good' : `bad: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
