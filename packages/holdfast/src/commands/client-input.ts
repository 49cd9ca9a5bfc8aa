import { GRANT_TYPES } from '@holdfast/server'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { newSecret } from '@holdfast/protocol/secret'
import { type Client, isRecord, readClient } from '@holdfast/server/config'
import type { Configuration } from '../config/configuration.ts'
import { formatFaults } from '../config/print.ts'
import { CommandFailure, EXIT, type Terminal } from '../terminal.ts'

/** What `clients add` takes: flags for the common, a file of RFC 7591 metadata for all. */
export interface ClientFlags {
  readonly metadata?: string
  readonly name?: string
  readonly redirectUri?: readonly string[]
  readonly scope?: string
  readonly profile?: string
  readonly public?: boolean
  readonly native?: boolean
}

export interface NewClient {
  readonly client: Client
  /** A secret that was made here: shown once, kept nowhere. */
  readonly secret: string | undefined
}

/** @throws {CommandFailure} with every fault of the metadata */
export function newClient(clientId: string | undefined, flags: ClientFlags, configuration: Configuration, terminal: Terminal): NewClient {
  const given = flags.metadata === undefined ? {} : metadataFrom(resolve(terminal.directory, flags.metadata), flags.metadata)
  const metadata: Record<string, unknown> = {
    ...given,
    ...(clientId !== undefined && { client_id: clientId }),
    ...(flags.name !== undefined && { client_name: flags.name }),
    ...(flags.redirectUri !== undefined && { redirect_uris: flags.redirectUri }),
    ...(flags.scope !== undefined && { scope: flags.scope }),
    ...(flags.profile !== undefined && { profile: flags.profile }),
    ...(flags.native === true && { application_type: 'native' }),
    ...(flags.public === true && { token_endpoint_auth_method: 'none' }),
  }
  const secret = needsSecret(metadata, configuration) ? newSecret() : undefined
  const read = readClient(
    secret === undefined ? metadata : { ...metadata, client_secret: secret },
    {
      profile: configuration.profile,
      grantTypes: GRANT_TYPES,
      resources: configuration.resources,
      authorizationDetailsTypes: configuration.authorizationDetailsTypes.map(({ type }) => type),
    },
    'client',
  )
  if (read.value === undefined)
    throw new CommandFailure(`the client has faults:\n${formatFaults(read.faults)}`, EXIT.usage, { faults: read.faults })
  return { client: read.value, secret }
}

/** Where a client has one and the operator gave none, one is made: 256 bits (design §6 Clients). */
function needsSecret(metadata: Readonly<Record<string, unknown>>, { profile }: Configuration): boolean {
  const method =
    metadata['token_endpoint_auth_method'] ?? ((metadata['profile'] ?? profile) === 'fapi2' ? 'private_key_jwt' : 'client_secret_basic')
  return metadata['client_secret'] === undefined && (method === 'client_secret_basic' || method === 'client_secret_post')
}

function metadataFrom(path: string, name: string): Readonly<Record<string, unknown>> {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(name === '-' ? 0 : path, 'utf8'))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new CommandFailure(`--metadata ${name} ${code === undefined ? 'is not JSON' : `cannot be read: ${code}`}`, EXIT.usage)
  }
  if (!isRecord(content)) throw new CommandFailure(`--metadata ${name} must hold an object`, EXIT.usage)
  return content
}
