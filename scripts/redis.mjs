/**
 * The Redis (or Valkey) of the tests: one that is here, else one that is installed now. It never answers "none":
 * a test run without its Redis tests would look green and mean nothing.
 *
 *     node scripts/redis.mjs        prints its program
 */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptCommand, installByApt } from './apt.mjs'

/** @returns {string} the path of redis-server or valkey-server @throws when there is none and none can be installed */
export function findRedis() {
  const found = installed()
  if (found !== undefined) return found
  console.error('no Redis here; installing one …')
  const fetched = install() ? installed() : undefined
  if (fetched !== undefined) return fetched
  throw new Error(`The tests of store-redis need Redis and it could not be installed. Type: ${oneCommand()}`)
}

function installed() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  return folders
    .filter((folder) => folder !== '')
    .flatMap((folder) => [join(folder, 'redis-server'), join(folder, 'valkey-server')])
    .find((path) => isExecutable(path))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function install() {
  if (spawnSync('apt-get', ['--version']).status === 0) return installByApt(['redis-server'])
  return spawnSync('brew', ['--version']).status === 0 && spawnSync('brew', ['install', 'redis'], { stdio: ['ignore', 2, 2] }).status === 0
}

function oneCommand() {
  return process.platform === 'darwin' ? 'brew install redis' : aptCommand(['redis-server'])
}

/** Every write is on the disk before it is answered, and a log with a torn end is not loaded: what a store needs. */
export const DURABLE = { appendonly: 'yes', appendfsync: 'always', 'aof-load-truncated': 'no', save: '' }

/**
 * A server of its own in `folder`, which is made: on 127.0.0.1 at a free port, with a password.
 * @param {Readonly<Record<string, string>>} settings as in redis.conf
 * @returns {Promise<{ readonly folder: string, readonly url: string, readonly pid: number | undefined, stop(signal?: NodeJS.Signals): Promise<void>, start(): Promise<void>, repair(): void, remove(): Promise<void> }>}
 */
export async function createRedis(folder, settings = DURABLE) {
  const program = findRedis()
  const password = randomBytes(12).toString('hex')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let port = 0
  let running
  const server = {
    folder,
    get url() {
      return `redis://:${password}@127.0.0.1:${port}`
    },
    get pid() {
      return running?.pid
    },
    async start() {
      for (let tries = 3; running === undefined; tries--) {
        // The port may be taken between the look and the start; after the first start it stays.
        if (port === 0 || tries < 3) port = await freePort()
        const all = { dir: folder, bind: '127.0.0.1', port: String(port), requirepass: password, databases: '4', ...settings }
        const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
        const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
        endWithUs(child)
        const said = await ready(child)
        // A test that failed and did not stop it is not kept alive by it.
        for (const handle of [child, child.stdout]) handle.unref()
        if (said === undefined) running = child
        else if (tries === 0) throw new Error(`redis did not start: ${said}`)
      }
    },
    /** SIGTERM: in order. SIGKILL: as if it crashed. */
    async stop(signal = 'SIGTERM') {
      const child = running
      running = undefined
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      child.ref()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await ended
    },
    /** What an operator does where the end of the log is torn. */
    repair() {
      const logs = join(folder, 'appendonlydir')
      const manifest = join(logs, readdirSync(logs).find((name) => name.endsWith('.manifest')) ?? '')
      const { status, stdout } = spawnSync(program.replace(/server$/, 'check-aof'), ['--fix', manifest], { input: 'y\n', encoding: 'utf8' })
      if (status !== 0) throw new Error(`the log cannot be repaired: ${stdout}`)
    },
    async remove() {
      await server.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** However this process ends, a watcher whose pipe from here breaks kills the server. */
function endWithUs(child) {
  if (child.pid === undefined) return
  const watcher = spawn('sh', ['-c', `read over || kill -9 ${child.pid}`], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  watcher.stdin.on('error', () => {})
  for (const handle of [watcher, watcher.stdin]) handle.unref()
  child.once('exit', () => watcher.stdin.end('over\n'))
}

/** Resolves to nothing when it accepts connections, to what it said when it ended instead. */
function ready(child) {
  return new Promise((resolve) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000)
      if (said.includes('Ready to accept connections')) resolve(undefined)
    })
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(said))
  })
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(findRedis())
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
