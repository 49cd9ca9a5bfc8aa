import type { Log } from '@holdfast/server'
import { pino } from 'pino'
import { redact } from './redact.ts'

export interface LogOptions {
  /** `json`: one object a line, for machines. `text`: a short line, for people. */
  readonly form: 'json' | 'text'
  readonly color: boolean
  write(text: string): void
  /** Milliseconds since 1970. */
  now?(): number
}

type Level = 'info' | 'warn' | 'error'
type Fields = Readonly<Record<string, unknown>>

/** The operator's log. JSON lines by pino; text by a few lines of our own. Both are redacted. */
export function createLog(options: LogOptions): Log {
  const write = options.form === 'json' ? jsonLines(options) : textLines(options)
  const line =
    (level: Level) =>
    (event: string, fields: Fields = {}): void =>
      write(level, redact(event) as string, redact(fields) as Fields)
  return { info: line('info'), warn: line('warn'), error: line('error') }
}

function jsonLines({ write, now = Date.now }: LogOptions): (level: Level, event: string, fields: Fields) => void {
  const logger = pino(
    // No host name and process id: whoever collects the lines adds what they need.
    { base: null, timestamp: () => `,"time":"${new Date(now()).toISOString()}"`, formatters: { level: (label) => ({ level: label }) } },
    { write },
  )
  return (level, event, fields) => logger[level](fields, event)
}

const COLORS: Readonly<Record<Level, string>> = { info: '\u001b[32m', warn: '\u001b[33m', error: '\u001b[31m' }

function textLines({ write, color, now = Date.now }: LogOptions): (level: Level, event: string, fields: Fields) => void {
  return (level, event, fields) => {
    const time = new Date(now()).toTimeString().slice(0, 8)
    const name = color ? `${COLORS[level]}${level.padEnd(5)}\u001b[0m` : level.padEnd(5)
    const rest = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}=${typeof value === 'string' ? shown(value) : JSON.stringify(value)}`)
    write(`${time} ${name} ${printable(event)}${rest.join('')}\n`)
  }
}

/** What came from outside must neither end the line nor steer the terminal. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => (character === '\n' ? '\n    ' : '?'))
}

function shown(value: string): string {
  return /^[\w.:/@[\]-]+$/.test(value) ? value : printable(value)
}
