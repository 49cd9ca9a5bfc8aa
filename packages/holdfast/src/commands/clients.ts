import type { Command } from 'commander'
import type { Configuration, Loaded } from '../config/configuration.ts'
import { CommandFailure, type Terminal } from '../terminal.ts'
import type { ClientFlags } from './client-input.ts'
import type { OpenServerAdmin, ServerAdmin } from './server-admin.ts'
import { addSourceOptions, configurationFrom, type SourceOptions } from './source-options.ts'
import { table } from './table.ts'

interface Opened {
  readonly admin: ServerAdmin
  readonly configuration: Configuration
  readonly loaded: Loaded
}

/** `holdfast clients list|add|remove`: on stored clients. Configured ones belong to the configuration, and it is said. */
export function addClients(program: Command, terminal: Terminal, open: OpenServerAdmin): void {
  const clients = program.command('clients').description('the clients; running servers see a change within a second')

  async function withAdmin(options: SourceOptions, work: (opened: Opened) => Promise<void>): Promise<void> {
    const { configuration, loaded } = await configurationFrom(terminal, options)
    const admin = await open(configuration)
    try {
      await work({ admin, configuration, loaded })
    } finally {
      await admin.close()
    }
  }

  addSourceOptions(clients.command('list').description('list configured and stored clients')).action((options: SourceOptions) =>
    withAdmin(options, async ({ admin, configuration }) => {
      const all = [
        ...configuration.clients.map((client) => ({ source: 'configured', client })),
        ...(await admin.listClients()).map((client) => ({ source: client.origin === 'machine' ? 'registered itself' : 'stored', client })),
      ].map(({ source, client }) => ({
        client_id: client.clientId,
        client_name: client.clientName,
        profile: client.profile,
        token_endpoint_auth_method: client.tokenEndpointAuthMethod,
        source,
        disabled: client.disabled,
      }))
      if (options.json === true) return terminal.out(`${JSON.stringify({ clients: all })}\n`)
      if (all.length === 0) return terminal.out('no clients\n')
      terminal.out(
        table(
          ['CLIENT ID', 'PROFILE', 'AUTHENTICATION', 'SOURCE', 'NAME'],
          all.map((one) => [
            one.client_id,
            one.profile,
            one.token_endpoint_auth_method,
            one.disabled ? `${one.source}, disabled` : one.source,
            one.client_name,
          ]),
        ),
      )
    }),
  )

  addSourceOptions(
    clients
      .command('add')
      .description('store a client; a secret that is made here is printed once')
      .argument('[client_id]', 'default: the client_id of --metadata'),
  )
    .option('--metadata <file>', 'RFC 7591 metadata as JSON; - for standard input')
    .option('--name <name>', 'client_name')
    .option('--redirect-uri <uri>', 'one of redirect_uris; may be repeated', (uri: string, before: readonly string[] = []) => [
      ...before,
      uri,
    ])
    .option('--scope <scopes>', 'scope')
    .option('--profile <profile>', 'profile')
    .option('--public', 'token_endpoint_auth_method none')
    .option('--native', 'application_type native')
    .action((clientId: string | undefined, options: SourceOptions & ClientFlags) =>
      withAdmin(options, async ({ admin, configuration, loaded }) => {
        const { newClient } = await import('./client-input.ts')
        const { client, secret } = newClient(clientId, options, configuration, terminal)
        refuseConfigured(client.clientId, configuration, loaded, 'choose another client_id')
        if ((await admin.addClient(client)) === 'exists')
          throw new CommandFailure(`client ${client.clientId} exists; remove it first, or choose another client_id`)
        if (options.json === true)
          return terminal.out(`${JSON.stringify({ client_id: client.clientId, ...(secret !== undefined && { client_secret: secret }) })}\n`)
        terminal.out(`added client ${client.clientId} (${client.profile}, ${client.tokenEndpointAuthMethod})\n`)
        if (secret !== undefined) terminal.out(`client_secret: ${secret}\nIt is shown this once, and only its hash is kept.\n`)
      }),
    )

  addSourceOptions(
    clients.command('remove').description('remove a stored client, with its grants and refresh tokens').argument('<client_id>'),
  ).action((clientId: string, options: SourceOptions) =>
    withAdmin(options, async ({ admin, configuration, loaded }) => {
      refuseConfigured(clientId, configuration, loaded, 'remove it there')
      if ((await admin.removeClient(clientId)) === 'unknown') throw new CommandFailure(`there is no stored client ${clientId}`)
      terminal.out(
        options.json === true
          ? `${JSON.stringify({ removed: clientId })}\n`
          : `removed client ${clientId}; running servers refuse it within a second\n`,
      )
    }),
  )
}

/** Two places that could change one client would contradict each other at the next start. */
function refuseConfigured(clientId: string, { clients }: Configuration, { file, origins }: Loaded, advice: string): void {
  if (!clients.some((client) => client.clientId === clientId)) return
  throw new CommandFailure(
    `client ${clientId} is configured in ${origins.get('clients')?.name ?? file ?? 'the configuration'} and read-only here: ${advice}`,
  )
}
