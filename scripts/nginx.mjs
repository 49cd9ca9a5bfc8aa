/**
 * The nginx of the tests.
 *
 *     node scripts/nginx.mjs        prints the path of the program
 */
import { spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram, freePort, ordinaryUser } from './programs.mjs'

/** @returns {string} the program @throws when there is none and none can be installed */
export const findNginx = () => findProgram('nginx', ['nginx'])

/**
 * A server of its own, on 127.0.0.1 at a free port, in a folder of its own that goes with it.
 * @param {(port: number) => string} written what stands in its `http` block
 * @returns {Promise<{ port: number, said(): string, stop(): Promise<void> }>}
 */
export async function startNginx(written) {
  const program = findNginx()
  const owner = ordinaryUser()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-nginx-'))
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid)
  for (let tries = 3; ; tries--) {
    // The port may be taken between the look and the start.
    const port = await freePort()
    const configuration = join(folder, 'nginx.conf')
    writeFileSync(configuration, framed(folder, written(port)), { mode: 0o644 })
    const options = { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] }
    const child = spawn(program, ['-p', folder, '-c', configuration, '-e', 'stderr'], options)
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-8000)))
    if (await ready(child, () => said)) return { port, said: () => said, stop: () => stop(child, folder) }
    if (tries > 0) continue
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`nginx did not start: ${said}`)
  }
}

/** All that it writes stands in its folder, and it stays in the foreground. */
function framed(folder, http) {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${join(folder, name)};`)
  return `daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
${places.join('\n')}
${http}
}
`
}

/** Its workers run when it listens. */
function ready(child, said) {
  return new Promise((resolve) => {
    child.stderr.on('data', () => {
      if (said().includes('start worker process ')) resolve(true)
    })
    child.once('error', () => resolve(false))
    child.once('exit', () => resolve(false))
  })
}

async function stop(child, folder) {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(findNginx())
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
