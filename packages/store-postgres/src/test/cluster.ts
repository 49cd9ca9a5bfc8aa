import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { createCluster } from '../../../../scripts/postgres.mjs'

/** The one server of this test run: started by the first file that asks, ended with the run. Its failure is the failure of each test. */
async function sharedServer(): Promise<string> {
  // Test files run in processes of their own, whose parent is the run.
  const run = process.ppid
  const folder = join(tmpdir(), `holdfast-postgres-${run}`)
  const told = join(folder, 'told.json')
  if (isFirst(folder)) {
    // Without pipes to this process: the run waits for them to close, and the keeper waits for the run.
    const keeper = fileURLToPath(new URL('./keeper.mjs', import.meta.url))
    spawn(process.execPath, [keeper, folder, String(run)], { detached: true, stdio: 'ignore' }).unref()
  }
  while (!existsSync(told)) await new Promise((resolve) => setTimeout(resolve, 50))
  const answer = JSON.parse(readFileSync(told, 'utf8')) as { readonly url?: string; readonly fault?: string }
  if (answer.url === undefined) throw new Error(answer.fault)
  return answer.url
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o711 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** A new, empty database of the shared server. Its own order of text is that of a language, as in many installations. */
export async function newDatabase(): Promise<string> {
  return await createDatabase(await sharedServer())
}

async function createDatabase(server: string): Promise<string> {
  const name = `t_${randomBytes(8).toString('hex')}`
  await asked(server, `create database ${name} template template0 locale_provider icu icu_locale 'en-US'`).catch(() =>
    // PostgreSQL 14 and older, or built without ICU.
    asked(server, `create database ${name} template template0`),
  )
  return server.replace(/[^/]*$/, name)
}

/** One question over a connection of its own: looked at without the engine. */
export async function asked(url: string, text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, values === undefined ? undefined : [...values])).rows
  } finally {
    await client.end()
  }
}

export interface OwnServer {
  readonly url: string
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** A server that this test may stop and start. */
export async function ownServer(): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-postgres-own-'))
  const cluster = await createCluster(folder)
  return {
    url: await createDatabase(cluster.url('postgres')),
    stop: (signal) => cluster.stop(signal),
    start: () => cluster.start(),
    remove: async () => {
      await cluster.stop('SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
