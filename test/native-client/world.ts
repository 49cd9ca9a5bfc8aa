import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as send } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import { remote } from '@holdfast/testing/remote'
import type { RunningDemo } from '../browser/demo.ts'

const program = fileURLToPath(new URL('../../examples/src/native-client/main.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly said: string
  readonly told: string
}

/** One person's machine: a home for the program, and a browser of the system that only writes down what it is to open. */
export class Machine {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'holdfast-native-'))
  readonly #issuer: string
  readonly #settings: Readonly<Record<string, string>>

  constructor(issuer: string, settings: Readonly<Record<string, string>> = {}) {
    this.#issuer = issuer
    this.#settings = settings
    const opener = join(this.#folder, 'xdg-open')
    writeFileSync(opener, `#!/bin/sh\nprintf '%s %s' "$#" "$1" > '${join(this.#folder, 'opened')}'\n`)
    chmodSync(opener, 0o700)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** How many arguments the system's browser was given, and the first. */
  get opened(): string | undefined {
    const path = join(this.#folder, 'opened')
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }

  /** The files that the program keeps. */
  get files(): readonly string[] {
    return readdirSync(this.#folder)
      .filter((name) => /\.(json|lock)$/.test(name))
      .map((name) => join(this.#folder, name))
  }

  /** Puts a session of its issuer where the program looks for it. */
  keep(kept: object): void {
    const name = createHash('sha256').update(this.#issuer).digest('hex').slice(0, 16)
    writeFileSync(join(this.#folder, `${name}.json`), JSON.stringify(kept), { mode: 0o600 })
  }

  get kept(): { readonly refreshToken: string; readonly key: JsonWebKey } {
    const file = this.files.find((name) => name.endsWith('.json')) ?? ''
    return JSON.parse(readFileSync(file, 'utf8')) as { refreshToken: string; key: JsonWebKey }
  }

  /** Starts a command. @returns its end, and a wait for something that it says */
  start(...args: readonly string[]): { readonly ended: Promise<Ended>; saying(pattern: RegExp): Promise<string> } {
    const child = spawn(process.execPath, [program, ...args, '--issuer', this.#issuer], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...this.#settings,
        HOLDFAST_EXAMPLE_HOME: this.#folder,
        PATH: `${this.#folder}:${process.env['PATH']}`,
        // Whatever keychain this machine has is a person's own.
        HOLDFAST_EXAMPLE_KEYCHAIN: 'off',
      },
    })
    let [said, told] = ['', '']
    const heard = new Set<() => void>()
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString()
      for (const listen of heard) listen()
    })
    child.stderr.on('data', (data: Buffer) => (told += data.toString()))
    const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, said, told })))
    return {
      ended,
      saying: (pattern) =>
        new Promise((resolve, reject) => {
          const listen = (): void => {
            const found = pattern.exec(said)?.[1]
            if (found !== undefined) resolve(found)
          }
          heard.add(listen)
          listen()
          void ended.then(({ told }) => reject(new Error(`it ended without: ${told}`)))
        }),
    }
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended
  }
}

/** Her browser, on the server's pages. */
export function browserFor({ issuer }: Pick<RunningDemo, 'issuer'>): Browser {
  return new Browser(new Internet().host(issuer, remote(issuer)))
}

/** She signs in and allows. @returns where she is sent, without going there: nobody of her net is at that address */
export async function allowed(demo: RunningDemo, url: string, answer = 'allow'): Promise<URL> {
  const browser = browserFor(demo)
  await browser.goto(url)
  await browser.fill('#username', 'demo').fill('#password', demo.password).click('#login-submit')
  await browser.click(`#consent-${answer}`)
  return new URL(browser.url)
}

/** `fetch` would not say another Host. */
export const statusOf = (url: URL, over: { method?: string; host?: string } = {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = over.host === undefined ? {} : { host: over.host }
    send(url, { method: over.method ?? 'GET', headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
