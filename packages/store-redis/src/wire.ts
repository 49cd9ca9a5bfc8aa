import type { Change, Kinds, RecordMap } from '@holdfast/store'
import { checkId, checkIndexed, checkVersion, descriptorOf, indexOf, rowOf } from '@holdfast/store/rows'
import type { Argument } from './connection.ts'

/** Changes as the commit script takes them. Values are serialised here, once. @throws {TypeError} before anything is sent */
export function wireOf<R extends RecordMap>(kinds: Kinds<R>, changes: readonly Change<R>[]): readonly Argument[] {
  const wire: Argument[] = []
  for (const change of changes) wire.push(...oneOf(kinds, change))
  return wire
}

function oneOf<R extends RecordMap>(kinds: Kinds<R>, change: Change<R>): readonly Argument[] {
  const { kind } = change
  const descriptor = descriptorOf(kinds, kind)
  if (change.op === 'deleteBy') {
    indexOf(descriptor, kind, change.index)
    checkIndexed(kind, change.index, change.value)
    return ['swept', kind, change.index, change.value]
  }
  checkId(kind, change.id)
  if (change.op === 'delete') return ['deleted', kind, change.id]
  if (change.op !== 'insert') checkVersion(kind, change.expected)
  if (change.op === 'require') return ['required', kind, change.id, change.expected]
  const { json, expiresAt, indexed } = rowOf(descriptor, kind, change.value, change.expiresAt)
  const places = descriptor.indexes.flatMap((index, place) => {
    const value = indexed[place]
    return typeof value === 'string' ? [index, value] : []
  })
  const row = [expiresAt ?? '', json, places.length / 2, ...places]
  return change.op === 'insert' ? ['inserted', kind, change.id, ...row] : ['replaced', kind, change.id, change.expected, ...row]
}
