/**
 * The backend of an application, in front of the API: node bff.mjs OPTIONS (a file). Paths below /harness are the stage's, not the
 * attacker's: `short?1` makes new tokens seem good for a second, `refreshes` counts.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { bffKinds, createBff } from '@holdfast/bff'
import { serve } from '@holdfast/mount/node'
import { openSqliteStore } from '@holdfast/store-sqlite'

const { store: path, port, ...options } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const store = await openSqliteStore({ path, kinds: bffKinds })
const stage = { short: 0, refreshes: 0 }

async function watched(url, init) {
  const refreshes = String(init?.body ?? '').includes('grant_type=refresh_token')
  // As far away as authorization servers are: meanwhile the others come.
  if (refreshes) await sleep(150)
  const response = await fetch(url, init)
  if (refreshes && response.ok) stage.refreshes++
  if (stage.short === 0 || !String(url).endsWith('/token') || !response.ok) return response
  return Response.json({ ...(await response.json()), expires_in: 1 }, { headers: response.headers })
}

const bff = createBff({ ...options, sessions: store, fetch: watched })

await serve(
  async (request) => {
    const [, harness, name] = request.path.split('/')
    if (harness === 'harness') {
      if (request.query !== '') stage[name] = Number(request.query)
      return { status: 200, headers: {}, body: String(stage[name]) }
    }
    return (await bff.handle(request)) ?? { status: 200, headers: {}, body: 'a page of the application' }
  },
  { port },
)
