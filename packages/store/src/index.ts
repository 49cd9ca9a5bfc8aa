/**
 * The store port: three methods and five kinds of change. A product describes its records as data
 * (`Kinds`); an engine makes a place for each kind and knows no product.
 */
import type { EpochSeconds } from '@holdfast/protocol/time'

/** Kind of record → the shape of its value: plain JSON. */
export type RecordMap = Record<string, object>

/** One kind of record, described. An engine creates what is missing for it when it opens. */
export interface KindDescriptor<Value> {
  /** Members of the value that can be listed and deleted by. The member is text of at most 512 characters, or absent for "not in this index". */
  readonly indexes: readonly (keyof Value & string)[]
  /** `time-ordered`: ids from `newRecordId`; `given`: any text of 1 to 512 characters, such as a client_id. */
  readonly id: 'time-ordered' | 'given'
  /** Whether its records may carry `expiresAt` and are purged after it. */
  readonly expires: boolean
}

export type Kinds<R extends RecordMap> = { readonly [K in keyof R]: KindDescriptor<R[K]> }

export interface Stored<Value> {
  readonly id: string
  /** 1 when inserted, one more at every replace. */
  readonly version: number
  readonly value: Value
  readonly expiresAt: EpochSeconds | undefined
}

export interface Page {
  /** The id after which to go on; ids are in ascending order. */
  readonly after?: string
  /** 1 to 1000. */
  readonly limit: number
}

export interface Listed<Value> {
  readonly items: readonly Stored<Value>[]
  /** Present when there is more: the next page's `after`. */
  readonly next: string | undefined
}

/** What a decision wants written. Closed: an engine handles these five and no more. */
export type Change<R extends RecordMap> = {
  readonly [K in keyof R & string]:
    | { readonly op: 'insert'; readonly kind: K; readonly id: string; readonly value: R[K]; readonly expiresAt?: EpochSeconds | undefined }
    | {
        readonly op: 'replace'
        readonly kind: K
        readonly id: string
        readonly expected: number
        readonly value: R[K]
        readonly expiresAt?: EpochSeconds | undefined
      }
    | { readonly op: 'require'; readonly kind: K; readonly id: string; readonly expected: number }
    | { readonly op: 'delete'; readonly kind: K; readonly id: string }
    | { readonly op: 'deleteBy'; readonly kind: K; readonly index: keyof R[K] & string; readonly value: string }
}[keyof R & string]

export interface Conflict {
  readonly conflict: { readonly kind: string; readonly id: string }
}

export type Outcome = 'committed' | Conflict

/** What may only look: handed to `load`, so that it cannot write, by its type. */
export interface StoreReader<R extends RecordMap> {
  /** An expired record may still be answered until it is purged: the reader compares `expiresAt` with its own clock. */
  read<K extends keyof R & string>(kind: K, id: string): Promise<Stored<R[K]> | undefined>
  /** In ascending order of id. Takes declared indexes only. */
  list<K extends keyof R & string>(kind: K, index: keyof R[K] & string, value: string, page: Page): Promise<Listed<R[K]>>
}

export interface Store<R extends RecordMap> extends StoreReader<R> {
  /**
   * All or none, as if applied one after the other in the order given; durable when it resolves. A conflict names the record that moved, or the inserted id that
   * existed. `require` writes nothing and conflicts when the record moved or is gone; `delete` and `deleteBy`
   * of what is not there are no conflict. Afterwards every reader, in this process and in others, sees it.
   * A `replace` replaces `expiresAt` too: without one the record no longer expires.
   *
   * @throws {TypeError} a kind or index the store was not opened with, or an id or value no engine could keep
   * @throws {StoreUnavailable} nothing was applied
   * @throws {OutcomeUnknown} the connection was lost while committing: answer 503, never try again
   */
  commit(changes: readonly Change<R>[]): Promise<Outcome>
}

/** An opened engine. `purge` is also run by the engine itself, in small batches. */
export interface OpenStore<R extends RecordMap> extends Store<R> {
  /** Removes records whose `expiresAt` lies before `now`, in small batches. @returns how many */
  purge(now: EpochSeconds): Promise<number>
  /** Waits for what was handed to `commit`, then lets go of the file or connection. */
  close(): Promise<void>
}

/** The store could not be asked or could not write; nothing was applied. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** The connection was lost while committing: the changes may be applied or not. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
}
