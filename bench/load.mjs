/** The load, in a process and on a core of its own. It talks to 127.0.0.1 only and does what its parent asks. */
import { readFileSync } from 'node:fs'
import { Connection, headerOf } from './connection.mjs'
import { consentItem, CONSENTS, expectStatus, FLOWS, member } from './flows.mjs'
import { dpopKey } from './jws.mjs'
import { Browser } from './sign-in.mjs'
import { coreSeconds, processSeconds } from './usage.mjs'
import { CONNECTIONS } from './world.mjs'

const world = JSON.parse(readFileSync(process.argv[2], 'utf8'))
/** One key for each connection, the same at every server. */
const keys = Array.from({ length: CONNECTIONS }, dpopKey)
const targets = new Map()

const commands = {
  async target({ name, kind, port }) {
    const target = { name, kind, port, issuer: `http://127.0.0.1:${port}`, nonce: undefined, cookies: [] }
    targets.set(name, target)
    if (kind === 'guard') return {}
    const found = await (await fetch(`${target.issuer}/.well-known/openid-configuration`)).json()
    const at = (value) => new URL(value)
    target.endpoints = {
      par: at(found.pushed_authorization_request_endpoint),
      authorization: at(found.authorization_endpoint),
      token: at(found.token_endpoint),
      userinfo: at(found.userinfo_endpoint),
      introspection: at(found.introspection_endpoint),
    }
    await withSlots(target, (slots) => signIn(target, slots))
    return {}
  },

  async measure({ flow, name, seconds, expected, pid }) {
    const target = targets.get(name)
    return withSlots(target, (slots) => measure(FLOWS[flow], { target, slots, world }, { seconds, expected, pid }))
  },
}

async function withSlots(target, work) {
  const slots = await Promise.all(
    keys.map(async (key, i) => ({ key, cookie: target.cookies[i], connection: await Connection.open(target.port) })),
  )
  try {
    if (target.kind !== 'guard') await freshNonce(target, slots[0])
    return await work(slots)
  } finally {
    for (const slot of slots) slot.connection.close()
  }
}

/** A proof without a nonce is answered with one (RFC 9449 §8). */
async function freshNonce(target, slot) {
  target.nonce = undefined
  const { par } = consentItem({ target, world }, slot, CONSENTS[1])
  const { head, status, body } = await slot.connection.send(par)
  target.nonce = headerOf(head, 'dpop-nonce')
  if (status !== 400 || target.nonce === undefined)
    throw new Error(`${target.name}: a proof without nonce was answered ${status}: ${body.slice(0, 300)}\n${head}`)
}

/** A browser for each connection: what one person does in two tabs at once is a test's matter. */
async function signIn(target, slots) {
  for (const slot of slots) {
    const browser = new Browser()
    for (const consent of CONSENTS) {
      const item = consentItem({ target, world }, slot, consent)
      const requestUri = member(expectStatus(await slot.connection.send(item.par), 201, 'PAR'), 'request_uri')
      await browser.authorize(
        `${target.endpoints.authorization.href}?client_id=${item.clientId}&request_uri=${encodeURIComponent(requestUri)}`,
      )
    }
    target.cookies.push(browser.session())
  }
}

/** `expected`: flows per second, for how many requests to make beforehand. When they run out the window ends early. */
async function measure(flow, context, { seconds, expected, pid }) {
  const { slots, target } = context
  const begun = (await flow.begin?.(context)) ?? {}
  const each = Math.ceil((expected * seconds * 1.5) / slots.length) + 4
  for (const slot of slots) slot.items = Array.from({ length: each }, () => flow.prepare(context, slot, begun))

  const latencies = []
  const errors = []
  let over = false
  const cpu = process.cpuUsage()
  const before = { server: processSeconds(pid), core: coreSeconds(0) }
  const start = performance.now()
  const timer = setTimeout(() => (over = true), seconds * 1000)
  let busyUntil = start
  await Promise.all(
    slots.map(async (slot) => {
      while (!over) {
        const item = slot.items.pop()
        if (item === undefined) break
        const sent = performance.now()
        try {
          await flow.run(slot, item, target)
        } catch (error) {
          errors.push(error.message)
          if (errors.length > 20) over = true
          break
        }
        const now = performance.now()
        latencies.push(now - sent)
        busyUntil = now
      }
      over = true
    }),
  )
  clearTimeout(timer)
  const { user, system } = process.cpuUsage(cpu)
  const elapsed = (busyUntil - start) / 1000
  const server = processSeconds(pid) - before.server
  latencies.sort((a, b) => a - b)
  const quantile = (q) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))]
  return {
    done: latencies.length,
    perSecond: latencies.length / elapsed,
    p50: quantile(0.5),
    p99: quantile(0.99),
    cpuMicroseconds: (server / latencies.length) * 1e6,
    loadBusy: (user + system) / 1e6 / elapsed,
    /** How much of the server's core others had. */
    disturbed: (coreSeconds(0) - before.core - server) / elapsed,
    errors,
  }
}

process.on('message', async ({ id, command, ...input }) => {
  try {
    process.send({ id, result: await commands[command](input) })
  } catch (error) {
    process.send({ id, error: error.stack })
  }
})
process.on('disconnect', () => process.exit(0))
console.log('listening 0')
