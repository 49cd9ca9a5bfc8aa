import type { Finding } from '@holdfast/protocol/witness'
import type { AttackVerdict } from './model.ts'
import type { Answer, Scene } from './scene.ts'

/** A step after which an attack is possible, and one from which on it is not any more. */
export type Window = readonly [after: string, before?: string]

export interface Attack {
  readonly id: string
  readonly title: string
  /** What the thief has. */
  readonly thief: string
  /** What a server without the check would have done. */
  readonly without: string
  readonly standard: string
  /** Nothing stops him in these flows, and that is said. */
  readonly wins?: boolean
  /** The check that should catch him; undefined where none does. */
  readonly caughtBy: Pick<Finding, 'about' | 'check'> | undefined
  /** By flow. */
  readonly at: Readonly<Record<string, Window>>
  /** What it costs the owner, such as that the server takes her tokens back too. */
  readonly costs?: string
  /** @throws {Fault} no answer came */
  run(scene: Scene): Promise<Outcome>
}

/** Without the check that catches him: all of those stand in one table. */
export type PlayedAttack = Omit<Attack, 'caughtBy'>

export interface Outcome {
  readonly verdict: AttackVerdict
  readonly exchange: string
  readonly caught?: Finding | undefined
  readonly say?: string | undefined
}

/** By the answer to the request that decides: 2xx lets the thief in, 4xx keeps him out. Whatever else is no answer to his question. */
export function outcomeOf({ exchange, status, findings }: Answer, say?: string): Outcome {
  const verdict = status >= 200 && status < 300 ? 'won' : status >= 400 && status < 500 ? 'refused' : 'no answer'
  return { verdict, exchange, caught: verdict === 'refused' ? lastRefused(findings) : undefined, say }
}

export function lastRefused(findings: readonly Finding[] | undefined): Finding | undefined {
  return findings?.findLast(({ refused }) => refused !== undefined)
}

/** The same window in several flows. */
export function during(window: Window, ...flows: readonly string[]): Attack['at'] {
  return Object.fromEntries(flows.map((flow) => [flow, window]))
}
