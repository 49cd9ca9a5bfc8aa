import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { AuthenticatorApps, NewAuthenticatorApp } from '@holdfast/server'
import type { People } from './people.ts'
import type { AccountRecord, TotpRecord } from './records.ts'
import { newTotpSecret, stepOf, type TotpSecrets, totpUri } from './totp.ts'

/** As long as somebody may need to find, install and set up an app. */
const WAITS: Seconds = 600

/** What people do with their authenticator apps, in the same record as the rest of the account: each change is under its version. */
export class StoredAuthenticatorApps implements AuthenticatorApps {
  readonly #people: People
  readonly #secrets: TotpSecrets

  constructor(people: People, secrets: TotpSecrets) {
    this.#people = people
    this.#secrets = secrets
  }

  async begin(subject: string, issuerName: string, now: EpochSeconds): Promise<NewAuthenticatorApp> {
    const secret = newTotpSecret()
    const pendingTotp = { ...this.#secrets.seal(subject, secret), expiresAt: now + WAITS }
    let username = ''
    const changed = await this.#people.change(subject, (value) => {
      username = value.username
      return { ...value, pendingTotp }
    })
    if (!changed) throw new TypeError('there is no person of this subject')
    return { secret, uri: totpUri(secret, issuerName, username) }
  }

  async pending(subject: string, issuerName: string, now: EpochSeconds): Promise<NewAuthenticatorApp | undefined> {
    const record = await this.#people.find(subject)
    const secret = record && this.#waiting(subject, record.value, now)
    return secret === undefined ? undefined : { secret, uri: totpUri(secret, issuerName, record?.value.username ?? '') }
  }

  async confirm(subject: string, code: string, now: EpochSeconds): Promise<boolean> {
    for (;;) {
      const record = await this.#people.find(subject)
      if (record === undefined || record.value.disabled) return false
      const { pendingTotp, totp: before, ...value } = record.value
      const secret = this.#waiting(subject, record.value, now)
      const step = secret === undefined ? undefined : stepOf(secret, code, now)
      if (pendingTotp === undefined || step === undefined) return false
      const { sealed, secretId } = pendingTotp
      // The step is written with the app: this very code signs nobody in (RFC 6238 §5.2).
      const totp: TotpRecord = { sealed, secretId, lastStep: step, seeded: false, ...this.#insteadOf(subject, before) }
      if (await this.#people.replace(record, { ...value, totp })) return true
    }
  }

  async has(subject: string): Promise<boolean> {
    return (await this.#people.find(subject))?.value.totp !== undefined
  }

  async remove(subject: string): Promise<boolean> {
    for (;;) {
      const record = await this.#people.find(subject)
      if (record === undefined) return false
      const { pendingTotp, totp, ...value } = record.value
      if (totp === undefined && pendingTotp === undefined) return false
      if (await this.#people.replace(record, value)) return totp !== undefined
    }
  }

  /** The secret of the app that waits. */
  #waiting(subject: string, { pendingTotp }: AccountRecord, now: EpochSeconds): string | undefined {
    return pendingTotp === undefined || now >= pendingTotp.expiresAt ? undefined : this.#secrets.open(subject, pendingTotp)
  }

  /** Without it the next start would put the seed's secret back, and the person's app would be worth nothing. */
  #insteadOf(subject: string, before: TotpRecord | undefined): Pick<TotpRecord, 'insteadOf'> {
    const seeded = before?.seeded === true ? this.#secrets.open(subject, before) : undefined
    const insteadOf = seeded === undefined ? before?.insteadOf : secretHash(seeded)
    return insteadOf === undefined ? {} : { insteadOf }
  }
}
