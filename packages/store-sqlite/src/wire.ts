import type { Change, Kinds, RecordMap } from '@holdfast/store'
import { checkId, checkIndexed, checkVersion, descriptorOf, indexOf, rowOf } from '@holdfast/store/rows'
import type { KindPlan, Plan, WireChange } from './statements.ts'

/** A commit as the worker runs it. Values are serialised here, once. @throws {TypeError} before anything is sent */
export function wireOf<R extends RecordMap>(kinds: Kinds<R>, plan: Plan, changes: readonly Change<R>[]): readonly WireChange[] {
  return changes.map((change) => {
    const { kind } = change
    const descriptor = descriptorOf(kinds, kind)
    const numbers = plan.kinds.get(kind) as KindPlan
    if (change.op === 'deleteBy') {
      const place = indexOf(descriptor, kind, change.index)
      checkIndexed(kind, change.index, change.value)
      return [numbers.deleteBy[place] as number, change.value]
    }
    checkId(kind, change.id)
    if (change.op === 'delete') return [numbers.delete, change.id]
    if (change.op === 'insert') {
      const row = rowOf(descriptor, kind, change.value, change.expiresAt)
      return [numbers.insert, change.id, row.expiresAt, row.json, ...row.indexed]
    }
    checkVersion(kind, change.expected)
    if (change.op === 'require') return [numbers.require, change.id, change.expected]
    const row = rowOf(descriptor, kind, change.value, change.expiresAt)
    return [numbers.replace, change.id, change.expected, row.expiresAt, row.json, ...row.indexed]
  })
}
