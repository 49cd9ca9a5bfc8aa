/**
 * `npm run check:pack`: packs what is published, installs the tarballs into an empty project, and imports every entry
 * with the oldest and the newest Node that each package names, as a user's program would.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll, strays } from './pack.mjs'
import { run } from './run.mjs'

const NODES = ['22.23.3', '26.10.0']
/** Entries that run only in a host of their own: they have to be found, and are not started here. */
const HOSTED = new Set(['@holdfast/store/contract', '@holdfast/store-sqlite/worker'])

const project = mkdtempSync(join(tmpdir(), 'holdfast-pack-'))
try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}

async function main() {
  const packed = await packAll(project)
  const faults = packed.flatMap(({ name, files }) => strays(files).map((path) => `${name}: ${path} does not belong into the package`))
  const nodes = NODES.map((version) => [`node${version.split('.')[0]}`, `npm:node-${process.platform}-${process.arch}@${version}`])
  const dependencies = Object.fromEntries([...packed.map(({ name, tarball }) => [name, `file:${tarball}`]), ...nodes])
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'a-user', private: true, type: 'module', dependencies }))
  const { code, output, error } = await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--force'], {
    cwd: project,
    quiet: true,
  })
  if (code !== 0) throw new Error(`The tarballs, or a Node to try them with, could not be installed:\n${output}${error}`)

  for (const version of NODES) faults.push(...(await tryWith(version, packed)))
  for (const fault of faults) console.log(fault)
  console.log(faults.length === 0 ? 'all packages are good' : `${faults.length} faults`)
  return faults.length === 0
}

async function tryWith(version, packed) {
  const node = join(project, 'node_modules', `node${version.split('.')[0]}`, 'bin', 'node')
  const fit = packed.filter(({ manifest }) => satisfies(version, manifest.engines.node))
  const faults = []
  let tried = 0
  for (const { name, manifest } of fit) {
    for (const entry of entriesOf(manifest)) {
      tried += 1
      const code = HOSTED.has(entry)
        ? `import.meta.resolve('${entry}')`
        : `if (Object.keys(await import('${entry}')).length === 0) throw new Error('exports nothing')`
      faults.push(...(await start(node, ['--input-type=module', '--eval', code], `Node ${version}: ${entry}`)))
    }
    for (const program of Object.values(manifest.bin ?? {})) {
      tried += 1
      faults.push(...(await start(node, [join('node_modules', name, program), '--version'], `Node ${version}: ${name} --version`)))
    }
  }
  console.log(`Node ${version}: ${tried} entries of ${fit.length} packages, ${faults.length} bad`)
  return faults
}

async function start(node, args, what) {
  const { code, output, error } = await run(node, args, { cwd: project, quiet: true })
  const printed = `${output}${error}`.trim()
  if (code !== 0) return [`${what}: ${printed.split('\n').slice(0, 8).join('\n  ')}`]
  return /warning/i.test(error) ? [`${what} warns: ${error.trim().split('\n')[0]}`] : []
}

function entriesOf({ name, exports }) {
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path]) => `${name}${path.slice(1)}`)
}

/** `>=22.12` is all that our manifests say. */
function satisfies(version, range) {
  const [major, minor] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor = 0] = range.replace('>=', '').split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}
