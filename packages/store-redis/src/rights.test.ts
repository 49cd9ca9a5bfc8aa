import type { Kinds } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import { openRedisStore } from './index.ts'
import { asked, newPrefix, newServer, type TestServer } from './test/server.ts'

const kinds: Kinds<{ readonly left: { readonly pair: string } }> = { left: { indexes: ['pair'], id: 'given', expires: true } }

/** As README lists them. */
const RIGHTS = ['info', 'select', 'eval', 'evalsha', 'hmget', 'hset', 'config|get', 'del', 'hget', 'scan', 'zadd', 'zrem', 'zrange']
const ALL = [...RIGHTS, 'zrangebylex', 'zrangebyscore']

/** Who may do these alone, and with the keys of one prefix. */
async function userOf(server: TestServer, rights: readonly string[], prefix: string): Promise<string> {
  await asked(server.url, 'ACL', 'SETUSER', 'store', 'reset', 'on', '>pw', `~{${prefix}}:*`, ...rights.map((right) => `+${right}`))
  const url = new URL(server.url)
  url.username = 'store'
  url.password = 'pw'
  return url.href
}

describe('rights of the user of a store', () => {
  test('those of the README are enough', async () => {
    const prefix = newPrefix()
    const store = await openRedisStore({ url: await userOf(await newServer(), ALL, prefix), prefix, kinds })
    const insert = { op: 'insert', kind: 'left', id: 'a', value: { pair: 'x' }, expiresAt: 1 } as const
    expect([await store.commit([insert]), await store.purge(2)]).toEqual(['committed', 1])
    await store.close()
  })

  // A script that may do some of what it does keeps what it wrote before it failed: half of a commit.
  test.each(['hset', 'hmget', 'del', 'zadd', 'zrem', 'zrange', 'zrangebylex', 'zrangebyscore'])(
    'without %s it is not opened, so that no commit is half done',
    async (missing) => {
      const prefix = newPrefix()
      const url = await userOf(
        await newServer(),
        ALL.filter((right) => right !== missing),
        prefix,
      )
      await expect(openRedisStore({ url, prefix, kinds })).rejects.toMatchObject({ name: 'StoreUnavailable' })
    },
  )
})
