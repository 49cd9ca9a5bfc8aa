import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { environment } from '../run.mjs'

const BOOT_SECONDS = 120

/** Without what npm says of this repository to the scripts that it runs: it would hold for the application's npm too. */
export function apart() {
  const ours = ([name]) => !name.startsWith('npm_') || name === 'npm_config_cache' || name === 'npm_config_registry'
  return Object.fromEntries(Object.entries({ ...environment, NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' }).filter(ours))
}

/**
 * `npm start` in the folder of an application, until it prints where to go.
 * @returns {Promise<{ url: string, issuer: string, person: { username: string, password: string } | undefined, folder: string, env: Record<string, string>, stop: () => Promise<void> }>}
 */
export async function start(folder) {
  const [port, holdfastPort] = await freePorts(2)
  const env = { ...apart(), PORT: String(port), HOLDFAST_PORT: String(holdfastPort) }
  // A group of its own, so that all of it can be ended by its id, as Ctrl-C does in a terminal.
  const child = spawn('npm', ['start'], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  let printed = ''
  const said = (name) => new RegExp(`^  ${name} +(.+)$`, 'm').exec(printed)?.[1]
  const ready = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing was ready within ${BOOT_SECONDS} s:\n${printed}`)), BOOT_SECONDS * 1000)
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        printed += chunk
        if (!/^  open +.+\n[\s\S]*\n$/m.test(printed)) return
        clearTimeout(timer)
        resolve()
      })
    void ended.then(() => {
      clearTimeout(timer)
      reject(new Error(`npm start ended:\n${printed}`))
    })
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      signal(child.pid, 'SIGINT')
      const late = setTimeout(() => signal(child.pid, 'SIGKILL'), 15_000)
      await ended
      clearTimeout(late)
    }
    for (const one of [port, holdfastPort])
      if (!(await isFree(one))) throw new Error(`port ${one} is still taken after the end:\n${printed}`)
  }
  try {
    await ready
  } catch (error) {
    signal(child.pid, 'SIGKILL')
    throw error
  }
  const [username, password] = [said('sign in as'), said('password')]
  const person = username === undefined || password === undefined ? undefined : { username, password }
  return { url: said('open'), issuer: said('Holdfast'), person, folder, env, stop }
}

function signal(group, name) {
  try {
    process.kill(-group, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Held together, so that they are different ones. */
async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, 'localhost', () => resolve(server))
  })
}

async function isFree(port) {
  try {
    const server = await listen(port)
    await new Promise((resolve) => server.close(resolve))
    return true
  } catch {
    return false
  }
}
