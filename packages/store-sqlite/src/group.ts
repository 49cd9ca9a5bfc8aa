import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { mayHaveCommitted, messageOf } from './connection.ts'
import { COMMITTED, type Failure, type Verdict } from './messages.ts'
import type { Check, Plan, WireChange } from './statements.ts'
import type { WriteTurn } from './turn.ts'

interface Prepared {
  readonly statement: StatementSync
  readonly check: Check
  readonly otherwise: StatementSync | undefined
}

interface GroupFault {
  readonly failure: Failure
  /** To try the members one by one is of no use, or not allowed. */
  readonly final: boolean
}

function isFault(outcome: readonly Verdict[] | GroupFault): outcome is GroupFault {
  return 'failure' in outcome
}

/** Applies groups: one transaction for all, in which each commit keeps its own all-or-none outcome. */
export class GroupWriter {
  readonly #turn: WriteTurn
  readonly #prepared: readonly Prepared[]
  readonly #save: StatementSync
  readonly #back: StatementSync
  readonly #release: StatementSync

  constructor(database: DatabaseSync, plan: Plan, turn: WriteTurn) {
    this.#turn = turn
    this.#prepared = plan.statements.map(({ sql, check, otherwise }) => ({
      statement: database.prepare(sql),
      check,
      otherwise: otherwise === undefined ? undefined : database.prepare(otherwise),
    }))
    this.#save = database.prepare('savepoint one')
    this.#back = database.prepare('rollback to one')
    this.#release = database.prepare('release one')
  }

  /** When the group fails as a whole, its members are applied one by one: one too big for the disk does not take the others along. */
  apply(commits: readonly (readonly WireChange[])[]): readonly Verdict[] {
    const whole = this.#attempt(commits)
    if (!isFault(whole)) return whole
    if (commits.length === 1 || whole.final) return commits.map(() => whole.failure)
    const verdicts: Verdict[] = []
    for (const commit of commits) {
      const alone = this.#attempt([commit])
      verdicts.push(isFault(alone) ? alone.failure : (alone[0] as Verdict))
      // Whoever holds the lock made this one wait in vain: the others would wait as long, one after the other.
      if (isFault(alone) && alone.final)
        return [
          ...verdicts,
          ...commits.slice(verdicts.length).map((): Verdict => ({ what: 'unavailable', message: alone.failure.message })),
        ]
    }
    return verdicts
  }

  #attempt(commits: readonly (readonly WireChange[])[]): readonly Verdict[] | GroupFault {
    try {
      this.#turn.begin()
    } catch (fault) {
      return { failure: { what: 'unavailable', message: messageOf(fault) }, final: true }
    }
    let verdicts: readonly Verdict[]
    try {
      verdicts = commits.map((changes) => this.#applyOne(changes))
    } catch (fault) {
      this.#turn.rollback()
      return { failure: { what: 'unavailable', message: messageOf(fault) }, final: false }
    }
    try {
      this.#turn.commit()
      return verdicts
    } catch (fault) {
      this.#turn.rollback()
      const unknown = mayHaveCommitted(fault)
      return { failure: { what: unknown ? 'unknown' : 'unavailable', message: messageOf(fault) }, final: unknown }
    }
  }

  /** A single change needs no savepoint: when it conflicts it has written nothing. */
  #applyOne(changes: readonly WireChange[]): number {
    if (changes.length === 1) return this.#holds(changes[0] as WireChange) ? COMMITTED : 0
    this.#save.run()
    const conflict = changes.findIndex((change) => !this.#holds(change))
    if (conflict !== -1) this.#back.run()
    this.#release.run()
    return conflict === -1 ? COMMITTED : conflict
  }

  #holds([number, ...parameters]: WireChange): boolean {
    const { statement, check, otherwise } = this.#prepared[number] as Prepared
    if (check === 'found') return statement.get(...parameters) !== undefined
    const { changes } = statement.run(...parameters)
    if (check === 'nothing' || changes !== 0) return true
    return otherwise !== undefined && otherwise.run(...parameters).changes !== 0
  }
}
