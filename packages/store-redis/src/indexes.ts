import type { Kinds, RecordMap } from '@holdfast/store'
import { checkIndexed, descriptorOf } from '@holdfast/store/rows'
import { FILL } from './commit-script.ts'
import type { Ask, Reply } from './connection.ts'
import { run } from './script.ts'

/** Writes down which indexes each kind has, and fills those that a release added, from the values there are. */
export async function prepareIndexes<R extends RecordMap>(ask: Ask, base: string, kinds: Kinds<R>): Promise<void> {
  const place = `${base}kinds`
  for (const kind of Object.keys(kinds)) {
    const { indexes } = descriptorOf(kinds, kind)
    const written = await ask('HGET', place, kind)
    const known = typeof written === 'string' ? (JSON.parse(written) as readonly string[]) : undefined
    const added = known === undefined ? [] : indexes.filter((index) => !known.includes(index))
    if (added.length > 0) await fill(ask, base, kind, added)
    if (known === undefined || added.length > 0)
      await ask('HSET', place, kind, JSON.stringify([...new Set([...(known ?? []), ...indexes])]))
  }
}

async function fill(ask: Ask, base: string, kind: string, indexes: readonly string[]): Promise<void> {
  const start = `${base}r:${kind}:`
  let cursor = '0'
  do {
    const [next, keys] = (await ask('SCAN', cursor, 'MATCH', `${start}*`, 'COUNT', 1000)) as readonly [string, readonly string[]]
    await Promise.all(keys.map((key) => fillOne(ask, base, kind, key.slice(start.length), indexes)))
    cursor = next
  } while (cursor !== '0')
}

async function fillOne(ask: Ask, base: string, kind: string, id: string, indexes: readonly string[]): Promise<void> {
  const [version, json] = (await ask('HMGET', `${base}r:${kind}:${id}`, 'v', 'j')) as readonly Reply[]
  if (typeof version !== 'string' || typeof json !== 'string') return
  const value = JSON.parse(json) as Readonly<Record<string, unknown>>
  for (const index of indexes) {
    const member = value[index]
    if (member === undefined) continue
    checkIndexed(kind, index, member as string)
    await run(ask, FILL, `${base}kinds`, base, kind, id, version, index, member as string)
  }
}
