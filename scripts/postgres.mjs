/**
 * The PostgreSQL of the tests: one that is here, else one that is installed now. It never answers "none":
 * a test run without its PostgreSQL tests would look green and mean nothing.
 *
 *     node scripts/postgres.mjs        prints the folder of its programs
 */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, chownSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptCommand, installByApt } from './apt.mjs'
import { freePort, ordinaryUser } from './programs.mjs'

const NEEDED = ['initdb', 'postgres']

/** @returns {string} the folder of initdb and postgres @throws when there is none and none can be installed */
export function findPostgres() {
  const found = installed()
  if (found !== undefined) return found
  console.error('no PostgreSQL here; installing one …')
  const fetched = install() ? installed() : undefined
  if (fetched !== undefined) return fetched
  throw new Error(`The tests of store-postgres need PostgreSQL and it could not be installed. Type: ${oneCommand()}`)
}

function installed() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  // Debian and Homebrew keep the programs of a server out of PATH, one folder for each version: the newest first.
  const versions = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'].flatMap((parent) =>
    (existsSync(parent) ? readdirSync(parent) : [])
      .filter((name) => /^(postgresql@?)?\d*$/.test(name))
      .sort((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
      .map((name) => join(parent, name, 'bin')),
  )
  return [...folders, ...versions, '/usr/pgsql/bin'].find((folder) => NEEDED.every((name) => isExecutable(join(folder, name))))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const succeeds = (command, args) => spawnSync(command, args, { stdio: ['ignore', 2, 2] }).status === 0

function install() {
  if (spawnSync('apt-get', ['--version']).status === 0) return installByApt(['postgresql'])
  return spawnSync('brew', ['--version']).status === 0 && succeeds('brew', ['install', 'postgresql@17'])
}

function oneCommand() {
  if (process.platform === 'darwin') return 'brew install postgresql@17'
  return aptCommand(['postgresql'])
}

/**
 * A server of its own in `folder`, which is made: on 127.0.0.1 at a free port, with its data flushed as in production.
 * @returns {Promise<{ url(database: string): string, port: number, pid: number, stop(signal?: NodeJS.Signals): Promise<void>, start(): Promise<void> }>}
 */
export async function createCluster(folder) {
  const programs = findPostgres()
  // PostgreSQL refuses to run as root.
  const owner = ordinaryUser('postgres')
  const data = join(folder, 'data')
  const password = randomBytes(12).toString('hex')
  const secret = join(folder, 'password')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  writeFileSync(secret, `${password}\n`, { mode: 0o600 })
  if (owner.uid !== undefined) for (const path of [folder, data, secret]) chownSync(path, owner.uid, owner.gid)
  const environment = {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    ...(process.env.LD_LIBRARY_PATH && { LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH }),
  }
  const options = { ...owner, cwd: folder, env: environment }
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--no-locale', '--auth=scram-sha-256', `--pwfile=${secret}`, '--no-sync'],
    { ...options, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`)
  let running
  const cluster = {
    url: (database) => `postgres://postgres:${password}@127.0.0.1:${cluster.port}/${database}`,
    port: 0,
    get pid() {
      return running?.pid
    },
    async start() {
      for (let tries = 3; running === undefined; tries--) {
        // The port may be taken between the look and the start; after the first start it stays.
        if (cluster.port === 0 || tries < 3) cluster.port = await freePort()
        const settings = {
          listen_addresses: '127.0.0.1',
          port: cluster.port,
          unix_socket_directories: folder,
          shared_buffers: '32MB',
          max_connections: 60,
        }
        const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
        const child = spawn(join(programs, 'postgres'), ['-D', data, ...args], { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
        const said = await ready(child)
        if (said === undefined) running = child
        else if (tries === 0) throw new Error(`postgres did not start: ${said}`)
      }
    },
    /** SIGINT: connections are cut, what is committed is written. SIGQUIT: as if it crashed. */
    async stop(signal = 'SIGINT') {
      const child = running
      running = undefined
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await ended
    },
  }
  await cluster.start()
  return cluster
}

/** Resolves to nothing when it accepts connections, to what it said when it ended instead. */
function ready(child) {
  return new Promise((resolve) => {
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000)
      if (said.includes('ready to accept connections')) resolve(undefined)
    })
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(said))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(findPostgres())
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
