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

/** What starts a script from the sources, with a pipe each way. Its arguments are where the engine is, then a task. */
export function childSpawner(script: URL): (...args: readonly string[]) => Child {
  return (...args) => spawnScript(fileURLToPath(script), args)
}

function spawnScript(script: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, ['--conditions=source', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
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
