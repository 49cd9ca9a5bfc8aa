/** From windows to medians, ratios and the table. */

/** performance.md §3: start to listening in milliseconds, megabytes idle and under load. */
const START = 300
const IDLE = 100
const UNDER_LOAD = 250
/** Share of the server's core that others may have in a window. */
export const DISTURBED = 0.15

const TARGETS = ['ours', 'peerMemory', 'peerDurable', 'peerGrouped', 'oursExpress', 'peerExpress']

export function report({ environment, flows, cells, limits, targets }) {
  const sign = median(limits.map((one) => one.sign))
  const verify = median(limits.map((one) => one.verify))
  const rows = flows.map((flow) => row(flow, cells, sign, verify))
  const servers = targets.map((target) => ({
    name: target.name,
    kind: target.kind,
    firstStartMilliseconds: target.firstStart,
    startMilliseconds: median(target.starts),
    idleMegabytes: target.memory.idle,
    underLoadMegabytes: target.memory.underLoad,
  }))
  const errors = [...cells.values()].flatMap((cell) => cell.windows.flatMap((window) => window.errors))

  const {
    processor,
    node,
    peer,
    peerGuard,
    peerExpress,
    pinned,
    fsyncMilliseconds,
    connections,
    rounds,
    seconds,
    loadBefore,
    minutes,
    repeated,
  } = environment
  console.log(
    `${processor}, Node ${node}, ${pinned ? 'server on core 0, load on core 1' : 'not pinned: no taskset or one core'}, ${connections} connections, medians of ${rounds} windows of ${seconds} s`,
  )
  console.log(
    `peers: ${peer}, ${peerGuard} · fsync ${fsyncMilliseconds.toFixed(2)} ms · ES256 sign ${rate(1 / sign)}/s, verify ${rate(1 / verify)}/s · load average before ${loadBefore.toFixed(1)} · ${repeated} windows repeated, since others used the core · ${minutes.toFixed(1)} minutes\n`,
  )
  table(
    [
      'flow',
      'ours/s',
      'peer memory/s',
      'ratio',
      'peer durable/s',
      'ratio',
      'grouped/s',
      'ratio',
      'limit/s',
      'share',
      'first',
      'held?',
      'goal',
    ],
    rows.map(({ title, perSecond: at, ratio, limit, share, first, held, goal, disturbed }) => [
      title,
      rate(at.ours),
      rate(at.peerMemory),
      times(ratio.peerMemory),
      rate(at.peerDurable),
      times(ratio.peerDurable),
      rate(at.peerGrouped),
      times(ratio.peerGrouped),
      rate(limit),
      share === undefined ? '–' : `${Math.round(share * 100)} %`,
      first ?? '–',
      first === undefined ? '–' : (held ? 'yes' : 'NO') + (disturbed.ours > DISTURBED || disturbed.peerMemory > DISTURBED ? '*' : ''),
      goal ?? '–',
    ]),
  )
  if (rows.some(({ disturbed }) => disturbed.ours > DISTURBED || disturbed.peerMemory > DISTURBED))
    console.log('* others had much of the core in these windows: believe the ratio of the CPU below, or run again when it is quiet')
  console.log('')
  table(
    [
      "latency in ms, and the server's CPU in µs",
      'ours p50',
      'p99',
      'peer memory p50',
      'p99',
      'p99 held?',
      'ours CPU',
      'peer memory CPU',
      'ratio',
      'load busy',
    ],
    rows.map(({ title, p50, p99, p99Held, cpuMicroseconds: cpu, loadBusy }) => [
      title,
      ms(p50.ours),
      ms(p99.ours),
      ms(p50.peerMemory),
      ms(p99.peerMemory),
      p99Held === undefined ? '–' : p99Held ? 'yes' : 'NO',
      whole(cpu.ours),
      whole(cpu.peerMemory),
      times(cpu.peerMemory === undefined ? undefined : cpu.peerMemory / cpu.ours),
      `${Math.round(loadBusy * 100)} %`,
    ]),
  )
  console.log('')
  onExpress(rows, peerExpress)
  const target = (value, limit, of) =>
    of.name !== 'ours' ? whole(value) : `${whole(value)} (${value <= limit ? 'held' : 'NOT held'}: ${limit})`
  table(
    ['process', 'first start ms', 'start ms', 'idle MB', 'under load MB'],
    servers.map((one) => [
      `${one.name} ${one.kind}`,
      whole(one.firstStartMilliseconds),
      target(one.startMilliseconds, START, one),
      target(one.idleMegabytes, IDLE, one),
      target(one.underLoadMegabytes, UNDER_LOAD, one),
    ]),
  )
  return { environment, limit: { signPerSecond: 1 / sign, verifyPerSecond: 1 / verify }, flows: rows, servers, errors }
}

