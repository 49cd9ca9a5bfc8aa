import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import { createRedis, DURABLE } from '../../../../scripts/redis.mjs'

export type TestServer = Awaited<ReturnType<typeof createRedis>>

const servers: TestServer[] = []
afterAll(async () => void (await Promise.all(servers.map((server) => server.remove()))))

/** A server of this test file's own: it starts in a few milliseconds, and ends with the file, whatever failed. */
export async function newServer(settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const server = await createRedis(mkdtempSync(join(tmpdir(), 'holdfast-redis-')), { ...DURABLE, ...settings })
  servers.push(server)
  return server
}

/** Keys of this test's own. */
export function newPrefix(): string {
  return `t_${randomBytes(8).toString('hex')}`
}

/** One question over a connection of its own: looked at without the engine. */
export async function asked(url: string, command: string, ...args: readonly (string | number)[]): Promise<unknown> {
  const client = new Redis(url, { retryStrategy: null, lazyConnect: true })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.call(command, ...args)
  } finally {
    client.disconnect()
  }
}
