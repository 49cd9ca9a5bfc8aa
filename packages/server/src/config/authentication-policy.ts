import type { AuthenticationLevel } from './authentication-levels.ts'
import type { Account, SecondFactor } from '../interaction/accounts.ts'

/** What a factor adds to `amr` (RFC 8176). A passkey may be either kind: which one is known once it was shown. */
const GAINED: Readonly<Record<SecondFactor, readonly string[]>> = { otp: ['otp'], passkey: ['hwk', 'swk'] }
/** A passkey is proof against phishing (its origin is part of what is signed), wherever it is kept. */
const PASSKEY: readonly string[] = ['hwk', 'swk']

/** When who has a second factor is asked for it. */
export type SecondFactorPolicy = 'always' | 'when-asked'

/** How people must sign in: which methods make which level, and whether a second factor is asked for by itself. */
export class AuthenticationPolicy {
  readonly #levels: readonly AuthenticationLevel[]
  readonly #secondFactor: SecondFactorPolicy

  constructor(levels: readonly AuthenticationLevel[] = [], secondFactor: SecondFactorPolicy = 'always') {
    this.#levels = levels
    this.#secondFactor = secondFactor
  }

  /** `acr_values_supported`: the strongest last. */
  get acrs(): readonly string[] {
    return this.#levels.map(({ acr }) => acr)
  }

  /**
   * RFC 9470 §5: with levels an `acr` that is asked for is a condition, or an API and a client would send the person round in
   * circles. Without levels it is a wish that nobody here can grant (OpenID Connect Core §3.1.2.1).
   */
  get stepsUp(): boolean {
    return this.#levels.length > 0
  }

  /** Whether a sign-in by these methods has all that the account asks for by itself (A54). */
  enough({ secondFactors = [] }: Pick<Account, 'secondFactors'>, amr: readonly string[]): boolean {
    return this.#secondFactor === 'when-asked' || this.complete({ secondFactors }, amr)
  }

  /** Whether a second factor was proven by whoever has one, also where it is not asked for by itself: who changes factors shows one (A54). */
  complete({ secondFactors = [] }: Pick<Account, 'secondFactors'>, amr: readonly string[]): boolean {
    return secondFactors.length === 0 || secondFactors.some((factor) => provenBy(factor, amr))
  }

  /**
   * The `acr` for these methods: the first one asked for that they reach, since an API compares names and knows no order
   * (STEP-06); the strongest they reach when none is asked for.
   *
   * @returns undefined when none is reached
   */
  achieved(amr: readonly string[], asked: readonly string[] = []): string | undefined {
    const highest = this.#levels.findLastIndex(({ methods }) => methods.some((method) => met(method, amr)))
    const reached = this.#levels.slice(0, highest + 1).map(({ acr }) => acr)
    return asked.length === 0 ? reached.at(-1) : asked.find((acr) => reached.includes(acr))
  }

  satisfied(amr: readonly string[], asked: readonly string[]): boolean {
    return asked.length === 0 || this.achieved(amr, asked) !== undefined
  }

  /**
   * The factors of the account that are not proven yet and lead to what is asked for; those that do it alone, else all of
   * them when it takes several. With nothing asked for: any.
   */
  helpful(
    { secondFactors = [] }: Pick<Account, 'secondFactors'>,
    amr: readonly string[],
    asked: readonly string[],
  ): readonly SecondFactor[] {
    const open = secondFactors.filter((factor) => !provenBy(factor, amr))
    const alone = open.filter((factor) => this.satisfied(withFactors(amr, [factor]), asked))
    if (alone.length > 0) return alone
    return this.satisfied(withFactors(amr, open), asked) ? open : []
  }
}

/** Methods of a sign-in, with `mfa` where they are of more than one kind (RFC 8176 §2). */
export function methodsOf(...proven: readonly string[]): readonly string[] {
  const methods = [...new Set(proven)].filter((method) => method !== 'mfa')
  const several = proven.includes('mfa') || methods.length > 1
  return several ? [...methods, 'mfa'] : methods
}

export function provenBy(factor: SecondFactor, amr: readonly string[]): boolean {
  return GAINED[factor].some((method) => amr.includes(method))
}

function withFactors(amr: readonly string[], factors: readonly SecondFactor[]): readonly string[] {
  return factors.length === 0 ? amr : methodsOf(...amr, ...factors.flatMap((factor) => GAINED[factor]))
}

/** `pwd+otp`: all of them. `phr`: any passkey. */
function met(method: string, amr: readonly string[]): boolean {
  return method.split('+').every((part) => (part === 'phr' ? PASSKEY.some((one) => amr.includes(one)) : amr.includes(part)))
}
