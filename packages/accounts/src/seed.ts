import { isDeepStrictEqual } from 'node:util'
import { secretHash } from '@holdfast/protocol/secret'
import type { Stored } from '@holdfast/store'
import type { PasswordHasher } from './argon2id.ts'
import { accountFault, type NewAccount, preparedPassword, preparedTotpSecret } from './credentials.ts'
import type { People } from './people.ts'
import type { AccountRecord, TotpRecord } from './records.ts'
import type { TotpSecrets } from './totp.ts'

/** User names, as the seed writes them. */
export interface SeedReport {
  readonly created: readonly string[]
  readonly updated: readonly string[]
}

interface Tools {
  readonly people: People
  readonly hasher: PasswordHasher
  readonly totp: TotpSecrets
  newSub(): string
}

/** See `BuiltInAccounts.seed`. All entries are checked before the first is written. */
export async function seedPeople(tools: Tools, accounts: readonly NewAccount[]): Promise<SeedReport> {
  for (const [index, account] of accounts.entries()) {
    const fault = accountFault(account)
    if (fault !== undefined) throw new TypeError(`accounts.seed[${index}].${fault.field} ${fault.message}`)
  }
  const created: string[] = []
  const updated: string[] = []
  // One after another: an installation seeds few, and its start is no rush of sign-ins.
  for (const account of accounts) {
    const done = await seedOne(tools, account)
    if (done === 'created') created.push(account.username)
    if (done === 'updated') updated.push(account.username)
  }
  return { created, updated }
}

/** Goes round again only when another process seeded or changed the same person meanwhile. */
async function seedOne(
  { people, hasher, totp, newSub }: Tools,
  { username, password, totpSecret, claims = {} }: NewAccount,
): Promise<'created' | 'updated' | 'unchanged'> {
  const prepared = preparedPassword(password) ?? ''
  for (;;) {
    const record = await people.byName(username)
    if (record === undefined) {
      const hash = await hasher.hash(prepared)
      const sub = newSub()
      if (
        await people.insert(sub, {
          username: username.trim(),
          passwordHash: hash,
          passwordGeneration: 1,
          seedHash: hash,
          ...totpOf(totp, sub, undefined, totpSecret),
          claims,
          disabled: false,
        })
      )
        return 'created'
      continue
    }
    const { totp: before, ...rest } = record.value
    const value = {
      ...rest,
      ...totpOf(totp, record.id, before, totpSecret),
      ...(await passwordOf(record, prepared, hasher)),
      claims: asStored(claims),
    }
    if (isDeepStrictEqual(value, record.value)) return 'unchanged'
    if (await people.replace(record, value)) return 'updated'
  }
}

/** The person's own password stands until the operator writes another one into the seed. */
async function passwordOf({ value }: Stored<AccountRecord>, prepared: string, hasher: PasswordHasher): Promise<Partial<AccountRecord>> {
  // Somebody whom no seed made: from now on we know what the seed says, and leave the password alone.
  if (value.seedHash === undefined) return { seedHash: await hasher.hash(prepared) }
  if (await hasher.verify(prepared, value.seedHash)) return {}
  const hash = await hasher.hash(prepared)
  return { passwordHash: hash, seedHash: hash, passwordGeneration: value.passwordGeneration + 1 }
}

/** The seed's secret goes and comes with its line; one that somebody set since then stays, and one that the person set in its place too. */
function totpOf(secrets: TotpSecrets, sub: string, before: TotpRecord | undefined, secret: string | undefined): { totp?: TotpRecord } {
  if (secret === undefined) return before === undefined || before.seeded ? {} : { totp: before }
  const prepared = preparedTotpSecret(secret)
  // The person has set up an app of their own in its place.
  if (before?.insteadOf !== undefined && before.insteadOf === secretHash(prepared)) return { totp: before }
  if (before !== undefined && secrets.open(sub, before) === prepared) return { totp: { ...before, seeded: true } }
  return { totp: { ...secrets.seal(sub, prepared), lastStep: before?.lastStep ?? 0, seeded: true } }
}

/** Claims as they come back from the store: without members that JSON leaves out. */
function asStored(claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(claims)) as Record<string, unknown>
}
