/** The parameters of one challenge, in order. Each name at most once (OA-70). */
export type ChallengeParameters = Readonly<Record<string, string | undefined>>

/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1), every value as a quoted string. */
export function challenge(scheme: 'Basic' | 'Bearer' | 'DPoP', parameters: ChallengeParameters): string {
  const parts = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${quoted(value)}"`]))
  return parts.length === 0 ? scheme : `${scheme} ${parts.join(', ')}`
}

/** Nothing that could end the string or the header line survives. */
function quoted(value: string): string {
  return value.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
}

/** One challenge of an answer: what to show, and why what was shown is not enough. */
export interface Challenge {
  /** In lower case: schemes are compared without regard to it (RFC 9110 §11.1). */
  readonly scheme: string
  /** By name in lower case, quotes taken off. */
  readonly parameters: Readonly<Record<string, string>>
  /** What stands in place of parameters, as in `Negotiate TlRMTVNTUAAB…`. */
  readonly token68: string | undefined
}

// One at a time from where the last one ended: no pattern can be run over the same text twice.
const END = /[ \t]*(?=,|$)/y
const GAP = /[ \t]*(?:,[ \t]*)*/y
const SCHEME = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?=[ \t]*(?:,|$)|[ \t])/y
const TOKEN68 = /[ \t]+([-A-Za-z0-9._~+/]+=*)(?=[ \t]*(?:,|$))/y
const PARAMETER =
  /[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[^])*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))(?=[ \t]*(?:,|$))/y
const NEXT_PARAMETER = new RegExp(`[ \\t]*,(?:[ \\t]*,)*${PARAMETER.source}`, 'y')

/**
 * The challenges of `WWW-Authenticate`, from any number of lines and any number in one (RFC 9110 §11.6.1).
 *
 * @returns `undefined` when a line cannot be read: half of a challenge would say something else than the whole. A parameter
 * that is there twice makes it unreadable too, since readers differ about which one counts.
 */
export function parseChallenges(lines: readonly string[]): readonly Challenge[] | undefined {
  const found: Challenge[] = []
  for (const line of lines) {
    const challenges = challengesOf(line)
    if (challenges === undefined) return undefined
    found.push(...challenges)
  }
  return found
}

/** What a pattern finds at the place where the last one ended. */
type Take = (pattern: RegExp) => RegExpExecArray | undefined

function challengesOf(line: string): readonly Challenge[] | undefined {
  const found: Challenge[] = []
  let at = 0
  const take: Take = (pattern) => {
    pattern.lastIndex = at
    const match = pattern.exec(line) ?? undefined
    if (match !== undefined) at = pattern.lastIndex
    return match
  }
  for (take(GAP); at < line.length; take(GAP)) {
    const scheme = take(SCHEME)?.[1]
    if (scheme === undefined) return undefined
    const token68 = take(TOKEN68)?.[1]
    const parameters = token68 === undefined ? parametersOf(take) : {}
    if (parameters === undefined || take(END) === undefined) return undefined
    found.push({ scheme: scheme.toLowerCase(), parameters, token68 })
  }
  return found
}

function parametersOf(take: Take): Challenge['parameters'] | undefined {
  const found = new Map<string, string>()
  // The first one stands after the scheme, each other after a comma; what stands there and is none begins the next challenge.
  for (let match = take(PARAMETER); match !== undefined; match = take(NEXT_PARAMETER)) {
    const [, name = '', quoted, plain = ''] = match
    if (found.has(name.toLowerCase())) return undefined
    found.set(name.toLowerCase(), quoted?.replaceAll(/\\([^])/g, '$1') ?? plain)
  }
  return Object.fromEntries(found)
}
