import type { Expected, Row } from './row.ts'

/** What came back, as every mount in every runtime must give it. */
export interface Answer {
  readonly status: number
  /** Names in lower case, sorted by name; a header of several lines has its values joined as RFC 9110 §5.3 allows. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** About the connection, the moment, or the program that listens: none is the guard's. */
const NOT_OURS: ReadonlySet<string> = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding'])

export function answerOf(
  status: number,
  headers: Iterable<readonly [string, string]>,
  body: string,
  labels: Readonly<Record<string, string>>,
): Answer {
  const all = new Map<string, string>()
  for (const [sent, value] of headers) {
    const name = sent.toLowerCase()
    if (NOT_OURS.has(name)) continue
    const before = all.get(name)
    all.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  if (all.has('dpop-nonce')) all.set('dpop-nonce', '<nonce>')
  const named = Object.entries(labels).reduce((text, [value, label]) => text.replaceAll(value, label), body)
  return { status, headers: [...all].sort(([a], [b]) => (a < b ? -1 : 1)), body: named }
}

/** @returns how an answer differs from what was written by hand beside its request; empty when it does not */
export function faultsOf({ sent, expected }: Row, { status, headers, body }: Answer): readonly string[] {
  const header = (name: string): string => headers.find(([one]) => one === name)?.[1] ?? ''
  const unquoted = header('www-authenticate').replaceAll(/"[^"]*"/g, '""')
  const schemes = [...unquoted.matchAll(/(?:^|, )(\w+) \w+=/g)].map(([, scheme]) => scheme).join(' ')
  const errors = [...header('www-authenticate').matchAll(/error="([^"]*)"/g)].map(([, error]) => error)
  const told = sent.method === 'HEAD' ? expected.error : errorOf(body)
  const seen: Required<Expected> = { status, error: told ?? '', schemes }
  const wanted: Required<Expected> = { status: expected.status, error: expected.error ?? '', schemes: expected.schemes ?? '' }
  const faults = (['status', 'error', 'schemes'] as const)
    .filter((member) => seen[member] !== wanted[member])
    .map((member) => `${member} is ${seen[member]}, not ${wanted[member]}`)
  const strange = errors.filter((error) => error !== expected.error).map((error) => `a challenge says ${error}`)
  return [...faults, ...strange]
}

function errorOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { readonly error?: string }).error
  } catch {
    return `no JSON: ${body.slice(0, 100)}`
  }
}
