import type { TableDescription, WireChange } from './statements.ts'

/** What the main thread and the worker say to each other. */
export interface WorkerInput {
  readonly path: string
  readonly tables: readonly TableDescription[]
  readonly timeoutMilliseconds: number
  readonly maxPageCount: number | undefined
}

/** `changes`: what each commit wants. One message is one group: one transaction, one wait for the disk. */
export type ToWorker =
  | { readonly type: 'group'; readonly commits: readonly (readonly WireChange[])[] }
  | { readonly type: 'purge'; readonly ticket: number; readonly now: number }
  | { readonly type: 'close' }

export type FromWorker =
  | { readonly type: 'ready'; readonly synchronous: number; readonly journal: string }
  | { readonly type: 'verdicts'; readonly verdicts: readonly Verdict[] }
  | { readonly type: 'purged'; readonly ticket: number; readonly rows: number; readonly fault?: string }
  | { readonly type: 'fault'; readonly line: string }
  | { readonly type: 'closed' }
  /** The file could not be opened or prepared. */
  | { readonly type: 'failed'; readonly message: string }

/** Of one commit: `COMMITTED`, the place of the change that conflicted, or why it could not be written. */
export type Verdict = number | Failure

export interface Failure {
  /** `unavailable`: nothing of it was applied. `unknown`: the disk failed while committing. */
  readonly what: 'unavailable' | 'unknown'
  readonly message: string
}

export const COMMITTED = -1
