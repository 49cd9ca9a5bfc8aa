/** npm run interop [-- --client NAME] [-- --update] [-- --verbose]: see README.md. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CLIENTS, installPackages } from './clients.mjs'
import { FEATURES, LIBRARY, OFFERED } from './features.mjs'
import { count, details, regressions, tables, toKeep, versions } from './report.mjs'

/** Milliseconds that one client may take; CIBA and device polls wait for 5 s each. */
const LONGEST = 180_000
const kept = fileURLToPath(new URL('results.json', import.meta.url))
const { values: options } = parseArgs({
  options: {
    client: { type: 'string', multiple: true },
    update: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})
for (const name of options.client ?? []) if (!CLIENTS.some((client) => client.name === name)) throw new Error(`no client ${name}`)
const chosen = CLIENTS.filter(({ name }) => options.client === undefined || options.client.includes(name))

await installPackages()
const { startApis } = await import('./apis.mjs')
const { startMcpServers } = await import('./mcp-server.mjs')
const { startPerson } = await import('./person.mjs')
const { startServer } = await import('./server.mjs')
const { configuration, newWorld, PERSON, writeSecrets } = await import('./world.mjs')

const folder = mkdtempSync(join(tmpdir(), 'holdfast-interop-'))
const stops = []
const children = new Set()

async function end() {
  for (const child of children) kill(child)
  for (const stop of stops.splice(0).reverse()) await stop()
  rmSync(folder, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end().then(() => process.exit(130)))

try {
  process.exitCode = await main()
} finally {
  await end()
}

async function main() {
  const places = await newWorld(folder)
  const { world, ports } = places
  const file = join(folder, 'world.json')
  writeSecrets(folder)
  const server = await startServer((having) => configuration(places, folder, having), folder, world.authority)
  stops.push(server.stop)
  stops.push(await startApis(places))
  stops.push(await startMcpServers(world))
  stops.push(await startPerson({ ...world, ...PERSON, port: ports.person, endSession: server.metadata.end_session_endpoint }))
  const missing = Object.keys(OFFERED).filter((feature) => !OFFERED[feature](server.metadata))
  writeFileSync(file, JSON.stringify({ ...world, features: Object.keys(FEATURES).filter((feature) => !missing.includes(feature)) }), {
    mode: 0o600,
  })

  const results = []
  for (const client of chosen) {
    const began = Date.now()
    const result = await used(client, file, world)
    for (const feature of missing)
      if (!['unsupported', undefined].includes(result.cells[feature]?.outcome))
        result.cells[feature] = { outcome: 'not run', detail: 'not in this server' }
    results.push(result)
    console.log(
      `${client.name}: ${Object.values(result.cells).filter(({ outcome }) => outcome === 'passed').length} passed in ${((Date.now() - began) / 1000).toFixed(1)} s`,
    )
  }
  if (options.verbose) console.log(server.log())
  return report(results, missing)
}

async function used(client, file, world) {
  const all = (outcome, detail) => Object.fromEntries((client.asks ?? LIBRARY).map((feature) => [feature, { outcome, detail }]))
  let command
  try {
    command = await client.prepare()
  } catch (error) {
    return { ...client, versions: {}, cells: all(client.must || error.ours ? 'failed' : 'not run', error.message) }
  }
  const { lines, fault } = await spoken([...command, file], world)
  const said = lines.filter((line) => line.feature !== undefined)
  const cells = {
    ...all('failed', `the client said nothing: ${fault.slice(-400)}`),
    ...Object.fromEntries(said.map(({ feature, ...cell }) => [feature, cell])),
  }
  return { ...client, versions: Object.assign({}, ...lines.map((line) => line.versions)), cells }
}

function spoken([command, ...args], world) {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: world.authority }
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true })
    children.add(child)
    const timer = setTimeout(() => kill(child), LONGEST)
    let output = ''
    let fault = ''
    child.stdout.on('data', (data) => (output += data))
    child.stderr.on('data', (data) => (fault += data))
    child.on('error', (error) => (fault += error.message))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      children.delete(child)
      if (options.verbose && fault !== '') console.error(fault)
      const lines = output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
      resolve({ lines, fault: `${fault} (ended with ${code ?? signal})` })
    })
  })
}

/** With the servers that it started: it leads a group of its own. */
function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

function report(results, missing) {
  console.log(`\n${versions(results)}\n\n${tables(results)}\n`)
  for (const line of details(results)) console.log(line)
  const before = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {}
  const worse = regressions(results, before, missing)
  for (const cell of worse) console.log(`REGRESSED ${cell}: it passed in results.json`)
  const failed = count(results, 'failed')
  if (options.update && failed === 0) writeFileSync(kept, `${JSON.stringify({ ...before, ...toKeep(results) }, undefined, 2)}\n`)
  const counts = ['passed', 'unsupported', 'not run'].map((outcome) => `${count(results, outcome)} ${outcome}`)
  console.log(`\ninterop: ${counts[0]}, ${failed} failed, ${worse.length} regressed, ${counts[1]} by the client, ${counts[2]}`)
  return failed === 0 && (worse.length === 0 || options.update) ? 0 : 1
}
