/** Another process on the same file. `node --conditions=source child.ts <path> <task> …`, started by `spawnChild`. */
import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import { newRecordId } from '@holdfast/protocol/secret'
import type { OpenStore } from '@holdfast/store'
import { openWriterConnection, sleep } from '../connection.ts'
import { openSqliteStore } from '../index.ts'
import { WriteTurn } from '../turn.ts'
import { type TestRecords, testKinds } from '../../../../test/engines/records.ts'

const [path = '', task = '', ...rest] = process.argv.slice(2)

/** Synchronous, so that what was said is in the pipe whatever happens to this process next. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (fault) {
      // The pipe is full: the other end is slow to read. A line is shorter than PIPE_BUF, so it is written whole or not.
      if ((fault as NodeJS.ErrnoException).code !== 'EAGAIN') throw fault
      sleep(1)
    }
  }
}

const tasks: Record<string, () => Promise<void>> = {
  /** Counts on one record, trying again after a conflict. */
  async count() {
    const store = await open()
    for (let done = 0; done < Number(rest[0]);) {
      const held = await store.read('counter', 'shared')
      if (
        held !== undefined &&
        (await store.commit([
          { op: 'replace', kind: 'counter', id: 'shared', expected: held.version, value: { count: held.value.count + 1 } },
        ])) === 'committed'
      )
        done++
    }
    await store.close()
    say('done')
  },
  /** Commits as fast as it can and says how long each took. */
  async load() {
    const store = await open()
    say('open')
    const waits: number[] = []
    const end = performance.now() + Number(rest[0]) * 1000
    const client = async (): Promise<void> => {
      while (performance.now() < end) {
        const from = performance.now()
        await store.commit([{ op: 'insert', kind: 'left', id: newRecordId(), value: { pair: 'load' } }])
        waits.push(performance.now() - from)
      }
    }
    await Promise.all(Array.from({ length: Number(rest[1]) }, client))
    waits.sort((a, b) => a - b)
    say(
      JSON.stringify({
        commits: waits.length,
        p50: waits[waits.length >> 1],
        p99: waits[Math.floor(waits.length * 0.99)],
        longest: waits.at(-1),
      }),
    )
    await store.close()
  },
  /** A slow disk and no pause: transactions of 10 ms back to back, and how long each waited for its turn. */
  async turns() {
    await (await open()).close()
    const database = openWriterConnection(path)
    const turn = new WriteTurn(database, 5000)
    const write = database.prepare(`insert into kind_counter (id, version, value) values (?, 1, '{}')`)
    say('open')
    const waits: number[] = []
    for (const end = performance.now() + Number(rest[0]) * 1000; performance.now() < end;) {
      const from = performance.now()
      turn.begin()
      waits.push(performance.now() - from)
      write.run(newRecordId())
      sleep(10)
      turn.commit()
    }
    waits.sort((a, b) => a - b)
    say(
      JSON.stringify({
        turns: waits.length,
        p50: waits[waits.length >> 1],
        p99: waits[Math.floor(waits.length * 0.99)],
        longest: waits.at(-1),
      }),
    )
    database.close()
  },
  /** Commits pairs until it is killed, and says each one's id once it is committed. */
  async hammer() {
    const store = await open()
    const client = async (): Promise<void> => {
      const own = newRecordId()
      await store.commit([{ op: 'insert', kind: 'counter', id: own, value: { count: 0 } }])
      for (let count = 1; ; count++) {
        const id = newRecordId()
        const outcome = await store.commit([
          { op: 'insert', kind: 'left', id, value: { pair: own } },
          { op: 'replace', kind: 'counter', id: own, expected: count, value: { count } },
          { op: 'insert', kind: 'right', id, value: { pair: own } },
        ])
        if (outcome === 'committed') say(`${id} ${own} ${count}`)
      }
    }
    await Promise.all(Array.from({ length: 8 }, client))
  },
  /** For every id it is sent: says what it reads there, and commits an answer under `re-<id>`. */
  async converse() {
    const store = await open()
    say('open')
    for await (const id of createInterface({ input: process.stdin })) {
      const held = await store.read('right', id)
      await store.commit([{ op: 'insert', kind: 'right', id: `re-${id}`, value: { pair: id } }])
      say(held === undefined ? 'missing' : 'found')
    }
    await store.close()
  },
  /** Holds the write lock until it is killed. */
  async hold() {
    new DatabaseSync(path, { timeout: 2000 }).exec('begin exclusive')
    say('held')
    setInterval(() => {}, 1000)
  },
}

function open(): Promise<OpenStore<TestRecords>> {
  return openSqliteStore({ path, kinds: testKinds })
}

await tasks[task]?.()
