/**
 * The people of an application that has them already, as the server's `Accounts`: a table `users(id, email,
 * password_hash, name)` in SQLite. It goes where the built-in people would:
 *
 *     const accounts = ownUsers(new DatabaseSync('app.db'))
 *     const server = await createServer({ issuer, store, accounts, clients, resources, secrets, memory })
 *
 * `verifyOneTimeCode`, `passkeys` and `authenticatorApps` may be left out, as here: then these people have passwords alone.
 */
import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import type { Account, Accounts } from '@holdfast/server'

/** `AUTOINCREMENT` keeps SQLite from giving a deleted person's id to the next one, who would then have that person's tokens. */
export const USERS = `CREATE TABLE IF NOT EXISTS users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  password_hash TEXT NOT NULL,
  name TEXT NOT NULL
)`

interface UserRow {
  readonly id: number
  readonly email: string
  readonly password_hash: string
  readonly name: string
}

export function ownUsers(database: DatabaseSync): Accounts {
  const byId = database.prepare('SELECT id, email, password_hash, name FROM users WHERE id = ?')
  const byEmail = database.prepare('SELECT id, email, password_hash, name FROM users WHERE email = ?')
  const named = (email: string): UserRow | undefined => byEmail.get(email.trim()) as unknown as UserRow | undefined
  // Of a password that nobody has: an unknown address takes as long as a wrong password, and so tells nothing.
  const nobody = hashPassword(randomBytes(32).toString('base64url'))
  return {
    // The text comes from outside too, such as a `login_hint`.
    find: async (sub) => {
      const [, id] = /^u_([1-9]\d{0,14})$/.exec(sub) ?? []
      return id === undefined ? undefined : toAccount(byId.get(Number(id)) as unknown as UserRow | undefined)
    },
    findByUsername: async (username) => toAccount(named(username)),
    verifyPassword: async (username, password) => {
      const row = named(username)
      const right = await isPassword(password, row?.password_hash ?? (await nobody))
      return right ? toAccount(row) : undefined
    },
  }
}

/** `sub` is the table's own id and never the address, which may change hands. `u_`, since no `client_id` may look like it. */
function toAccount(row: UserRow | undefined): Account | undefined {
  if (row === undefined) return undefined
  const { id, email, name } = row
  return { sub: `u_${id}`, username: email, displayName: name, claims: { name, email }, disabled: false }
}

const COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 }
const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** Stands for whatever the application has: what matters is that its own check is asked. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `scrypt$${salt.toString('base64url')}$${(await derive(password, salt, 32, COST)).toString('base64url')}`
}

async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, salt = '', hash = ''] = stored.split('$')
  const is = await derive(password, Buffer.from(salt, 'base64url'), 32, COST)
  const should = Buffer.from(hash, 'base64url')
  return is.length === should.length && timingSafeEqual(is, should)
}
