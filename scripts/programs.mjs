/**
 * Programs of Debian that tests need: one that is here, else one that is installed now. It never answers "none": a test run
 * without it would look green and mean nothing.
 */
import { accessSync, chmodSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { aptCommand, installByApt } from './apt.mjs'

/** @returns {string} the program's path @throws when there is none and none can be installed */
export function findProgram(name, packages) {
  const found = installed(name)
  if (found !== undefined) return found
  console.error(`no ${name} here; installing one …`)
  const fetched = withoutStart(() => installByApt(packages)) ? installed(name) : undefined
  if (fetched !== undefined) return fetched
  throw new Error(`The tests need ${name} and it could not be installed. Type: ${aptCommand(packages)}`)
}

function installed(name) {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter).filter((one) => one !== ''),
    '/usr/sbin',
    '/usr/local/sbin',
    '/opt/homebrew/bin',
  ]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const POLICY = '/usr/sbin/policy-rc.d'

/** A package may start a server of its own, such as on port 80: not while it is installed here (exit code 101 of policy-rc.d). */
function withoutStart(install) {
  // Where somebody has said already what may start, that stands; and it takes root to say it.
  const ours = process.getuid?.() === 0 && !existsSync(POLICY)
  if (ours) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n')
    chmodSync(POLICY, 0o755)
  }
  try {
    return install()
  } finally {
    if (ours) rmSync(POLICY, { force: true })
  }
}

/** Servers refuse to run as root, or change what they do: then as a user of their own, or as nobody. */
export function ordinaryUser(name = 'nobody') {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const [, , uid, gid] = users.find(([one]) => one === name) ?? users.find(([one]) => one === 'nobody') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
