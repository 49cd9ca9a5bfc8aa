/** Starts the processes of the bench, each on its core, and reads what they use. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const pinnedNode = fileURLToPath(new URL(`../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url))
/** The Node that the product runs under. */
export const node = existsSync(pinnedNode) ? pinnedNode : process.execPath
export const nodeVersion = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
export const pinned = process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0

const START_TIMEOUT = 20_000
const STOP_TIMEOUT = 5_000

/** A process of ours. It ends when it is told to, and when its parent is gone. */
export class Process {
  #child
  #asked = new Map()
  #ids = 0
  startMilliseconds

  /** @param options.core the core it may use; `nodeOptions`: e.g. --cpu-prof */
  static async start(script, args, { core, nodeOptions = [] }) {
    const command = [node, ...nodeOptions, here + script, ...args]
    const [program, ...rest] = pinned ? ['taskset', '-c', String(core), ...command] : command
    const begun = performance.now()
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, NODE_ENV: 'production' } })
    const started = new Process(child)
    child.stderr.on('data', (chunk) => {
      // The peer warns of its sign-in pages, which are for development; they are used before the timed windows only.
      if (!String(chunk).includes('oidc-provider WARNING')) process.stderr.write(`${script}: ${chunk}`)
    })
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${script} did not listen within ${START_TIMEOUT} ms`)), START_TIMEOUT)
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`${script} ended at its start with ${code}`)))
      child.stdout.on('data', (chunk) => {
        if (!String(chunk).includes('listening')) return
        clearTimeout(timer)
        resolve()
      })
    })
    started.startMilliseconds = performance.now() - begun
    child.removeAllListeners('exit')
    return started
  }

  constructor(child) {
    this.#child = child
    child.on('message', (message) => {
      const waiting = this.#asked.get(message.id ?? 0)
      this.#asked.delete(message.id ?? 0)
      if (message.error !== undefined) waiting?.reject(new Error(message.error))
      else waiting?.resolve(message.result ?? message)
    })
  }

  get pid() {
    return this.#child.pid
  }

  ask(command, input = {}) {
    const id = ++this.#ids
    return this.#say({ id, command, ...input }, id)
  }

  /** For a process that answers one bare message with one. */
  tell(message) {
    return this.#say(message, 0)
  }

  #say(message, id) {
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#child.once('exit', () => reject(new Error('the process ended')))
      this.#child.send(message)
    }).finally(() => this.#child.removeAllListeners('exit'))
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    await new Promise((resolve) => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT)
      this.#child.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      this.#child.kill('SIGTERM')
    })
  }

  /** Megabytes resident, now and at most; undefined where the system does not say. */
  memory() {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
      const megabytes = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024)
      return { now: megabytes('VmRSS'), most: megabytes('VmHWM') }
    } catch {
      return undefined
    }
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
