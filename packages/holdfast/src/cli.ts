import { Command, CommanderError } from 'commander'
import { addCheckConfig } from './commands/check-config.ts'
import { addClients } from './commands/clients.ts'
import { addGuard } from './commands/guard.ts'
import { addInit } from './commands/init.ts'
import { addKeys } from './commands/keys.ts'
import { addRegistrationToken } from './commands/registration-token.ts'
import { addSchema } from './commands/schema.ts'
import { addServe } from './commands/serve.ts'
import type { OpenServerAdmin } from './commands/server-admin.ts'
import { CommandFailure, EXIT, type Terminal } from './terminal.ts'

const EXIT_CODES = `
Exit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong.
NO_COLOR turns colours off. HOLDFAST_CONFIG names the configuration.`

/** Server and store are loaded by the commands that need them, not for `--help`. */
const openLazily: OpenServerAdmin = async (configuration) => (await import('./commands/server-admin.ts')).openServerAdmin(configuration)

/**
 * Runs one command line.
 *
 * @param argv without the program and the script
 * @returns the exit code
 */
export async function run(argv: readonly string[], terminal: Terminal, open: OpenServerAdmin = openLazily): Promise<number> {
  let code: number = EXIT.ok
  const exit = (wanted: number): void => {
    code = wanted
  }
  const program = new Command('holdfast')
    .description('OAuth 2.1 and OpenID Connect, with tokens bound to keys')
    .version('0.1.0')
    .addHelpText('after', EXIT_CODES)
  program.exitOverride().showHelpAfterError('(holdfast --help shows what there is)')
  program.configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
  addServe(program, terminal, exit)
  addGuard(program, terminal, exit)
  addCheckConfig(program, terminal, exit)
  addInit(program, terminal)
  addKeys(program, terminal, open)
  addClients(program, terminal, open)
  addRegistrationToken(program, terminal, open)
  addSchema(program, terminal)
  for (const command of allOf(program)) command.copyInheritedSettings(program)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return report(error, argv.includes('--json'), terminal)
  }
}

/** An error is for a person on standard error; with `--json` it is an object on standard output as well. */
function report(error: unknown, asJson: boolean, terminal: Terminal): number {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof CommandFailure ? error.exitCode : EXIT.failure
  if (asJson) terminal.out(`${JSON.stringify({ error: message, ...(error instanceof CommandFailure ? error.detail : {}) })}\n`)
  terminal.err(`holdfast: ${message}\n`)
  return code
}

function allOf(command: Command): readonly Command[] {
  return command.commands.flatMap((one) => [one, ...allOf(one)])
}
