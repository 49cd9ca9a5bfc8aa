import { isRecord } from '@holdfast/server/config'

export type Tree = Record<string, unknown>

/** A copy whose objects may be changed; what is no object or list is shared. */
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)])) : value
}

export function valueAt(tree: unknown, members: readonly string[]): unknown {
  return members.reduce<unknown>((at, member) => (isRecord(at) && Object.hasOwn(at, member) ? at[member] : undefined), tree)
}

/** Sets a member, making the objects on the way. A file that has something else there keeps it: the schema will say so. */
export function setAt(tree: Tree, members: readonly string[], value: unknown): void {
  const [first, ...rest] = members
  if (first === undefined) return
  if (rest.length === 0) {
    tree[first] = value
    return
  }
  tree[first] ??= {}
  if (isRecord(tree[first])) setAt(tree[first] as Tree, rest, value)
}
