/** npm run bench [-- --quick] [-- --json FILE] [-- --flow NAME]: see README.md. */
import { spawnSync } from 'node:child_process'
import { existsSync, fsyncSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, flow: { type: 'string', multiple: true } },
})

if (!existsSync(`${here}node_modules/express-oauth2-jwt-bearer`)) {
  const { status } = spawnSync('npm', ['ci', '--prefix', here], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
if (!existsSync(`${here}../packages/server/dist/index.js`)) {
  console.error('bench: the packages are not built; run: npx tsc -b')
  process.exit(1)
}
const { Process, freePort, nodeVersion, pinned } = await import('./processes.mjs')
const { FLOWS } = await import('./flows.mjs')
const { DISTURBED, report } = await import('./report.mjs')
const { CONNECTIONS, newWorld } = await import('./world.mjs')

const { rounds, seconds, warmUp, starts, mostRepeats, longest } = options.quick
  ? { rounds: 3, seconds: 0.7, warmUp: 0.7, starts: 3, mostRepeats: 6, longest: 4 }
  : { rounds: 5, seconds: 1.5, warmUp: 1.5, starts: 5, mostRepeats: 30, longest: 30 }
let repeats = mostRepeats
/** The quick run leaves out what has no target. */
const flows = options.flow ?? Object.keys(FLOWS).filter((name) => !options.quick || FLOWS[name].first !== undefined)
for (const name of flows) if (FLOWS[name] === undefined) throw new Error(`no flow ${name}: there are ${Object.keys(FLOWS).join(', ')}`)

const TARGETS = [
  { name: 'ours', kind: 'server', script: 'holdfast-server.mjs' },
  { name: 'peerMemory', kind: 'server', script: 'peer-server.mjs', extra: 'memory' },
  { name: 'peerDurable', kind: 'server', script: 'peer-server.mjs', extra: 'durable' },
  { name: 'peerGrouped', kind: 'server', script: 'peer-server.mjs', extra: 'grouped' },
  { name: 'ours', kind: 'guard', script: 'guard-server.mjs', extra: 'holdfast' },
  { name: 'peerMemory', kind: 'guard', script: 'guard-server.mjs', extra: 'peer' },
  { name: 'oursExpress', kind: 'guard', script: 'guard-express-server.mjs', extra: 'holdfast' },
  { name: 'peerExpress', kind: 'guard', script: 'guard-express-server.mjs', extra: 'peer' },
]

const data = `${here}.data/${process.pid}`
const world = `${data}/world.json`
const running = []

async function end() {
  await Promise.all(running.map((one) => one.stop()))
  rmSync(data, { recursive: true, force: true })
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end().then(() => process.exit(130)))
/** Whatever hangs, the run does not. */
setTimeout(() => {
  console.error(`bench: not done after ${longest} minutes`)
  void end().then(() => process.exit(1))
}, longest * 60_000).unref()

try {
  mkdirSync(data, { recursive: true })
  writeFileSync(world, JSON.stringify(newWorld()), { mode: 0o600 })
  await main()
} finally {
  await end()
}

async function main() {
  const begun = Date.now()
  const environment = {
    date: new Date().toISOString(),
    node: nodeVersion,
    processor: cpus()[0]?.model,
    cores: cpus().length,
    pinned,
    fsyncMilliseconds: fsyncTime(),
    loadBefore: loadavg()[0],
    connections: CONNECTIONS,
    rounds,
    seconds,
    peer: versionOf('oidc-provider'),
    peerGuard: versionOf('oauth4webapi'),
    peerExpress: `${versionOf('express-oauth2-jwt-bearer')} on ${versionOf('express')}`,
  }
  const load = await begin('load.mjs', [world], 1)
  const limit = await begin('limit.mjs', [], 0)
  const targets = []
  const takes = (target, flow) => FLOWS[flow].by === target.kind && (FLOWS[flow].alone !== true || target.name === 'ours')
  for (const target of TARGETS) if (flows.some((flow) => takes(target, flow))) targets.push(await started(target, load))

  const cells = new Map()
  const limits = []
  for (const flow of flows) {
    const taking = targets.filter((target) => takes(target, flow))
    for (const target of taking) {
      say(`${flow}: warming up ${target.name}`)
      const first = await window(load, target, flow, 0.3, 1500)
      cells.set(`${flow} ${target.name}`, {
        expected: (await window(load, target, flow, warmUp, first.perSecond * 1.5)).perSecond,
        windows: [],
      })
    }
    for (let round = 0; round < rounds; round++) {
      limits.push(await limit.tell(options.quick ? 60 : 150))
      // Another one begins each time, so that none always comes after the same.
      for (let i = 0; i < taking.length; i++) {
        const target = taking[(i + round) % taking.length]
        say(`${flow}: round ${round + 1} of ${rounds}, ${target.name}`)
        const cell = cells.get(`${flow} ${target.name}`)
        const result = await window(load, target, flow, seconds, cell.expected)
        cell.expected = Math.max(cell.expected, result.perSecond)
        cell.windows.push(result)
      }
    }
  }
  say('')
  for (const target of targets) target.memory = { idle: target.idle, underLoad: target.process.memory()?.most }
  const result = report({
    environment: { ...environment, loadAfter: loadavg()[0], repeated: mostRepeats - repeats, minutes: (Date.now() - begun) / 60_000 },
    flows: flows.map((name) => ({ name, ...FLOWS[name] })),
    cells,
    limits,
    targets,
  })
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, undefined, 2)}\n`)
  if (result.errors.length > 0) {
    console.error(`\n${result.errors.length} answers were not the success that they must be, the first: ${result.errors[0]}`)
    process.exitCode = 1
  }
}

async function begin(script, args, core) {
  const one = await Process.start(script, args, { core })
  running.push(one)
  return one
}

/** The first start makes keys and tables; the later ones are what a restart takes. */
async function started(target, load) {
  say(`starting ${target.name}`)
  const port = await freePort()
  const times = []
  let process
  for (let i = 0; i <= starts; i++) {
    await process?.stop()
    process = await begin(target.script, [String(port), data, world, target.extra ?? ''], 0)
    times.push(process.startMilliseconds)
  }
  await new Promise((resolve) => setTimeout(resolve, 500))
  const idle = process.memory()?.now
  // One name and kind each: the load keeps what it knows of a target by both.
  await load.ask('target', { name: `${target.kind} ${target.name}`, kind: target.kind, port })
  return { ...target, process, idle, firstStart: times[0], starts: times.slice(1) }
}

/** Once more when others used the server's core meanwhile, as often as the whole run allows. */
async function window(load, target, flow, forSeconds, expected) {
  for (;;) {
    const result = await load.ask('measure', {
      flow,
      name: `${target.kind} ${target.name}`,
      seconds: forSeconds,
      expected,
      pid: target.process.pid,
    })
    if (!(pinned && result.disturbed > DISTURBED) || repeats === 0 || result.errors.length > 0) return result
    repeats--
  }
}

function fsyncTime() {
  const file = openSync(`${data}/fsync`, 'w')
  const block = Buffer.alloc(4096, 1)
  const times = Array.from({ length: 50 }, () => {
    const start = performance.now()
    writeSync(file, block)
    fsyncSync(file)
    return performance.now() - start
  })
  closeSync(file)
  return times.sort((a, b) => a - b)[25]
}

function versionOf(name) {
  return `${name} ${JSON.parse(readFileSync(`${here}node_modules/${name}/package.json`, 'utf8')).version}`
}

function say(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}
