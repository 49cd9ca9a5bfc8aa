import type { Command } from 'commander'
import { EXIT, type Terminal } from '../terminal.ts'
import { addListenOptions, addSourceOptions, loadFrom, refused, type SourceOptions } from './source-options.ts'

interface CheckOptions extends SourceOptions {
  readonly print?: boolean
  readonly origin?: boolean
}

/** `holdfast check-config`: every fault at once, and what holds in the end, with secrets masked. */
export function addCheckConfig(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  addListenOptions(
    addSourceOptions(program.command('check-config').description('check the configuration and say all that is wrong with it')),
  )
    .option('--print', 'print every option, secrets masked')
    .option('--origin', 'print every option and where its value came from')
    .action(async (options: CheckOptions) => {
      const loaded = await loadFrom(terminal, options)
      const [{ configurationNode }, { formatShown, show }] = await Promise.all([
        import('../config/schema.ts'),
        import('../config/print.ts'),
      ])
      const shown = options.print === true || options.origin === true || options.json === true ? show(loaded, configurationNode()) : []
      if (options.json === true) {
        terminal.out(
          `${JSON.stringify({ ok: loaded.faults.length === 0, file: loaded.file, faults: loaded.faults, warnings: loaded.warnings, options: shown })}\n`,
        )
        return exit(loaded.faults.length === 0 ? EXIT.ok : EXIT.usage)
      }
      if (shown.length > 0) terminal.out(`${formatShown(shown, options.origin === true)}\n`)
      for (const warning of loaded.warnings) terminal.err(`warning: ${warning}\n`)
      if (loaded.configuration === undefined) throw await refused(loaded)
      const { clients, resources } = loaded.configuration
      if (shown.length === 0)
        terminal.out(
          `the configuration is in order: ${loaded.file ?? 'from the environment'}, clients ${clients.length}, resources ${resources.length}\n`,
        )
    })
}
