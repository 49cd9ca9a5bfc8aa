import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { CommandFailure, EXIT, type Terminal } from '../terminal.ts'

interface InitOptions {
  readonly directory?: string
  readonly issuer?: string
  readonly printSecrets?: boolean
  readonly json?: boolean
}

const SECRETS = 'holdfast.secrets.json'
const CONFIG = 'holdfast.config.yaml'

/** `holdfast init`: a commented configuration and the secrets. What is there already stays as it is. */
export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('write a commented configuration and a file of secrets; never overwrites')
    .option('-d, --directory <directory>', 'where to write (default: here)')
    .option('--issuer <url>', 'the address of the server', 'http://localhost:4000')
    .option('--print-secrets', 'print fresh secrets for an environment variable and write nothing')
    .option('--json', 'machine-readable output')
    .action(async (options: InitOptions) => {
      const [{ checkIssuer }, { fileNames }, { newSecretsFile }] = await Promise.all([
        import('@holdfast/server/config'),
        import('../config/file.ts'),
        import('../config/secrets.ts'),
      ])
      // The id tells the age of a secret, for the day when there are several.
      const secrets = newSecretsFile(new Date().toISOString().slice(0, 10))
      if (options.printSecrets === true) return terminal.out(`${JSON.stringify(JSON.parse(secrets))}\n`)
      const issuer = options.issuer ?? 'http://localhost:4000'
      const fault = checkIssuer(issuer)
      if (fault !== undefined) throw new CommandFailure(`--issuer ${fault}`, EXIT.usage)
      const directory = resolve(terminal.directory, options.directory ?? '.')
      mkdirSync(directory, { recursive: true })
      const present = fileNames('holdfast.config').find((name) => existsSync(join(directory, name)))
      const wrote = [
        ...(present === undefined && written(join(directory, CONFIG), configurationText(issuer), 0o644) ? [CONFIG] : []),
        // Whoever reads this file can sign tokens of this server.
        ...(written(join(directory, SECRETS), secrets, 0o600) ? [SECRETS] : []),
      ]
      const kept = [present ?? CONFIG, SECRETS].filter((name) => !wrote.includes(name))
      if (wrote.length === 0)
        throw new CommandFailure(`${kept.join(' and ')} exist in ${directory}; nothing was written`, EXIT.failure, { kept })
      if (options.json === true) return terminal.out(`${JSON.stringify({ directory, wrote, kept })}\n`)
      for (const name of wrote) terminal.out(`wrote ${join(directory, name)}\n`)
      for (const name of kept) terminal.out(`kept  ${join(directory, name)}\n`)
      if (wrote.includes(SECRETS))
        terminal.out(
          `\nKeep ${SECRETS} out of version control, and keep a copy of it in a safe place.\nNext: holdfast check-config && holdfast serve\n`,
        )
    })
}

/** `wx` makes "is it there" and "create it" one step: two at once do not overwrite each other. */
function written(path: string, text: string, mode: number): boolean {
  let file: number
  try {
    file = openSync(path, 'wx', mode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
  return true
}

/** The file that a newcomer reads first: what must be said, then what is asked most. OPTIONS.md has the rest. */
export function configurationText(issuer: string): string {
  return `# yaml-language-server: $schema=./node_modules/holdfast/holdfast.schema.json
# Every option can also be set by environment, which wins over this file: listen.port is
# HOLDFAST_LISTEN_PORT, lists are JSON, and HOLDFAST_…_FILE reads the value from a file.
# All options: node_modules/holdfast/OPTIONS.md. Check with: holdfast check-config --origin

# The address of this server as everybody calls it. https, or http on this machine.
issuer: ${issuer}

listen:
  host: 127.0.0.1 # 0.0.0.0 for all addresses
  port: ${portOf(issuer)}

# Serve https here, or leave it out and put a proxy before the server.
#tls:
#  certificate: certificate.pem
#  key: key.pem
#trustedProxies: [10.0.0.0/8]

store:
  engine: sqlite
  path: data/holdfast.db

# Signing keys are encrypted under these. Mode 0600; never in version control.
secrets:
  file: ${SECRETS}

# What holds for clients that name no profile: oauth21, strong (plus PAR and DPoP), fapi2.
profile: strong

# APIs that tokens are issued for.
resources: []
#  - identifier: https://api.example.com
#    name: Accounts
#    scopes:
#      - { name: 'accounts:read', description: See your accounts }

# Clients, in the metadata names of RFC 7591.
clients: []
#  - client_id: web
#    client_name: The web application
#    client_secret: env:WEB_CLIENT_SECRET # or file:web.secret; made by: openssl rand -base64 33
#    redirect_uris: [https://app.example.com/callback]
#    scope: openid profile offline_access accounts:read

# People who are there from the first start on.
accounts:
  seed: []
#    - username: ada
#      password: env:ADA_PASSWORD
#      claims: { name: Ada Lovelace, email: ada@example.com }
`
}

/** On this machine the issuer's port is the one to listen on; behind a proxy it is the proxy's. */
function portOf(issuer: string): number {
  const { protocol, port } = new URL(issuer)
  return protocol === 'http:' ? Number(port || 80) : 4000
}
