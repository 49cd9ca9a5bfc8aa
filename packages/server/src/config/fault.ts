/** One thing wrong with a configuration. All of them are told at once. */
export interface Fault {
  /** Where it stands, e.g. `clients[0].redirect_uris[1]`. */
  readonly path: string
  /** Follows the path to make a sentence that says what is allowed. Holds no secret value. */
  readonly message: string
}

/** What was read, or every fault that stood in the way. */
export type Read<T> = { readonly value: T; readonly faults: readonly [] } | { readonly value: undefined; readonly faults: readonly Fault[] }

export function readOf<T>(value: T, faults: readonly Fault[]): Read<T> {
  return faults.length === 0 ? { value, faults: [] } : { value: undefined, faults }
}

/** A member's path: `listen` and `port` make `listen.port`, `clients` and 0 make `clients[0]`. */
export function pathOf(parent: string, ...members: readonly PropertyKey[]): string {
  return members.reduce<string>(
    (path, member) => (typeof member === 'number' ? `${path}[${member}]` : path === '' ? String(member) : `${path}.${String(member)}`),
    parent,
  )
}

/** The name that was probably meant: the same letters in another case or style, or at most a few typing errors away. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = bare(name)
  const best = known.map((one) => ({ one, distance: distance(wanted, bare(one)) })).toSorted((a, b) => a.distance - b.distance)[0]
  if (best === undefined) return undefined
  return best.distance <= Math.max(1, Math.floor(wanted.length / 4)) ? best.one : undefined
}

export function unknownName(name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  if (meant !== undefined) return `is not an option; did you mean ${meant}?`
  return known.length <= 12 ? `is not an option; allowed are ${known.join(', ')}` : 'is not an option'
}

function bare(name: string): string {
  return name.replaceAll(/[-_.]/g, '').toLowerCase().slice(0, 64)
}

/** Levenshtein's, with a swap of neighbours as one error, since that is how people mistype. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1] as number[]
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (rows[i - 2]?.[j - 2] as number) + 1)
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] as number
}
