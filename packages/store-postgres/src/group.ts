import { type Client, DatabaseError } from 'pg'
import type { CommitFunction } from './commit-function.ts'
import { dial, type Dialing, hangUp, hold, messageOf, sqlState } from './connection.ts'
import { REPLACE, REQUIRE } from './statements.ts'
import { parametersOf, type WireChange } from './wire.ts'

/** Of one commit: `COMMITTED`, the place of the change that conflicted, or why it could not be written. */
export type Verdict = number | Failure
export const COMMITTED = -1

export interface Failure {
  /** `unavailable`: nothing of it was applied. `unknown`: the connection was lost after it was sent. */
  readonly what: 'unavailable' | 'unknown'
  readonly message: string
}

interface GroupFault extends Failure {
  readonly state: string | undefined
}

/** Deadlock and serialization failure: nobody's fault, and over at the next try. */
const CONTENDED: ReadonlySet<string | undefined> = new Set(['40P01', '40001'])
/** A lock that somebody does not let go, or a statement that took too long because of one. */
const WAITED: ReadonlySet<string | undefined> = new Set(['55P03', '57014'])
/** The server has become a standby: another address, or the same one later, is the one to write to. */
const READ_ONLY = '25006'
const TRIES = 3
/** What each member waits for a lock after the group has waited in vain, in milliseconds: they are tried one after the other. */
const SHORT_PATIENCE = 50

/** Sends groups through one connection, which it opens again when it was lost. */
export class GroupWriter {
  readonly #dialing: Dialing
  readonly #commit: CommitFunction
  #client: Client | undefined

  constructor(dialing: Dialing, commit: CommitFunction) {
    this.#dialing = dialing
    this.#commit = commit
  }

  /** When the group fails as a whole, its members are applied one by one: one that cannot be kept does not take the others along. */
  async apply(commits: readonly (readonly WireChange[])[]): Promise<readonly Verdict[]> {
    const whole = await this.#attempt(commits, null)
    if (!isFault(whole)) return whole
    if (whole.what === 'unknown' || whole.state === undefined) return commits.map(() => whole)
    if (commits.length === 1 && !CONTENDED.has(whole.state)) return [whole]
    const patience = WAITED.has(whole.state) ? SHORT_PATIENCE : null
    const verdicts: Verdict[] = []
    for (const commit of commits) verdicts.push(await this.#applyAlone(commit, patience))
    return verdicts
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.end()
  }

  async #applyAlone(commit: readonly WireChange[], patience: number | null): Promise<Verdict> {
    for (let tries = 1; ; tries++) {
      const outcome = await this.#attempt([commit], patience)
      if (!isFault(outcome)) return outcome[0] as number
      if (!CONTENDED.has(outcome.state)) return outcome
      if (tries < TRIES) continue
      // To be loaded and decided again. A conflict on an inserted id would be taken for a replay, so none is told.
      const moved = commit.findIndex((change) => change.op === REPLACE || change.op === REQUIRE)
      return moved === -1 ? outcome : moved
    }
  }

  async #attempt(commits: readonly (readonly WireChange[])[], patience: number | null): Promise<readonly number[] | GroupFault> {
    let client: Client
    try {
      client = this.#client ?? (await this.#connect())
    } catch (fault) {
      return { what: 'unavailable', message: messageOf(fault), state: undefined }
    }
    hold(client, true)
    try {
      const values = parametersOf(commits, this.#commit.columns, patience)
      const { rows } = await client.query<[readonly number[]]>({ name: 'commit', text: this.#commit.call, values, rowMode: 'array' })
      return (rows[0] as [readonly number[]])[0]
    } catch (fault) {
      return await this.#faultOf(client, fault)
    } finally {
      hold(client, false)
    }
  }

  /**
   * Who still answers has told why it rolled back. From one who is gone any message may be a farewell after the commit:
   * a server that shuts down ends with FATAL whatever it did last.
   */
  async #faultOf(client: Client, fault: unknown): Promise<GroupFault> {
    const told = fault instanceof DatabaseError && (await client.query('select 1').catch(() => undefined)) !== undefined
    if (!told || sqlState(fault) === READ_ONLY) this.#drop(client)
    if (told) return { what: 'unavailable', message: messageOf(fault), state: sqlState(fault) }
    return { what: 'unknown', message: `the connection was lost while committing: ${messageOf(fault)}`, state: undefined }
  }

  async #connect(): Promise<Client> {
    const client = await dial(this.#dialing)
    this.#client = client
    client.once('end', () => this.#drop(client))
    client.once('error', () => this.#drop(client))
    return client
  }

  #drop(client: Client): void {
    if (this.#client === client) this.#client = undefined
    hangUp(client)
  }
}

function isFault(outcome: readonly number[] | GroupFault): outcome is GroupFault {
  return 'what' in outcome
}
