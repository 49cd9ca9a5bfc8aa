/**
 * `npm start`: the authorization server as the published program runs it, the example API and the example
 * application, with a person to sign in as. Everything it writes is under ./data.
 */
import { resolve } from 'node:path'
import { serve } from '@holdfast/mount/node'
import { createLog, loadConfiguration, start } from 'holdfast'
import { exampleApi } from '../api/handler.ts'
import { exampleClient } from '../backend-client/handler.ts'
import { type Places, prepareDemo } from './demo.ts'
import { startPage } from './page.tsx'

const port = Number(process.env['HOLDFAST_DEMO_PORT'] ?? 4000)
const places: Places = {
  issuer: `http://localhost:${port}`,
  api: `http://localhost:${port + 1}/api/accounts`,
  client: `http://localhost:${port + 2}`,
}
const folder = resolve(process.env['HOLDFAST_DEMO_DATA'] ?? 'data')

const demo = await prepareDemo(folder, places)
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
const running = await start(configuration, log, { front: startPage(places, demo.username) })
const api = await serve(exampleApi({ issuer: places.issuer, resource: places.api }), { host: 'localhost', port: port + 1 })
const client = await serve(
  exampleClient({
    issuer: places.issuer,
    clientId: 'web-example',
    privateJwk: demo.clientKey,
    redirectUri: `${places.client}/callback`,
    api: places.api,
  }),
  { host: 'localhost', port: port + 2 },
)

console.log(`
Holdfast runs: open ${places.issuer}
  sign in as  ${demo.username}
  password    ${demo.password ?? 'as printed at the first start'}
`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void Promise.all([client.close({ graceSeconds: 2 }), api.close({ graceSeconds: 2 }), running.close()]).then(() => process.exit(0))
  })
}
