import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>
  /** The next line it says, in order; undefined when it has ended. */
  line(): Promise<string | undefined>
  ended(): Promise<void>
}

/** Starts child.ts from the sources, with a pipe each way. */
export function spawnChild(url: string, prefix: string, task: string, ...rest: readonly string[]): Child {
  const script = fileURLToPath(new URL('./child.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=source', script, url, prefix, task, ...rest], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    process: child,
    line: async () => {
      const next = await lines.next()
      return next.done === true ? undefined : next.value
    },
    ended: async () => {
      await exit
    },
  }
}
