/**
 * The browser of the browser tests: one that is here, else one that is fetched now. It never answers "none":
 * a test run without its browser tests would look green and mean nothing.
 *
 *     node scripts/chromium.mjs        prints the path
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptCommand, installByApt } from './apt.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
/** Without a font of its own a fresh machine draws boxes, and screenshots show nothing. */
const PACKAGES = ['chromium', 'fonts-dejavu-core', 'fonts-noto-core']

/** @returns {string} the path of an executable Chromium @throws when there is none and none can be fetched */
export function findChromium() {
  const found = named() ?? onPath() ?? cached()
  if (found !== undefined) return found
  // Whatever fetched it says so on stderr: stdout carries the path alone.
  console.error('no Chromium here; fetching one …')
  const fetched = (installByApt(PACKAGES) ? onPath() : undefined) ?? (byPlaywright() ? cached() : undefined)
  if (fetched !== undefined) return fetched
  throw new Error(`The browser tests need Chromium and it could not be fetched. Type: ${oneCommand()}`)
}

function named() {
  const path = process.env.HOLDFAST_CHROMIUM
  if (path === undefined || path === '') return undefined
  if (!isExecutable(path)) throw new Error(`HOLDFAST_CHROMIUM names ${path}, which is not an executable file.`)
  return path
}

function onPath(names = NAMES) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** The place where `playwright install` puts the Chromium that belongs to the installed version of Playwright. */
function cached() {
  try {
    const path = createRequire(join(root, 'package.json'))('@playwright/test').chromium.executablePath()
    return isExecutable(path) ? path : undefined
  } catch {
    return undefined
  }
}

function byPlaywright() {
  const program = join(root, 'node_modules', '@playwright', 'test', 'cli.js')
  return existsSync(program) && succeeds(process.execPath, [program, 'install', 'chromium'])
}

function oneCommand() {
  if (onPath(['apt-get']) === undefined) return 'npx playwright install --with-deps chromium'
  return aptCommand(PACKAGES)
}

function succeeds(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 'inherit'] }).status === 0
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(findChromium())
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
