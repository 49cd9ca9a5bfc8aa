import type { Change, Kinds, RecordMap } from '@holdfast/store'
import { checkId, checkIndexed, checkVersion, descriptorOf, indexOf, rowOf } from '@holdfast/store/rows'
import { EXCLUSIVE, FOUND_BY, SHARED } from './commit-function.ts'
import { DELETE, DELETE_BY, INSERT, REPLACE, REQUIRE, type TableDescription } from './statements.ts'

/** A change as the commit function takes it. */
export interface WireChange {
  /** The place of the kind among the tables. */
  readonly kind: number
  readonly op: number
  /** To delete by an index: the value there. */
  readonly id: string
  readonly expected: number | null
  readonly expires: number | null
  readonly json: string | null
  readonly indexed: readonly (string | null)[]
}

const NONE: readonly (string | null)[] = []

/** Values are serialised here, once. @throws {TypeError} before anything is sent */
export function wireOf<R extends RecordMap>(
  kinds: Kinds<R>,
  numbers: ReadonlyMap<string, number>,
  changes: readonly Change<R>[],
): readonly WireChange[] {
  return changes.map((change) => {
    const descriptor = descriptorOf(kinds, change.kind)
    const kind = numbers.get(change.kind) as number
    const bare = { kind, expected: null, expires: null, json: null, indexed: NONE }
    if (change.op === 'deleteBy') {
      const place = indexOf(descriptor, change.kind, change.index)
      checkIndexed(change.kind, change.index, change.value)
      return { ...bare, op: DELETE_BY + place, id: change.value }
    }
    const { id } = change
    checkId(change.kind, id)
    if (change.op === 'delete') return { ...bare, op: DELETE, id }
    if (change.op !== 'insert') checkVersion(change.kind, change.expected)
    if (change.op === 'require') return { ...bare, op: REQUIRE, id, expected: change.expected }
    const { json, expiresAt, indexed } = rowOf(descriptor, change.kind, change.value, change.expiresAt)
    return change.op === 'insert'
      ? { kind, op: INSERT, id, expected: null, expires: expiresAt, json, indexed }
      : { kind, op: REPLACE, id, expected: change.expected, expires: expiresAt, json, indexed }
  })
}

/**
 * Where a commit stands in its group: by the first id that another node may be inserting too. An insert of such an id waits
 * for the other's transaction, and two that wait in the same order never wait for each other.
 */
export function placeOf(commit: readonly WireChange[], tables: readonly TableDescription[]): string {
  const contended = commit.find((change) => change.op === INSERT && tables[change.kind]?.given === true)
  return contended === undefined ? '' : `${String(contended.kind).padStart(4, '0')} ${contended.id}`
}

/** The parameters of the commit function for a group. */
export function parametersOf(commits: readonly (readonly WireChange[])[], columns: number, patience: number | null): unknown[] {
  const changes = commits.flat()
  const locks = locksOf(changes)
  return [
    patience,
    commits.some(sweeps),
    locks.map((lock) => lock.kind),
    locks.map((lock) => lock.mode),
    ends(locks.map((lock) => lock.ids.length)),
    locks.flatMap((lock) => lock.ids),
    commits.map((commit) => commit.length),
    changes.map((change) => change.kind),
    changes.map((change) => change.op),
    changes.map((change) => change.id),
    changes.map((change) => change.expected),
    changes.map((change) => change.expires),
    changes.map((change) => change.json),
    ...Array.from({ length: columns }, (_, place) => changes.map((change) => change.indexed[place] ?? null)),
  ]
}

/** Who deletes what it cannot name, or more than one record, must not see half of another's commit. */
function sweeps(commit: readonly WireChange[]): boolean {
  return commit.some((change) => change.op >= DELETE_BY) || commit.filter((change) => change.op === DELETE).length > 1
}

interface Lock {
  readonly kind: number
  readonly mode: number
  readonly ids: readonly string[]
}

/**
 * Rows that the group relies on or changes, by kind. Where one of a kind is to be changed all of it are locked for that: two
 * passes over one kind would have no common order. A lone row needs no order.
 */
function locksOf(changes: readonly WireChange[]): readonly Lock[] {
  const rows = changes.filter((change) => change.op !== INSERT)
  if (rows.length <= 1) return []
  const byKind = Map.groupBy(rows, (change) => change.kind)
  return [...byKind.keys()]
    .sort((a, b) => a - b)
    .flatMap((kind) => {
      const own = byKind.get(kind) as readonly WireChange[]
      const found = Map.groupBy(
        own.filter((change) => change.op >= DELETE_BY),
        (change) => change.op - DELETE_BY,
      )
      const named = new Set(own.filter((change) => change.op < DELETE_BY).map((change) => change.id))
      return [
        ...[...found].map(([place, each]) => ({ kind, mode: FOUND_BY + place, ids: each.map((change) => change.id) })),
        { kind, mode: own.every((change) => change.op === REQUIRE) ? SHARED : EXCLUSIVE, ids: [...named] },
      ]
    })
}

function ends(lengths: readonly number[]): readonly number[] {
  let end = 0
  return lengths.map((length) => (end += length))
}
