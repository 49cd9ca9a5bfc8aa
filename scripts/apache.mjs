/**
 * The Apache of `npm run interop`, with mod_auth_openidc: one that is here, else one that is installed now.
 * Only the program and its modules: the package `apache2` would also start a server of its own on port 80.
 *
 *     node scripts/apache.mjs        prints the path of the program
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { aptCommand, installByApt } from './apt.mjs'

const PACKAGES = ['apache2-bin', 'libapache2-mod-auth-openidc']
const PROGRAM = '/usr/sbin/apache2'
const MODULES = '/usr/lib/apache2/modules'

/** @returns {{ program: string, modules: string }} @throws when there is none and none can be installed */
export function findApache() {
  if (!installed()) {
    console.error('no Apache with mod_auth_openidc here; installing one …')
    if (!installByApt(PACKAGES) || !installed())
      throw new Error(`mod_auth_openidc is not here and could not be installed. Type: ${aptCommand(PACKAGES)}`)
  }
  return { program: PROGRAM, modules: MODULES }
}

const installed = () => existsSync(PROGRAM) && existsSync(`${MODULES}/mod_auth_openidc.so`)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(findApache().program)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
