import type { Command } from 'commander'
import type { Configuration, Loaded } from '../config/configuration.ts'
import { CommandFailure, EXIT, type Terminal } from '../terminal.ts'

/** What every command that reads the configuration takes. */
export interface SourceOptions {
  readonly config?: string
  readonly set?: readonly string[]
  readonly issuer?: string
  readonly host?: string
  readonly port?: string
  readonly json?: boolean
}

/** Flags with a name of their own; any other option is `--set path=value`. */
const SHORT_FLAGS: Readonly<Record<'issuer' | 'host' | 'port', string>> = { issuer: 'issuer', host: 'listen.host', port: 'listen.port' }

export function addSourceOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration (default: holdfast.config.yaml, .yml, .json or .ts here; or HOLDFAST_CONFIG)')
    .option(
      '--set <path=value>',
      'one option, e.g. --set lifetimes.accessToken=60; lists as JSON; may be repeated',
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option('--json', 'machine-readable output')
}

export function addListenOptions(command: Command): Command {
  return command
    .option('--issuer <url>', 'the option issuer')
    .option('--host <address>', 'the option listen.host')
    .option('--port <number>', 'the option listen.port')
}

/** Reads the configuration without judging it. zod and yaml are loaded here, not for `--help`. */
export async function loadFrom(terminal: Terminal, options: SourceOptions): Promise<Loaded> {
  const { loadConfiguration } = await import('../config/load.ts')
  return loadConfiguration({
    file: options.config,
    flags: flagsOf(options),
    environment: terminal.environment,
    directory: terminal.directory,
  })
}

/** The configuration, with warnings on standard error. @throws {CommandFailure} with every fault */
export async function configurationFrom(
  terminal: Terminal,
  options: SourceOptions,
): Promise<{ readonly configuration: Configuration; readonly loaded: Loaded }> {
  const loaded = await loadFrom(terminal, options)
  const { configuration } = loaded
  if (configuration === undefined) throw await refused(loaded)
  for (const warning of loaded.warnings) terminal.err(`warning: ${warning}\n`)
  return { configuration, loaded }
}

export async function refused(loaded: Loaded<unknown>): Promise<CommandFailure> {
  const { formatFaults } = await import('../config/print.ts')
  const { faults, file } = loaded
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`
  return new CommandFailure(
    `the configuration has ${count}${file === undefined ? '' : ` (${file})`}:\n${formatFaults(faults)}`,
    EXIT.usage,
    { faults },
  )
}

/** @param short flags with a name of their own, and the option that each stands for */
export function flagsOf(
  options: Pick<SourceOptions, 'set'>,
  short: Readonly<Record<string, string>> = SHORT_FLAGS,
): ReadonlyMap<string, { readonly text: string; readonly name: string }> {
  const flags = new Map<string, { readonly text: string; readonly name: string }>()
  for (const pair of options.set ?? []) {
    const equals = pair.indexOf('=')
    // The value is not repeated: it may be a secret.
    if (equals <= 0) throw new CommandFailure(`--set takes path=value, such as --set listen.port=4001`, EXIT.usage)
    flags.set(pair.slice(0, equals), { text: pair.slice(equals + 1), name: `--set ${pair.slice(0, equals)}` })
  }
  for (const [name, path] of Object.entries(short)) {
    const text = (options as Readonly<Record<string, unknown>>)[name]
    if (typeof text === 'string') flags.set(path, { text, name: `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}` })
  }
  return flags
}
