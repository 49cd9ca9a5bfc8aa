/**
 * The nginx of the tests: one that is here, else one that is installed now. It never answers "none": a test run without
 * it would look green and mean nothing.
 *
 *     node scripts/nginx.mjs        prints the path of the program
 */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptCommand, installByApt } from './apt.mjs'

const PACKAGES = ['nginx']

/** @returns {string} the program @throws when there is none and none can be installed */
export function findNginx() {
  const found = installed()
  if (found !== undefined) return found
  console.error('no nginx here; installing one …')
  const fetched = install() ? installed() : undefined
  if (fetched !== undefined) return fetched
  const command = process.platform === 'darwin' ? 'brew install nginx' : aptCommand(PACKAGES)
  throw new Error(`The tests of the gateway need nginx and it could not be installed. Type: ${command}`)
}

function installed() {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter((one) => one !== ''), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
  return folders.map((folder) => join(folder, 'nginx')).find(isExecutable)
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
  if (spawnSync('apt-get', ['--version']).status === 0) return withoutStart(() => installByApt(PACKAGES))
  return spawnSync('brew', ['--version']).status === 0 && spawnSync('brew', ['install', 'nginx'], { stdio: ['ignore', 2, 2] }).status === 0
}

const POLICY = '/usr/sbin/policy-rc.d'

/** Debian's package would start a server of its own on port 80: while it is installed, nothing is started (invoke-rc.d, exit code 101). */
function withoutStart(act) {
  // Where one is in place already, somebody else has decided; and it takes root to say so.
  const ours = process.getuid?.() === 0 && !existsSync(POLICY)
  if (ours) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n')
    chmodSync(POLICY, 0o755)
  }
  try {
    return act()
  } finally {
    if (ours) rmSync(POLICY, { force: true })
  }
}
