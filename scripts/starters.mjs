/**
 * `npm run starters`: each starter as somebody meets it. Packs what is published, creates the application in an empty
 * folder, installs it, starts it with its one command, and goes from nothing to a signed-in page in a real browser, or
 * to the first call that an API lets in. Then the starter's own types and tests. Not part of `npm test`: it installs much.
 *
 *     npm run starters                 all of them
 *     npm run starters -- spa-bff      some of them; --keep leaves the folder there
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from './pack.mjs'
import { root, run } from './run.mjs'
import { DRIVES } from './starters/drives.mjs'
import { apart, start } from './starters/processes.mjs'
import { table } from './starters/table.mjs'

const keep = process.argv.includes('--keep')
const named = process.argv.slice(2).filter((one) => !one.startsWith('-'))
const place = mkdtempSync(join(tmpdir(), 'holdfast-starters-'))
let running
// A Ctrl-C ends the application too: it is in a process group of its own.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await running?.stop()
    if (!keep) rmSync(place, { recursive: true, force: true })
    process.exit(1)
  })
try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  if (keep) console.log(`kept: ${place}`)
  else rmSync(place, { recursive: true, force: true })
}

async function main() {
  const templates = readdirSync(join(root, 'packages', 'create-holdfast', 'templates'))
  const stranger = named.find((name) => !templates.includes(name))
  if (stranger !== undefined) throw new Error(`${stranger} is no starter; there are ${templates.join(', ')}`)
  const tarballs = join(place, 'tarballs')
  mkdirSync(tarballs)
  const packed = await packAll(tarballs)
  const create = await installCreate(packed.find(({ name }) => name === 'create-holdfast').tarball)
  const results = []
  for (const template of named.length > 0 ? named : templates) results.push(await tryOne(template, create, tarballs))
  console.log(`\n${table(results)}`)
  const bad = results.filter(({ fault }) => fault !== undefined)
  for (const { template, fault } of bad) console.log(`\n${template}: ${fault}`)
  console.log(bad.length === 0 ? '\nall starters are good' : `\nbad: ${bad.map(({ template }) => template).join(', ')}`)
  return bad.length === 0
}

/** `create-holdfast` from its tarball, as `npm create` has it: what packing leaves out is missed here. */
async function installCreate(tarball) {
  const folder = join(place, 'npm-create')
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'npm-create', private: true, dependencies: { 'create-holdfast': `file:${tarball}` } }),
  )
  await succeed('npm', ['install', '--no-audit', '--no-fund'], folder)
  return join(folder, 'node_modules', '.bin', 'create-holdfast')
}

/** One starter, phase by phase; the first fault ends it, and the others go on. */
async function tryOne(template, create, tarballs) {
  const app = join(place, template)
  const times = {}
  const phase = async (name, work) => {
    const since = Date.now()
    console.log(`${template}: ${name} …`)
    const made = await work().catch((error) => {
      throw new Error(`${name}: ${error.message}`)
    })
    times[name] = (Date.now() - since) / 1000
    return made
  }
  try {
    await phase('create', () =>
      succeed(create, [template, '--yes', '--template', template, '--package-manager', 'npm', '--packages', tarballs], place),
    )
    await phase('install', () => succeed('npm', ['install', '--no-audit', '--no-fund'], app))
    running = await phase('boot', () => start(app))
    await phase('tour', async () => {
      const since = Date.now()
      await DRIVES[template](running, { signedIn: () => (times['signed in'] = (Date.now() - since) / 1000) })
      times['signed in'] ??= (Date.now() - since) / 1000
    })
    await running.stop()
    await phase('types', () => succeed('npm', ['run', 'check'], app))
    await phase('own tests', () => succeed('npm', ['test'], app))
    return { template, times }
  } catch (error) {
    return { template, times, fault: error.message }
  } finally {
    await running?.stop()
    running = undefined
  }
}

async function succeed(command, args, cwd) {
  const { code, output, error } = await run(command, args, { cwd, env: apart(), quiet: true })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}${error}`)
}
