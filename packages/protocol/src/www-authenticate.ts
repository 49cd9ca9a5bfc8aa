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
