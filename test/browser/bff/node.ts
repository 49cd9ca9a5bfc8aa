/**
 * One node of the application's backend, as a process of its own: `node.ts` gets its options as JSON on the first line of
 * standard input, and prints the port it listens on. What it says afterwards is its log. `POST /test/clock` moves its clock.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { bffKinds, type BffOptions, type BffRecords, createBff } from '@holdfast/bff'
import { toNodeListener } from '@holdfast/mount/node'
import { toNodeUpgrade } from '@holdfast/mount/upgrade'
import { openSqliteStore } from '@holdfast/store-sqlite'

export interface NodeOptions {
  readonly store: string
  readonly bff: Pick<BffOptions, 'publicUrl' | 'issuer' | 'client' | 'secrets' | 'scope' | 'apis' | 'lifetime'>
}

const page = readFileSync(new URL('./page.html', import.meta.url), 'utf8')
const script = readFileSync(new URL('./page.js', import.meta.url), 'utf8')
const CSP =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

const [line = ''] = await new Promise<string[]>((resolve) => {
  createInterface({ input: process.stdin }).once('line', (first) => resolve([first]))
})
const { store: path, bff: options } = JSON.parse(line) as NodeOptions
let ahead = 0
const store = await openSqliteStore<BffRecords>({ path, kinds: bffKinds })
const bff = createBff({ ...options, sessions: store, clock: { now: () => Math.floor(Date.now() / 1000) + ahead } })

const server = createServer(
  toNodeListener(async (request) => {
    if (request.path === '/test/clock' && request.method === 'POST') {
      ahead = Number(request.query)
      return { status: 204, headers: {}, body: '' }
    }
    const reply = await bff.handle(request)
    if (reply !== undefined) return reply
    const shown = request.path === '/page.js' ? script : page
    const type = request.path === '/page.js' ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8'
    return { status: 200, headers: { 'content-type': type, 'content-security-policy': CSP, 'cache-control': 'no-store' }, body: shown }
  }),
)
server.on('upgrade', toNodeUpgrade(bff.upgrade))
server.listen(0, '127.0.0.1', () => console.log(`listening ${(server.address() as AddressInfo).port}`))
process.on('SIGTERM', () => process.exit(0))
