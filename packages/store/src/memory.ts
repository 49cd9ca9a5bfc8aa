import type { EpochSeconds } from '@holdfast/protocol/time'
import {
  type Change,
  type Kinds,
  type Listed,
  type OpenStore,
  type Outcome,
  type Page,
  type RecordMap,
  type Stored,
  StoreUnavailable,
} from './index.ts'
import { checkId, checkIndexed, checkKinds, checkPage, checkVersion, descriptorOf, indexOf, type Row, rowOf } from './rows.ts'

/** A store in this process's memory: for tests and trials. It forgets everything when the process ends. */
export function openMemoryStore<R extends RecordMap>(kinds: Kinds<R>): OpenStore<R> {
  checkKinds(kinds)
  return new MemoryStore(kinds)
}

/** The value is kept as JSON, so that nobody can change a record through an object they hold. */
interface Held extends Row {
  readonly version: number
}

interface Table {
  readonly rows: Map<string, Held>
  /** Per declared index: value → ids. */
  readonly indexes: readonly Map<string, Set<string>>[]
}

class MemoryStore<R extends RecordMap> implements OpenStore<R> {
  readonly #kinds: Kinds<R>
  readonly #tables: ReadonlyMap<string, Table>
  #closed = false

  constructor(kinds: Kinds<R>) {
    this.#kinds = kinds
    this.#tables = new Map(
      Object.keys(kinds).map((kind) => [kind, { rows: new Map(), indexes: descriptorOf(kinds, kind).indexes.map(() => new Map()) }]),
    )
  }

  async read<K extends keyof R & string>(kind: K, id: string): Promise<Stored<R[K]> | undefined> {
    this.#refuseWhenClosed()
    const table = this.#table(kind)
    checkId(kind, id)
    const held = table.rows.get(id)
    return held === undefined ? undefined : stored<R[K]>(id, held)
  }

  async list<K extends keyof R & string>(kind: K, index: keyof R[K] & string, value: string, page: Page): Promise<Listed<R[K]>> {
    this.#refuseWhenClosed()
    const table = this.#table(kind)
    const place = indexOf(descriptorOf(this.#kinds, kind), kind, index)
    checkIndexed(kind, index, value)
    checkPage(page)
    const { after } = page
    const ids = [...(table.indexes[place]?.get(value) ?? [])]
      .filter((id) => after === undefined || byCodePoint(id, after) > 0)
      .sort(byCodePoint)
    const items = ids.slice(0, page.limit).map((id) => stored<R[K]>(id, table.rows.get(id) as Held))
    return { items, next: ids.length > page.limit ? items.at(-1)?.id : undefined }
  }

  /** There is no `await` between the first change and the last: no other commit can come between. */
  async commit(changes: readonly Change<R>[]): Promise<Outcome> {
    this.#refuseWhenClosed()
    const steps = changes.map((change) => this.#step(change))
    const undo: (() => void)[] = []
    for (const step of steps) {
      const conflict = step(undo)
      if (conflict !== undefined) {
        for (const back of undo.reverse()) back()
        return { conflict }
      }
    }
    return 'committed'
  }

  async purge(now: EpochSeconds): Promise<number> {
    this.#refuseWhenClosed()
    let purged = 0
    for (const table of this.#tables.values()) {
      for (const [id, held] of table.rows) {
        if (held.expiresAt === null || held.expiresAt >= now) continue
        put(table, id, undefined)
        purged++
      }
    }
    return purged
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  /** Everything that can be wrong with a change is found here, before the first is applied. */
  #step(change: Change<R>): (undo: (() => void)[]) => { readonly kind: keyof R & string; readonly id: string } | undefined {
    const { kind } = change
    const descriptor = descriptorOf(this.#kinds, kind)
    const table = this.#table(kind)
    if (change.op === 'deleteBy') {
      const place = indexOf(descriptor, kind, change.index)
      checkIndexed(kind, change.index, change.value)
      return (undo) => {
        for (const id of table.indexes[place]?.get(change.value) ?? []) undo.push(put(table, id, undefined))
        return undefined
      }
    }
    const { id } = change
    checkId(kind, id)
    if (change.op === 'delete') {
      return (undo) => {
        undo.push(put(table, id, undefined))
        return undefined
      }
    }
    if (change.op !== 'insert') checkVersion(kind, change.expected)
    const expected = change.op === 'insert' ? undefined : change.expected
    const row = change.op === 'require' ? undefined : rowOf(descriptor, kind, change.value, change.expiresAt)
    return (undo) => {
      if (table.rows.get(id)?.version !== expected) return { kind, id }
      if (row !== undefined) undo.push(put(table, id, { ...row, version: (expected ?? 0) + 1 }))
      return undefined
    }
  }

  #table(kind: string): Table {
    descriptorOf(this.#kinds, kind)
    return this.#tables.get(kind) as Table
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailable('the store is closed')
  }
}

/** Puts a row in place of what is there and keeps the indexes true. @returns what puts it back */
function put(table: Table, id: string, next: Held | undefined): () => void {
  const before = table.rows.get(id)
  table.indexes.forEach((ids, place) => {
    const old = before?.indexed[place] ?? null
    const value = next?.indexed[place] ?? null
    if (old === value) return
    if (old !== null) {
      ids.get(old)?.delete(id)
      if (ids.get(old)?.size === 0) ids.delete(old)
    }
    if (value !== null) ids.set(value, (ids.get(value) ?? new Set()).add(id))
  })
  if (next === undefined) table.rows.delete(id)
  else table.rows.set(id, next)
  return () => put(table, id, before)
}

function stored<Value>(id: string, held: Held): Stored<Value> {
  return { id, version: held.version, value: JSON.parse(held.json) as Value, expiresAt: held.expiresAt ?? undefined }
}

/** SQL engines compare UTF-8 bytes, which is the order of code points; `<` compares UTF-16 units, which is not. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
