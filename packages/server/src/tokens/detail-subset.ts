import { type AuthorizationDetail, type Json, sameJson } from '@holdfast/protocol/authorization-details'

/** RFC 9396 §2.2: lists of which less is less. */
const SETS: readonly string[] = ['locations', 'actions', 'datatypes', 'privileges']

/**
 * Whether a detail asks for no more than one of the same type that was granted: every member is equal, and the
 * common lists are a part of what was granted. A list that is left out or empty may mean everything to an API,
 * so it is within one that was left out or empty alone.
 */
export function isWithin(requested: AuthorizationDetail, granted: AuthorizationDetail): boolean {
  const names = Object.keys(granted)
  return (
    names.length === Object.keys(requested).length &&
    names.every((name) => {
      if (!Object.hasOwn(requested, name)) return false
      const [wanted, given] = [requested[name], granted[name]]
      return sameJson(wanted, given) || (SETS.includes(name) && isPart(wanted, given))
    })
  )
}

function isPart(wanted: Json | undefined, given: Json | undefined): boolean {
  if (!Array.isArray(wanted) || !Array.isArray(given) || wanted.length === 0) return false
  return (wanted as readonly Json[]).every((item) => (given as readonly Json[]).some((one) => sameJson(one, item)))
}

/**
 * Finds for each requested detail a granted one of its own (a matching by augmenting paths; there are at most 20).
 *
 * @returns the index of a requested one for which there is none
 */
export function cover(
  requested: readonly AuthorizationDetail[],
  granted: readonly AuthorizationDetail[],
  within: (requested: AuthorizationDetail, granted: AuthorizationDetail) => boolean,
): number | undefined {
  const fits = requested.map((one) => granted.map((other) => within(one, other)))
  /** Granted → requested. */
  const taken = new Map<number, number>()
  const place = (wanted: number, tried: Set<number>): boolean => {
    for (const index of granted.keys()) {
      if (fits[wanted]?.[index] !== true || tried.has(index)) continue
      tried.add(index)
      const holder = taken.get(index)
      if (holder !== undefined && !place(holder, tried)) continue
      taken.set(index, wanted)
      return true
    }
    return false
  }
  const left = [...requested.keys()].find((wanted) => !place(wanted, new Set()))
  return left
}
