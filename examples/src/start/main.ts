/**
 * `npm start`: the authorization server as the published program runs it, the example API and the example
 * application, with a person to sign in as. Everything it writes is under ./data.
 */
import { resolve } from 'node:path'
import { serve } from '@holdfast/mount/node'
import type { Handler } from '@holdfast/protocol/http'
import { createConfidentialClient, importSigningKey } from '@holdfast/explorer'
import { createLog, loadConfiguration, start, Trace, worldOf } from 'holdfast'
import { forPagesOf } from '../api/for-pages.ts'
import { exampleApi, TRANSFER } from '../api/handler.ts'
import { exampleTools } from '../api/tools.ts'
import { exampleClient } from '../backend-client/handler.ts'
import { examplePage } from '../bff/handler.ts'
import { explorerBackend } from '../explorer-backend/handler.ts'
import { BACKEND_CLIENT, BFF_CLIENT } from './clients.ts'
import { prepareDemo } from './demo.ts'
import type { Places } from './places.ts'
import { startPage } from './page.tsx'

const port = Number(process.env['HOLDFAST_DEMO_PORT'] ?? 4000)
const places: Places = {
  issuer: `http://localhost:${port}`,
  api: `http://localhost:${port + 1}/api/accounts`,
  mcp: `http://localhost:${port + 1}/mcp`,
  client: `http://localhost:${port + 2}`,
  bff: `http://localhost:${port + 3}`,
}
const folder = resolve(process.env['HOLDFAST_DEMO_DATA'] ?? 'data')

const demo = await prepareDemo(folder, places)
if (demo === undefined) {
  console.error(`${folder} is of an older version of this example: remove it to begin anew`)
  process.exit(2)
}
const { configuration, faults } = await loadConfiguration({ file: demo.config, environment: {}, directory: folder })
if (configuration === undefined) {
  for (const { path, message } of faults) console.error(`${path} ${message}`)
  process.exit(2)
}
if (configuration.issuer !== places.issuer) {
  console.error(
    `${demo.config} is for ${configuration.issuer}: start with HOLDFAST_DEMO_PORT=${new URL(configuration.issuer).port}, or remove ${folder} to begin anew`,
  )
  process.exit(2)
}
const log = createLog({
  form: process.stdout.isTTY ? 'text' : 'json',
  color: process.stdout.isTTY,
  write: (text) => void process.stdout.write(text),
})
const { issuer } = places
const apiOrigin = new URL(places.api).origin
const world = {
  api: places.api,
  stepUp: `${places.api}${TRANSFER}`,
  mcp: places.mcp,
  backend: places.client,
  bff: places.bff,
  username: demo.username,
}
const trace = new Trace()
const running = await start(configuration, log, { front: startPage(places, demo.username), world, trace })

const accounts = exampleApi({ issuer, resource: places.api })
const tools = exampleTools({ issuer, resource: places.mcp })
const apis: Handler = (request) => (request.path.includes('/mcp') ? tools : accounts)(request)
const api = await serve(forPagesOf(issuer, trace.watch(apis, apiOrigin)), { host: 'localhost', port: port + 1 })

const application = exampleClient({
  issuer,
  clientId: 'web-example',
  privateJwk: demo.keys.web,
  redirectUri: `${places.client}/callback`,
  api: places.api,
})
const flows = explorerBackend({
  origin: places.client,
  world: { ...worldOf(configuration), ...world, trace: `${issuer}/explorer/trace`, redirectUri: `${places.client}/explorer/callback` },
  client: createConfidentialClient({
    clientId: BACKEND_CLIENT,
    issuer,
    key: await importSigningKey(demo.keys.backend),
    kid: String(demo.keys.backend['kid']),
  }),
})
const client = await serve(async (request) => (await flows(request)) ?? application(request), { host: 'localhost', port: port + 2 })

const bff = examplePage({ origin: places.bff, issuer, clientId: BFF_CLIENT, privateJwk: demo.keys.bff, api: places.api })
const page = await serve(trace.watch(bff, places.bff), { host: 'localhost', port: port + 3 })

console.log(`
Holdfast runs: open ${places.issuer}
  sign in as  ${demo.username}
  password    ${demo.password ?? 'as printed at the first start'}
`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    const closed = [page, client, api].map((one) => one.close({ graceSeconds: 2 }))
    void Promise.all([...closed, running.close()]).then(() => process.exit(0))
  })
}
