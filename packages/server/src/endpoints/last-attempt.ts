import type { Finding, Witness } from '@holdfast/protocol/witness'

/** Keeps what an attempt found until it is known to be the last one: an attempt that is made again decided nothing. */
export class LastAttempt {
  readonly #witness: Witness | undefined
  #findings: Finding[] = []

  constructor(witness: Witness | undefined) {
    this.#witness = witness
  }

  /** @returns whom to tell in the attempt that begins, and the one before is forgotten; undefined where nobody listens */
  begin(): Witness | undefined {
    if (this.#witness === undefined) return undefined
    const findings: Finding[] = []
    this.#findings = findings
    return (finding) => void findings.push(finding)
  }

  /** The commit refused what the attempt decided: its own refusals were not answered, and what they say was done was not. */
  overruled(): void {
    this.#findings.splice(0, this.#findings.length, ...this.#findings.filter(({ refused }) => refused === undefined))
  }

  /** No other attempt follows. */
  end(): void {
    for (const finding of this.#findings) this.#witness?.(finding)
    this.#findings = []
  }
}

/** For what is looked at once more, and was told the first time. */
export function onlyRefusals(witness: Witness | undefined): Witness | undefined {
  if (witness === undefined) return undefined
  return (finding) => {
    if (finding.refused !== undefined) witness(finding)
  }
}
