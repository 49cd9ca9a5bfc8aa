import type { Command } from 'commander'
import { EXIT, hasColor, type Terminal } from '../terminal.ts'
import { addListenOptions, addSourceOptions, configurationFrom, type SourceOptions } from './source-options.ts'

/** `holdfast serve`: runs until it is told to end. */
export function addServe(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  addListenOptions(addSourceOptions(program.command('serve').description('run the authorization server')))
    .addHelpText('after', '\nEnds with SIGTERM or SIGINT: /readyz says 503, requests in flight have 10 s, a second signal ends at once.')
    .action(async (options: SourceOptions) => {
      const { configuration } = await configurationFrom(terminal, options)
      const [{ createLog }, { start }, { firstSignal }] = await Promise.all([
        import('../log.ts'),
        import('../serve.ts'),
        import('../signals.ts'),
      ])
      const form = options.json === true || !terminal.isTTY ? 'json' : 'text'
      const log = createLog({ form, color: hasColor(terminal), write: terminal.out })
      const ending = firstSignal(process)
      const running = await start(configuration, log)
      const scheme = configuration.tls === undefined ? 'http' : 'https'
      const host = running.host.includes(':') ? `[${running.host}]` : running.host
      log.info('listening', {
        url: `${scheme}://${host}:${running.port}`,
        issuer: configuration.issuer,
        ...(running.mutualTlsPort !== undefined && { mutualTls: configuration.mtls?.publicUrl, mutualTlsPort: running.mutualTlsPort }),
        store: configuration.store.engine,
        clients: configuration.clients.length,
        seconds: Math.round(performance.now()) / 1000,
      })
      const signal = await ending
      log.info('draining', { signal })
      await running.close()
      log.info('ended')
      exit(EXIT.ok)
    })
}
