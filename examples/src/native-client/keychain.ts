import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { tell } from './terminal.ts'

const SERVICE = 'holdfast-native-example'
/** How long another command of ours may refresh before this one gives up, in milliseconds. */
const LONGEST = 5_000

/** What this installation keeps of one issuer: never shown to another one. */
export interface Kept {
  readonly subject: string
  readonly refreshToken: string
  readonly key: JsonWebKey
}

interface Place {
  read(): Promise<string | undefined>
  write(text: string): Promise<void>
  remove(): Promise<void>
}

/** The keychain of the operating system; where there is none a file that only its owner can read. */
export class Keychain {
  readonly #place: Place
  readonly #lock: string

  private constructor(place: Place, lock: string) {
    this.#place = place
    this.#lock = lock
  }

  static async open(issuer: string): Promise<Keychain> {
    const folder = process.env['HOLDFAST_EXAMPLE_HOME'] ?? join(homedir(), '.holdfast-native-example')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const name = join(folder, createHash('sha256').update(issuer).digest('hex').slice(0, 16))
    return new Keychain((await systemKeychain(issuer)) ?? file(`${name}.json`), `${name}.lock`)
  }

  async read(): Promise<Kept | undefined> {
    const text = await this.#place.read()
    return text === undefined ? undefined : (JSON.parse(text) as Kept)
  }

  write(kept: Kept): Promise<void> {
    return this.#place.write(JSON.stringify(kept))
  }

  forget(): Promise<void> {
    return this.#place.remove()
  }

  /**
   * One command at a time: two that refresh with one token look like a thief to the server, and both are signed out. The
   * lock is the operating system's, by SQLite: it ends with the process, however that ends.
   *
   * @throws {Error} another one did not finish
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const lock = new DatabaseSync(this.#lock, { timeout: LONGEST })
    try {
      try {
        lock.exec('BEGIN EXCLUSIVE')
      } catch {
        throw new Error('Another command of this program is at it: try again.')
      }
      return await work()
    } finally {
      lock.close()
    }
  }
}

/** macOS Keychain, Windows Credential Manager, Secret Service on Linux; undefined where none answers. */
async function systemKeychain(issuer: string): Promise<Place | undefined> {
  if (process.env['HOLDFAST_EXAMPLE_KEYCHAIN'] === 'off') return undefined
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring')
    // The kernel's keyring, the library's other choice on Linux, forgets at the next start.
    const entry = new AsyncEntry(SERVICE, issuer, { linux: { store: 'secret-service' } })
    await entry.getPassword()
    return {
      read: async () => (await entry.getPassword()) ?? undefined,
      write: (text) => entry.setPassword(text),
      remove: async () => void (await entry.deletePassword()),
    }
  } catch {
    return undefined
  }
}

function file(path: string): Place {
  const found = (): string | undefined => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  }
  return {
    read: () => Promise.resolve(found()),
    write: async (text) => {
      if (found() === undefined) tell(`No keychain here: the key and the refresh token are in ${path}, which only you can read.`)
      writeFileSync(`${path}.new`, text, { mode: 0o600 })
      // A file of that name may have been there, with rights of its own.
      chmodSync(`${path}.new`, 0o600)
      renameSync(`${path}.new`, path)
    },
    remove: async () => rmSync(path, { force: true }),
  }
}
