/**
 * The clients, and how each comes into its own folder. A program gets the path of `world.json` and prints one line of JSON for
 * each feature: `{feature, outcome: passed | failed | unsupported, detail}`, and one `{versions: {library: version}}`.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MCP_HOST, RELYING_PARTY } from './features.mjs'
import { folder as mcpServer } from './mcp-server.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
/** Milliseconds for one step of an installation. */
const LONGEST = 300_000
const cache = join(here, '.cache')
const of = (name, file) => join(here, 'clients', name, file)

/** `must`: the run is not complete without it. `prepare` gives the command, or throws the reason why there is none. */
export const CLIENTS = [
  script('openid-client'),
  script('oauth4webapi'),
  script('mcp-sdk'),
  { ...script('mcp-host'), asks: MCP_HOST },
  { name: 'authlib', language: 'Python', prepare: () => python('authlib') },
  { name: 'requests-oauth2client', language: 'Python', prepare: () => python('requests-oauth2client') },
  { name: 'go-oauth2', language: 'Go', prepare: go },
  {
    name: 'nimbus',
    language: 'Java',
    prepare: async () => ['java', '-cp', await java('nimbus', ['Main', 'Flow', 'Code', 'Direct', 'Logout']), 'Main'],
  },
  { ...script('express-openid-connect'), asks: RELYING_PARTY },
  { ...script('auth-core'), asks: RELYING_PARTY },
  { ...script('passport'), asks: RELYING_PARTY },
  { name: 'oidc-client-ts', language: 'JavaScript', asks: RELYING_PARTY, prepare: () => withPrograms('oidc-client-ts', ['chromium']) },
  { name: 'spring', language: 'Java', asks: RELYING_PARTY, prepare: spring },
  { name: 'mod_auth_openidc', language: 'C', asks: RELYING_PARTY, prepare: () => withPrograms('mod_auth_openidc', ['chromium', 'apache']) },
]

function script(name) {
  return { name, language: 'JavaScript', must: true, prepare: () => Promise.resolve([process.execPath, of(name, 'client.mjs')]) }
}

/** Its program starts them; here they only come onto the machine. */
async function withPrograms(name, programs) {
  for (const program of programs) await step(process.execPath, [join(here, '..', 'scripts', `${program}.mjs`)])
  return [process.execPath, of(name, 'client.mjs')]
}

/** Those of the clients, and of the MCP server that is tried. @throws {Error} what npm said */
export async function installPackages() {
  for (const [name, folder] of [
    ['npm', here],
    ['mcp-server', mcpServer],
  ]) {
    if (!existsSync(join(folder, 'node_modules'))) rmSync(join(cache, `${name}.stamp`), { force: true })
    await once(name, [join(folder, 'package-lock.json')], () => step('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund']))
  }
}

async function python(name) {
  const folder = join(cache, name)
  const program = join(folder, 'bin', 'python')
  await once(name, [of(name, 'requirements.txt')], async () => {
    rmSync(folder, { recursive: true, force: true })
    await step('python3', ['-m', 'venv', folder])
    await step(program, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', of(name, 'requirements.txt')])
  })
  await step(program, ['--version'])
  return [program, of(name, 'client.py')]
}

async function go() {
  const program = join(cache, 'go-client')
  await step('go', ['mod', 'download'], of('go', '.'))
  await build('go', ['build', '-trimpath', '-o', program, '.'], of('go', '.'))
  return [program]
}

/** @returns its classpath, built from `sources` below its src/main/java */
async function java(name, sources) {
  const target = join(cache, name)
  await step('java', ['-version'])
  const files = sources.map((file) => of(name, `src/main/java/${file}.java`))
  const classpath = join(target, 'classpath')
  await once(name, [of(name, 'pom.xml')], async () => {
    await step('mvn', ['-q', '-B', '-ntp', '-f', of(name, 'pom.xml'), 'dependency:build-classpath', `-Dmdep.outputFile=${classpath}`])
  })
  const libraries = readFileSync(classpath, 'utf8').trim()
  await once(`${name}-classes`, files, async () => {
    await build('javac', ['--release', '17', '-d', join(target, 'classes'), '-cp', libraries, ...files])
  })
  return `${join(target, 'classes')}:${libraries}`
}

async function spring() {
  await java('spring', ['interop/Application', 'interop/Pages'])
  return [process.execPath, of('spring', 'client.mjs')]
}

/** Does the work when it was never done for these very files. */
async function once(name, files, work) {
  const hash = createHash('sha256')
  for (const file of files) if (existsSync(file)) hash.update(readFileSync(file))
  const wanted = hash.digest('hex')
  mkdirSync(cache, { recursive: true })
  const stamp = join(cache, `${name}.stamp`)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  await work()
  writeFileSync(stamp, wanted)
}

/** What is built here is ours: when that fails, no registry is the reason, and the client's cells have failed. */
async function build(...what) {
  try {
    await step(...what)
  } catch (error) {
    throw Object.assign(error, { ours: error.code !== 'ENOENT' })
  }
}

/** @throws {Error} one line of what the command said */
function step(command, args, cwd = here) {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, timeout: LONGEST, killSignal: 'SIGKILL', maxBuffer: 64 << 20 }, (error, output, said) => {
      if (error === null) return resolve()
      const lines = `${said}\n${output}`.split('\n').filter((line) => line.trim() !== '')
      const late = error.killed ? `not done after ${LONGEST / 1000} s; ` : ''
      const told = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? error.message
      reject(Object.assign(new Error(`${command} ${args[0]}: ${late}${told.trim().slice(0, 200)}`), { code: error.code }))
    })
  })
}
