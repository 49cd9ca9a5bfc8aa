/** The published program as a process of its own, with the configuration of this run. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../packages/holdfast/bin/holdfast.cjs', import.meta.url))

/** How the server says that it does not know what the configuration has for it. */
const UNKNOWN = { exchange: /grant_types\[0\] must be one of/, logout: /post_logout_redirect_uris/ }

/**
 * With all that the clients can use; without what this server says it does not know.
 * @returns the metadata, the log so far, and how to end it
 */
export async function startServer(configurationFor, folder, authority) {
  const having = { exchange: true, logout: true }
  for (;;)
    try {
      return await start(configurationFor(having), folder, authority)
    } catch (error) {
      const unknown = Object.keys(UNKNOWN).filter((name) => having[name] && UNKNOWN[name].test(error.message))
      if (unknown.length === 0) throw error
      for (const name of unknown) having[name] = false
    }
}

async function start(configuration, folder, authority) {
  const file = join(folder, 'holdfast.config.yaml')
  writeFileSync(file, JSON.stringify(configuration, undefined, 2), { mode: 0o600 })
  const child = spawn(process.execPath, [program, 'serve', '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Documents of clients come from a host whose certificate this authority signed.
    env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
  })
  let log = ''
  const stop = async () => {
    if (child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        log += data.toString()
        if (log.includes('listening')) resolve()
      })
    child.once('exit', (code) => reject(new Error(`holdfast serve ended with ${code}\n${log}`)))
  })
  const metadata = await (await fetch(`${configuration.issuer}/.well-known/openid-configuration`)).json()
  return { metadata, log: () => log, stop }
}
