import type { Command } from 'commander'
import { CommandFailure, EXIT, hasColor, type Terminal } from '../terminal.ts'
import { flagsOf, refused, type SourceOptions } from './source-options.ts'

interface GuardCommandOptions extends Pick<SourceOptions, 'config' | 'set' | 'json'> {
  readonly listen?: string
  readonly check?: boolean
}

/** Flags with a name of their own, and the option that each stands for. */
const FLAGS = { issuer: 'issuer', resource: 'resource', upstream: 'upstream', publicUrl: 'publicUrl' }

const EXPLAINED = `
With --upstream it is a reverse proxy that hands on what it lets in. Without, it answers other proxies at /check:
nginx (auth_request), Traefik and Caddy (forward auth), Envoy (ext_authz over HTTP). docs/features/gateway.md shows each.
Ends with SIGTERM or SIGINT: /readyz says 503, requests in flight have 10 s, a second signal ends at once.`

/** `holdfast guard`: stands before an API in any language, until it is told to end. */
export function addGuard(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  program
    .command('guard')
    .description('protect an API in any language: as a reverse proxy, or asked by one')
    .option('-c, --config <file>', 'the configuration (default: holdfast.guard.yaml, .yml, .json or .ts here; or HOLDFAST_GUARD_CONFIG)')
    .option('--issuer <url>', 'the authorization server whose tokens are let in')
    .option('--resource <url>', 'the identifier of this API: what tokens have in aud')
    .option('--public-url <origin>', 'the origin that clients call, when it is not that of the resource')
    .option('--upstream <origin>', 'the API, to be handed what is let in')
    .option('--listen <address>', 'where to listen, such as 127.0.0.1:4080 or :4080')
    .option(
      '--set <path=value>',
      'one option, e.g. --set dpopRequired=true; lists as JSON; may be repeated',
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option('--check', 'check the configuration and end')
    .option('--json', 'machine-readable output')
    .addHelpText('after', EXPLAINED)
    .action(async (options: GuardCommandOptions) => {
      const { loadGateway } = await import('../gateway/load.ts')
      const loaded = await loadGateway({
        file: options.config,
        flags: new Map([...flagsOf(options, FLAGS), ...placeOf(options.listen)]),
        environment: terminal.environment,
        directory: terminal.directory,
      })
      const { configuration } = loaded
      if (configuration === undefined) throw await refused(loaded)
      for (const warning of loaded.warnings) terminal.err(`warning: ${warning}\n`)
      if (options.check === true) {
        const { file = 'from flags and the environment', warnings } = loaded
        return terminal.out(
          options.json === true ? `${JSON.stringify({ ok: true, file, warnings })}\n` : `the configuration is in order: ${file}\n`,
        )
      }
      const [{ createLog }, { startGateway }, { firstSignal }] = await Promise.all([
        import('../log.ts'),
        import('../gateway/start.ts'),
        import('../signals.ts'),
      ])
      const form = options.json === true || !terminal.isTTY ? 'json' : 'text'
      const log = createLog({ form, color: hasColor(terminal), write: terminal.out })
      const ending = firstSignal(process)
      const running = await startGateway(configuration, log)
      const host = running.host.includes(':') ? `[${running.host}]` : running.host
      log.info('listening', {
        url: `${configuration.tls === undefined ? 'http' : 'https'}://${host}:${running.port}`,
        resource: configuration.resource,
        issuer: configuration.issuer,
        ...(configuration.upstream === undefined
          ? { forwardAuth: configuration.forwardAuth.path }
          : { upstream: configuration.upstream.origin }),
      })
      const signal = await ending
      log.info('draining', { signal })
      await running.close()
      log.info('ended')
      exit(EXIT.ok)
    })
}

/** `127.0.0.1:4080`, `[::1]:4080`, or `:4080`. */
function placeOf(listen: string | undefined): readonly (readonly [path: string, flag: { readonly text: string; readonly name: string }])[] {
  if (listen === undefined) return []
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen) ?? []
  if (port === undefined) throw new CommandFailure('--listen takes an address and a port, such as 127.0.0.1:4080 or :4080', EXIT.usage)
  const host = bracketed ?? plain
  const flag = (text: string): { readonly text: string; readonly name: string } => ({ text, name: '--listen' })
  return [...(host === '' ? [] : [['listen.host', flag(host)] as const]), ['listen.port', flag(port)] as const]
}
