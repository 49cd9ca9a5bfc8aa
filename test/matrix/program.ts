import type { KeyPair } from '@holdfast/proof/node'
import type { Client } from '@holdfast/server'
import { Application, type Credentials } from '../../packages/server/src/test/application.ts'
import { Wallet } from '../../packages/server/src/test/attested.ts'
import type { Held, MutualTls } from '../../packages/server/src/test/mutual-tls.ts'
import type { Person } from '../../packages/server/src/test/person.ts'
import { ASSERTION_KEY, type MethodRow } from './methods.ts'

/** What a program proves to hold on every request, beside its client's credentials. */
export interface Holdings {
  readonly dpop: KeyPair | undefined
  readonly certificate: Held | undefined
}

/** The program of a client of the matrix: authenticated by any method, bound to anything. */
export class Program extends Application {
  readonly wallet: Wallet
  readonly held: Holdings
  readonly #tls: MutualTls
  readonly #row: MethodRow

  constructor(tls: MutualTls, client: Client, row: MethodRow, held: Holdings, person: Person, challenge: string) {
    const as = held.certificate === undefined ? tls.as : tls.over(held.certificate)
    super(as, client, { dpop: held.dpop, assertion: ASSERTION_KEY, person })
    this.wallet = new Wallet(this)
    this.wallet.challenge = challenge
    this.held = held
    this.#tls = tls
    this.#row = row
  }

  override credentials(): Credentials {
    return this.#row.credentials?.(this.wallet) ?? super.credentials()
  }

  /** The same client, which now holds less. */
  with(held: Partial<Holdings>): Program {
    return new Program(this.#tls, this.client, this.#row, { ...this.held, ...held }, this.person, this.wallet.challenge ?? '')
  }
}
