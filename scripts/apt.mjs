/** Programs of Debian that tests and runs need, and that no registry of packages for JavaScript has. */
import { spawnSync } from 'node:child_process'

const succeeds = (command, args, output = 2) => spawnSync(command, args, { stdio: ['ignore', output, output] }).status === 0
const isRoot = () => process.getuid?.() === 0

/** @returns {boolean} whether the packages are in place now; what apt-get says goes to stderr */
export function installByApt(packages) {
  if (!succeeds('apt-get', ['--version'], 'ignore')) return false
  if (!isRoot() && !succeeds('sudo', ['-n', 'true'], 'ignore')) return false
  const apt = [...(isRoot() ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q']
  const [command, ...args] = apt
  // An index that is partly out of reach may still name the package: the install decides.
  succeeds(command, [...args, 'update'])
  return succeeds(command, [...args, 'install', '-y', '--no-install-recommends', ...packages])
}

/** What a person types where `installByApt` could not. */
export const aptCommand = (packages) => `${isRoot() ? '' : 'sudo '}apt-get install -y ${packages.join(' ')}`
