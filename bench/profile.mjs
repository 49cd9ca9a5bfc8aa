/** node bench/profile.mjs FLOW [SECONDS]: where our server spends its time in one flow. The profiles stay in bench/profiles, for DevTools. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FLOWS } from './flows.mjs'
import { freePort, Process } from './processes.mjs'
import { newWorld } from './world.mjs'

const ENTRIES = 30
const here = fileURLToPath(new URL('.', import.meta.url))
const [flow = 'code', seconds = '5'] = process.argv.slice(2)
const { by } = FLOWS[flow]
const profiles = `${here}profiles/${flow}`
const data = `${here}.data/profile-${process.pid}`
for (const directory of [profiles, data]) {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
}
const world = `${data}/world.json`
writeFileSync(world, JSON.stringify(newWorld()), { mode: 0o600 })

const port = await freePort()
const load = await Process.start('load.mjs', [world], { core: 1 })
const server = await Process.start(`${by === 'guard' ? 'guard' : 'holdfast'}-server.mjs`, [String(port), data, world, 'holdfast'], {
  core: 0,
  nodeOptions: ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${profiles}`],
})
try {
  await load.ask('target', { name: 'ours', kind: by, port })
  const ask = (during, expected) => load.ask('measure', { flow, name: 'ours', seconds: during, expected, pid: server.pid })
  const { perSecond } = await ask(1, 1500)
  const result = await ask(Number(seconds), perSecond * 1.3)
  console.log(
    `${flow}: ${Math.round(result.perSecond)}/s under the profiler, ${Math.round(result.cpuMicroseconds)} µs of CPU each, ${result.errors.length} errors`,
  )
} finally {
  await server.stop()
  await load.stop()
  rmSync(data, { recursive: true, force: true })
}
for (const file of readdirSync(profiles)) summarise(file)

/** Self time by function, and with the runtime's own functions charged to whoever of ours called them. */
function summarise(file) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(`${profiles}/${file}`, 'utf8'))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  for (const node of nodes) for (const child of node.children ?? []) byId.get(child).parent = node
  const self = new Map()
  const charged = new Map()
  let busy = 0
  for (const [i, id] of samples.entries()) {
    const node = byId.get(id)
    const time = timeDeltas[i]
    if (node.callFrame.functionName === '(idle)') continue
    busy += time
    add(self, nameOf(node), time)
    let ours = node
    while (ours.parent !== undefined && !ours.callFrame.url.includes('/packages/')) ours = ours.parent
    const caller = ours.parent === undefined ? `(runtime) ${nameOf(topOf(node))}` : nameOf(ours)
    add(charged, ours === node || ours.parent === undefined ? caller : `${caller} → ${node.callFrame.functionName || '(anonymous)'}`, time)
  }
  console.log(`\n${file}: ${Math.round(busy / 1000)} ms busy; self time`)
  print(self, busy)
  console.log('\n  charged to the caller of ours')
  print(charged, busy)
}

function topOf(node) {
  let top = node
  while (top.parent?.parent !== undefined) top = top.parent
  return top
}

function nameOf({ callFrame: { functionName, url, lineNumber } }) {
  const place = url === '' ? '' : `${url.replace(/^.*\/(packages|node_modules)\//, '')}:${lineNumber + 1}`
  return `${functionName || '(anonymous)'} ${place}`.trim()
}

function add(to, name, time) {
  to.set(name, (to.get(name) ?? 0) + time)
}

function print(times, busy) {
  for (const [name, time] of [...times].sort((a, b) => b[1] - a[1]).slice(0, ENTRIES))
    console.log(`${((100 * time) / busy).toFixed(1).padStart(5)} %  ${name}`)
}
