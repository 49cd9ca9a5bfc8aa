import { type Command, InvalidArgumentError } from 'commander'
import type { Terminal } from '../terminal.ts'
import type { OpenServerAdmin } from './server-admin.ts'
import { addSourceOptions, configurationFrom, type SourceOptions } from './source-options.ts'

interface Flags {
  readonly uses: number
  readonly hours: number
}

const whole =
  (most: number) =>
  (text: string): number => {
    if (!/^[0-9]{1,6}$/.test(text) || Number(text) < 1 || Number(text) > most)
      throw new InvalidArgumentError(`a whole number from 1 to ${most}`)
    return Number(text)
  }

/** `holdfast registration-token`: an initial access token (RFC 7591 §3) for who may register clients. */
export function addRegistrationToken(program: Command, terminal: Terminal, open: OpenServerAdmin): void {
  addSourceOptions(
    program.command('registration-token').description('make a token that lets its holder register clients; it is printed once'),
  )
    .option('--uses <count>', 'how many clients it may register', whole(10_000), 1)
    .option('--hours <count>', 'how long it may be used', whole(8760), 24)
    .action(async (options: SourceOptions & Flags) => {
      const { configuration } = await configurationFrom(terminal, options)
      const admin = await open(configuration)
      try {
        const token = await admin.createInitialAccessToken({ uses: options.uses, lifetime: options.hours * 3600 })
        if (options.json === true) return terminal.out(`${JSON.stringify({ initial_access_token: token })}\n`)
        terminal.out(`${token}\n`)
        if (configuration.registration?.initialAccessTokens !== true)
          terminal.err('registration.initialAccessTokens is off: the server does not take it yet\n')
      } finally {
        await admin.close()
      }
    })
}
