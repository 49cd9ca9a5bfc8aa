/** `npm run call`, while `npm start` runs: one call of the API with a bound token. */
import { readFileSync } from 'node:fs'
import '../local/environment.ts'
import { createWorker } from './client.ts'

const { PORT = '3000', HOLDFAST_PORT = '4000' } = process.env
const api = `http://localhost:${PORT}`
const key = JSON.parse(readFileSync('.holdfast/client.jwk.json', 'utf8')) as JsonWebKey & { readonly kid: string }
const worker = await createWorker(`http://localhost:${HOLDFAST_PORT}`, api, key)

for (const [method, path] of [
  ['GET', '/notes'],
  ['DELETE', '/notes'],
] as const) {
  const response = await worker.call(method, path)
  console.log(`${method} ${path}: ${response.status} ${response.headers.get('www-authenticate') ?? (await response.text())}`)
}
