import { createHash } from 'node:crypto'
import { type Argument, type Ask, AskFault, type Reply } from './connection.ts'

/** A Lua script: the server runs it whole, and nothing else meanwhile. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** The key is for the routing of Cluster; the others have the same hash tag. */
export async function run(ask: Ask, { text, sha }: Script, key: string, ...args: readonly Argument[]): Promise<Reply> {
  try {
    return await ask('EVALSHA', sha, 1, key, ...args)
  } catch (fault) {
    // It did nothing: it forgets scripts when it is told to, and when it starts.
    if (fault instanceof AskFault && fault.code === 'NOSCRIPT') return await ask('EVAL', text, 1, key, ...args)
    throw fault
  }
}
