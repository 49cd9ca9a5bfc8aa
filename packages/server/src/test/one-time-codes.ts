import type { Account, Accounts } from '../index.ts'
import { PASSWORD } from './server.ts'

/** Somebody with a password alone, and somebody with a second factor. */
export const ADA: Account = { sub: 'u_ada', username: 'ada', displayName: 'Ada', claims: { name: 'Ada Lovelace' }, disabled: false }
export const GRACE: Account = { ...ADA, sub: 'u_grace', username: 'grace', displayName: 'Grace', claims: {}, secondFactors: ['otp'] }

/** People whose codes a test deals out: each is right once. */
export class CodePeople implements Accounts {
  readonly people: Map<string, Account> = new Map([ADA, GRACE].map((one) => [one.sub, one]))
  /** Codes that are still good, whoever shows them; only those who have the factor are asked. */
  readonly codes: Set<string> = new Set()
  /** What was checked, in order. */
  readonly passwords: string[] = []
  readonly shown: string[] = []

  find(sub: string): Promise<Account | undefined> {
    return Promise.resolve(this.people.get(sub))
  }

  verifyPassword(username: string, password: string): Promise<Account | undefined> {
    this.passwords.push(username)
    return Promise.resolve([...this.people.values()].find((one) => one.username === username && password === PASSWORD))
  }

  async verifyOneTimeCode(sub: string, code: string): Promise<boolean> {
    this.shown.push(code)
    await Promise.resolve()
    return this.people.get(sub)?.secondFactors?.includes('otp') === true && this.codes.delete(code)
  }

  /** A fresh code that is right once. */
  deal(): string {
    const code = String(100_000 + this.codes.size + this.shown.length * 7).padStart(6, '0')
    this.codes.add(code)
    return code
  }
}
