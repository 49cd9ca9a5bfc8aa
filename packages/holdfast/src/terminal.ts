import type { Environment } from './config/sources.ts'

/** Where a command reads from and writes to: an argument, so that a test can stand in for the terminal. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  readonly environment: Environment
  /** The working directory. */
  readonly directory: string
  /** Whether standard output is a person's terminal. */
  readonly isTTY: boolean
}

/** Codes that the program ends with. */
export const EXIT: { readonly ok: 0; readonly failure: 1; readonly usage: 2 } = { ok: 0, failure: 1, usage: 2 }

/** A command that did not do what it was asked to: the text goes to standard error, the code to the shell. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: number
  /** For `--json`: what is printed beside the message. */
  readonly detail: Readonly<Record<string, unknown>>

  constructor(message: string, exitCode: number = EXIT.failure, detail: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.exitCode = exitCode
    this.detail = detail
  }
}

/** no-color.org: any value but the empty one; and never into a file or pipe. */
export function hasColor(terminal: Pick<Terminal, 'environment' | 'isTTY'>): boolean {
  return terminal.isTTY && (terminal.environment['NO_COLOR'] ?? '') === '' && terminal.environment['TERM'] !== 'dumb'
}

export function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    environment: process.env,
    directory: process.cwd(),
    isTTY: process.stdout.isTTY,
  }
}
