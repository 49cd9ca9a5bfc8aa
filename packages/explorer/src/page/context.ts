import { type Context, createContext } from 'preact'
import type { Engine, Thread } from './ports.ts'

/** What the parts of a message need to explain themselves. */
export interface Reading {
  readonly engine: Pick<Engine, 'dissect' | 'explain' | 'check' | 'curl'>
  readonly threads: readonly Thread[]
}

const nothing: Reading = {
  engine: { dissect: () => undefined, explain: () => undefined, check: () => undefined, curl: () => '' },
  threads: [],
}

export const ReadingContext: Context<Reading> = createContext(nothing)
