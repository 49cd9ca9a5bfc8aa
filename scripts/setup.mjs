/**
 * What `npm start`, `npm test` and their like need before they run: the packages of the lock file, and a build.
 * Plain JavaScript for Node 20, and nothing imported but Node itself: it runs before anything is installed.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const OLDEST_NODE = '24.15.0'
/** Platforms for which the lock file brings its own Node: see `optionalDependencies` in package.json. */
const PINNED = ['linux-x64', 'linux-arm64']
const platform = `${process.platform}-${process.arch}`

// `npm ci` deletes node_modules, so the lock lives elsewhere. The stamp lives inside and is deleted with it.
const stateFolder = join(root, '.holdfast')
const lockFile = join(stateFolder, 'setup.lock')
const stampFile = join(root, 'node_modules', '.holdfast-stamp')
const siteScript = join(root, 'packages', 'explorer', 'scripts', 'site.mjs')
const pinnedNode = join(root, 'node_modules', '.bin', 'node')

class Stop extends Error {
  /** @param {string} line what a person has to do */
  constructor(line, exitCode = 1) {
    super(line)
    this.exitCode = exitCode
  }
}

const started = Date.now()
/** The command that runs now: it must not outlive the turn of this process. */
let running
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`

try {
  await main()
} catch (error) {
  if (!(error instanceof Stop)) throw error
  if (error.message !== '') console.error(error.message)
  process.exitCode = error.exitCode
}

async function main() {
  if (!PINNED.includes(platform)) requireRecent(process.versions.node)
  const release = await takeTurn()
  try {
    const parts = [await install(), await build()]
    console.log(`set up in ${seconds(started)} (${parts.join(', ')})`)
  } finally {
    release()
  }
}

async function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(platform)
    .digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return 'packages were in place'
  const since = Date.now()
  console.log('installing the packages of package-lock.json …')
  // Whatever NODE_ENV or a user's npm settings say: the build needs the compiler, and Linux its pinned Node.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund']
  const npm = process.env.npm_execpath
  if (npm === undefined) await run('npm', args)
  else await run(process.env.npm_node_execpath ?? process.execPath, [npm, ...args])
  writeFileSync(stampFile, wanted)
  return `npm ci ${seconds(since)}`
}

async function build() {
  const since = Date.now()
  const node = await recentNode()
  await run(node, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'])
  const compiled = `build ${seconds(since)}`
  // The page of the flow explorer is bundled for browsers; the script sees for itself whether that is done.
  if (!existsSync(siteScript)) return compiled
  const then = Date.now()
  await run(node, [siteScript])
  return `${compiled}, page ${seconds(then)}`
}

/** The Node that scripts run on from now on: `npm run` puts node_modules/.bin first in PATH. */
async function recentNode() {
  if (!existsSync(pinnedNode)) {
    requireRecent(process.versions.node)
    return process.execPath
  }
  const version = await run(pinnedNode, ['--version'], 'pipe').catch(() => undefined)
  if (version === undefined)
    throw new Stop(
      `The Node that came with the packages does not run on this system; install Node >= ${OLDEST_NODE} and run npm ci --omit=optional.`,
    )
  return pinnedNode
}

function requireRecent(version) {
  const [major, minor] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE.split('.').map(Number)
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  throw new Stop(
    `Holdfast needs Node >= ${OLDEST_NODE} on ${platform}; this is Node ${version}: install a newer one from https://nodejs.org.`,
  )
}

/** Resolves to what was printed; a failing command ends the set-up with its exit code. */
function run(command, args, output = 'inherit') {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', output, 'inherit'] })
    running = child
    let text = ''
    child.stdout?.on('data', (chunk) => (text += chunk))
    child.on('error', (error) => reject(new Stop(`${command} cannot be started: ${error.message}`)))
    child.on('close', (code, signal) => (code === 0 ? resolve(text) : reject(new Stop('', code ?? (signal === 'SIGINT' ? 130 : 143)))))
  })
}

/** Waits until no other set-up runs in this folder; the lock of a process that is gone is taken over. */
async function takeTurn() {
  mkdirSync(stateFolder, { recursive: true })
  const me = `${process.pid} ${startOf(process.pid)}`
  const mine = `${lockFile}.${process.pid}`
  writeFileSync(mine, me)
  try {
    for (let waited = 0; !link(mine); waited += 1) {
      const owner = read(lockFile)
      if (owner !== undefined && !isAlive(owner)) removeStale(owner, mine)
      else {
        if (waited === 0) console.log('another set-up is running here; waiting for it …')
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
  } finally {
    rmSync(mine, { force: true })
  }
  const release = () => {
    if (read(lockFile) === me) rmSync(lockFile, { force: true })
  }
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.once(signal, () => {
      running?.kill(signal)
      release()
      process.exit(code)
    })
  }
  return release
}

/** A link appears with its content or not at all, so nobody reads a lock without an owner. */
function link(mine) {
  try {
    linkSync(mine, lockFile)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Two may find the same dead owner: what one moves aside may already be the other's fresh lock, which is then put back. */
function removeStale(owner, mine) {
  const aside = `${mine}.stale`
  try {
    renameSync(lockFile, aside)
    if (read(aside) !== owner) linkSync(aside, lockFile)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  }
  rmSync(aside, { force: true })
}

function isAlive(owner) {
  const [pid, start] = owner.split(' ')
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
  return start === startOf(Number(pid))
}

/** Tells a process from a later one with the same number, where the system says when it began. */
function startOf(pid) {
  const stat = read(`/proc/${pid}/stat`)
  return stat === undefined ? 'unknown' : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined
    throw error
  }
}
