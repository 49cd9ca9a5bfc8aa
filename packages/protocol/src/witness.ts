import { OAuthError } from './oauth-error.ts'

/** What a receiver found when it applied one rule to something that it was sent. Holds no value of the request but what a refusal says to its client. */
export interface Finding {
  /** What was looked at, in the standards' words: `DPoP proof`, `client_assertion`, `code`. */
  readonly about: string
  /** The rule in a few words: `htu`, `signature`. Names one check among those about the same thing. */
  readonly check: string
  /** The requirement in docs/standards, such as `DPOP-09`. */
  readonly rule: string
  /** Why it was refused; undefined: it passed. */
  readonly refused: string | undefined
}

/**
 * Is told of each check at the moment it decides, by the line that decides: so what it heard is what was checked. It changes no
 * decision, must not throw, and is there only while somebody develops (`HttpRequest.witness`).
 */
export type Witness = (finding: Finding) => void

/** Tells of one check, and hands on what it found. */
export function witnessed<Refusal extends OAuthError>(
  witness: Witness | undefined,
  { about, check, rule }: Omit<Finding, 'refused'>,
  refusal: Refusal | undefined,
): Refusal | undefined {
  witness?.({ about, check, rule, refused: refusal?.description })
  return refusal
}

/** Hands on what a step yields, a value or a refusal, and tells which of the two it was. */
export type Tell = <Outcome>(check: string, rule: string, outcome: Outcome) => Outcome

/** For steps that yield a value: tells of each of them, all about the same thing. */
export function tellerOf(about: string, witness: Witness | undefined): Tell {
  if (witness === undefined) return unheard
  return (check, rule, outcome) => {
    witness({ about, check, rule, refused: outcome instanceof OAuthError ? outcome.description : undefined })
    return outcome
  }
}

/** One for all: where nobody listens, nothing is made. */
function unheard<Outcome>(_check: string, _rule: string, outcome: Outcome): Outcome {
  return outcome
}

/** One rule of a receiver: the reason for which it refuses, or the whole refusal where the reason is not all; undefined: it holds. */
export interface NamedCheck<Subject, Refused> {
  readonly name: string
  readonly rule: string
  readonly check: (subject: Subject) => Refused | undefined
}

/**
 * Applies rules in their order, up to the first that refuses.
 *
 * @returns undefined when all hold
 */
export function firstRefusal<Subject, Refused extends OAuthError>(
  about: string,
  checks: readonly NamedCheck<Subject, Refused>[],
  subject: Subject,
  witness: Witness | undefined,
): Refused | undefined {
  for (const { name, rule, check } of checks) {
    const refusal = check(subject)
    if (witness !== undefined) witness({ about, check: name, rule, refused: refusal?.description })
    if (refusal !== undefined) return refusal
  }
  return undefined
}