/** The guard once more where most of its users have it. The peer is asked no more than we are, and remembers no proof. */
function onExpress(rows, peer) {
  const both = rows.filter(({ perSecond }) => perSecond.peerExpress !== undefined)
  if (both.length === 0) return
  table(
    [`on Express, beside ${peer}`, 'ours/s', 'peer/s', 'ratio', 'ours p99 ms', 'peer p99 ms', 'ours CPU µs', 'peer CPU µs'],
    both.map(({ title, perSecond: at, p99, cpuMicroseconds: cpu }) => [
      title,
      rate(at.oursExpress),
      rate(at.peerExpress),
      times(at.oursExpress / at.peerExpress),
      ms(p99.oursExpress),
      ms(p99.peerExpress),
      whole(cpu.oursExpress),
      whole(cpu.peerExpress),
    ]),
  )
  console.log('')
}

function row({ name, title, first, goal, sign: signs, verify: verifies }, cells, sign, verify) {
  const of = (read) => Object.fromEntries(TARGETS.map((target) => [target, medianOf(cells.get(`${name} ${target}`), read)]))
  const perSecond = of((window) => window.perSecond)
  const over = (peer) => (perSecond[peer] === undefined ? undefined : perSecond.ours / perSecond[peer])
  const ratio = { peerMemory: over('peerMemory'), peerDurable: over('peerDurable'), peerGrouped: over('peerGrouped') }
  const cost = signs * sign + verifies * verify
  const limit = cost === 0 ? undefined : 1 / cost
  const p99 = of((window) => window.p99)
  return {
    name,
    title,
    perSecond,
    ratio,
    limit,
    share: limit === undefined ? undefined : perSecond.ours / limit,
    first,
    goal,
    held: first === undefined ? undefined : ratio.peerMemory >= first,
    p50: of((window) => window.p50),
    p99,
    p99Held: p99.peerMemory === undefined ? undefined : p99.ours <= p99.peerMemory,
    cpuMicroseconds: of((window) => window.cpuMicroseconds),
    loadBusy: medianOf(cells.get(`${name} ours`), (window) => window.loadBusy),
    disturbed: of((window) => window.disturbed),
    windows: Object.fromEntries(
      Object.keys(perSecond).map((target) => [
        target,
        cells.get(`${name} ${target}`)?.windows.map((window) => Math.round(window.perSecond)),
      ]),
    ),
  }
}

function medianOf(cell, read) {
  return cell === undefined ? undefined : median(cell.windows.map(read))
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const rate = (value) => (value === undefined ? '–' : String(value >= 1000 ? Math.round(value / 10) * 10 : Math.round(value)))
const times = (value) => (value === undefined ? '–' : value.toFixed(2))
const ms = (value) => (value === undefined ? '–' : value.toFixed(1))
const whole = (value) => (value === undefined || Number.isNaN(value) ? '–' : String(Math.round(value)))

function table(head, rows) {
  const text = [head, ...rows].map((cells) => cells.map(String))
  const widths = head.map((_, column) => Math.max(...text.map((cells) => cells[column].length)))
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`
  const [first, ...others] = text
  console.log(
    [
      line(first),
      `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
      ...others.map(line),
    ].join('\n'),
  )
}
