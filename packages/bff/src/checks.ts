import type { Finding, NamedCheck, Witness } from '@holdfast/protocol/witness'

/** As `witnessed` of the protocol, for reasons in other words than OAuth's: tells of one check, and hands on why it refuses. */
export function told(
  witness: Witness | undefined,
  { about, check, rule }: Omit<Finding, 'refused'>,
  reason: string | undefined,
): string | undefined {
  witness?.({ about, check, rule, refused: reason })
  return reason
}

/** Applies rules in their order, up to the first that refuses. @returns that rule and its reason; undefined when all hold */
export function firstReason<Subject>(
  about: string,
  checks: readonly NamedCheck<Subject, string>[],
  subject: Subject,
  witness: Witness | undefined,
): { readonly rule: string; readonly reason: string } | undefined {
  for (const { name, rule, check } of checks) {
    const reason = told(witness, { about, check: name, rule }, check(subject))
    if (reason !== undefined) return { rule, reason }
  }
  return undefined
}

/** The same for checks that say more than a reason. */
export function firstFailure<Subject, Refused extends { readonly detail: string }>(
  about: string,
  checks: readonly NamedCheck<Subject, Refused>[],
  subject: Subject,
  witness: Witness | undefined,
): Refused | undefined {
  for (const { name, rule, check } of checks) {
    const failure = check(subject)
    told(witness, { about, check: name, rule }, failure?.detail)
    if (failure !== undefined) return failure
  }
  return undefined
}
