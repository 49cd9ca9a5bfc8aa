/** Another process on the same server. `node --conditions=source child.ts <url> <prefix> <task> …`, started by `spawnChild`. */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { newRecordId } from '@holdfast/protocol/secret'
import type { OpenStore } from '@holdfast/store'
import { openRedisMemory, openRedisStore } from '../index.ts'
import { type TestRecords, testKinds } from '../../../../test/engines/records.ts'

const [url = '', prefix = '', task = '', ...rest] = process.argv.slice(2)
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Synchronous, so that what was said is in the pipe whatever happens to this process next. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (fault) {
      // The pipe is full: the other end is slow to read. A line is shorter than PIPE_BUF, so it is written whole or not.
      if ((fault as NodeJS.ErrnoException).code !== 'EAGAIN') throw fault
      Atomics.wait(sleeper, 0, 0, 1)
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
  /** Commits pairs until it is killed or the server is, and says each one's id once it is committed. */
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
    // Who is cut off by the end of the server ends with it.
    await Promise.all(Array.from({ length: 8 }, client)).catch(() => process.exit(0))
  },
  /** For every key it is sent: says whether the shared memory has seen it. */
  async remember() {
    const memory = await openRedisMemory({ url, prefix })
    say('open')
    for await (const key of createInterface({ input: process.stdin })) say(await memory.add(key, Math.floor(Date.now() / 1000) + 70))
    await memory.close()
  },
  /** Opens and does nothing: an open store or memory alone does not keep a process alive. */
  async idle() {
    const store = await open()
    await store.commit([{ op: 'insert', kind: 'counter', id: 'idle', value: { count: 1 } }])
    const memory = await openRedisMemory({ url, prefix })
    await memory.increment('idle', Math.floor(Date.now() / 1000) + 70)
    say('open')
  },
}

function open(): Promise<OpenStore<TestRecords>> {
  return openRedisStore({ url, prefix, kinds: testKinds })
}

await tasks[task]?.()
