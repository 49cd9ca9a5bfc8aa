import type { Seconds } from '@holdfast/protocol/time'

/** RFC 9111 §5.2.2 for a cache of one's own: how much longer an answer is fresh; undefined where nothing is said. */
export function lifetimeOf(headers: Readonly<Record<string, string>>): Seconds | undefined {
  const directives = (headers['cache-control'] ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
  if (directives.some((one) => one === 'no-store' || one === 'no-cache' || one.startsWith('no-cache='))) return 0
  const [, seconds] = directives.map((one) => /^max-age="?([0-9]{1,10})"?$/.exec(one)).find((match) => match !== null) ?? []
  if (seconds === undefined) return undefined
  const age = /^[0-9]{1,10}$/.exec(headers['age'] ?? '') === null ? 0 : Number(headers['age'])
  return Math.max(Number(seconds) - age, 0)
}
