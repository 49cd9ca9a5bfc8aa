/** An Apache of this run on loopback, as an ordinary user. */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findApache } from '../../../scripts/apache.mjs'
import { world } from '../feature.mjs'

const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'mime']
const NAMES = ['mod_auth_openidc', 'mod_auth_openidc-front', 'mod_auth_openidc-monitored']

/** As the module's manual has it, only that it asks more often. */
const MONITORED =
  '<!doctype html><title>Monitored</title><iframe id="openidc-op" src="/oidc?session=iframe_op"></iframe><iframe id="openidc-rp" src="/oidc?session=iframe_rp&poll=250"></iframe>'

export async function startApache() {
  const { program, modules } = findApache()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-apache-'))
  const owner = ordinaryUser()
  const pages = join(folder, 'pages')
  const made = [folder, pages, join(pages, 'private')]
  for (const path of made) mkdirSync(path, { recursive: true })
  writeFileSync(join(pages, 'private', 'index.html'), 'signed in')
  writeFileSync(join(pages, 'private', 'monitored.html'), MONITORED)
  writeFileSync(join(pages, 'goodbye.html'), 'goodbye')
  if (owner.uid !== undefined) for (const path of made) chownSync(path, owner.uid, owner.gid)
  const file = join(folder, 'apache.conf')
  writeFileSync(file, [...common(folder, modules), ...NAMES.flatMap((name) => host(name, world.parties[name], pages))].join('\n'))
  const child = spawn(program, ['-f', file, '-D', 'FOREGROUND'], { ...owner, cwd: folder, stdio: ['ignore', 'inherit', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (data) => (complaint += data))
  const log = () => complaint + (existsSync(join(folder, 'error.log')) ? readFileSync(join(folder, 'error.log'), 'utf8') : '')
  const ended = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    process.stderr.write(log())
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('SIGTERM', () => void stop().then(() => process.exit(143)))
  for (let tries = 0; !(await answers()); tries++) {
    if (tries > 100 || child.exitCode !== null) {
      const said = log()
      await stop()
      throw new Error(`apache2 did not start: ${said.slice(-500)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { versions: versions(program, log()), stop }
}

const answers = () =>
  fetch(`${world.parties.mod_auth_openidc}/goodbye.html`).then(
    ({ ok }) => ok,
    () => false,
  )

/** The module tells its version in the first lines of the log. */
function versions(program, log) {
  const { stdout } = spawnSync(program, ['-v'], { encoding: 'utf8' })
  return {
    mod_auth_openidc: /mod_auth_openidc[/-]([\d.]+)/.exec(log)?.[1] ?? 'unknown',
    apache2: /Apache\/([\d.]+)/.exec(stdout)?.[1] ?? 'unknown',
  }
}

const common = (folder, modules) => [
  `ServerRoot ${folder}`,
  'ServerName 127.0.0.1',
  `PidFile ${folder}/pid`,
  `DefaultRuntimeDir ${folder}`,
  `Mutex file:${folder}`,
  `ErrorLog ${folder}/error.log`,
  'LogLevel notice auth_openidc:info',
  ...[...MODULES, 'auth_openidc'].map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
  'TypesConfig /dev/null',
  'AddType text/html .html',
  'StartServers 1',
  'ThreadsPerChild 8',
  'MaxRequestWorkers 8',
  'MinSpareThreads 1',
  'MaxSpareThreads 8',
  'DirectoryIndex index.html',
]

/** The client of this name. Sessions are kept at the server: what is told by the back channel has no cookie. */
const host = (name, origin, pages) => [
  `Listen ${new URL(origin).host}`,
  `<VirtualHost ${new URL(origin).host}>`,
  `DocumentRoot ${pages}`,
  `OIDCProviderMetadataURL ${world.issuer}/.well-known/openid-configuration`,
  `OIDCClientID ${name}`,
  `OIDCClientSecret ${world.secret}`,
  `OIDCRedirectURI ${origin}/oidc`,
  `OIDCCryptoPassphrase ${randomBytes(24).toString('hex')}`,
  'OIDCPKCEMethod S256',
  'OIDCResponseType code',
  'OIDCScope "openid profile offline_access"',
  'OIDCSessionType server-cache',
  'OIDCInfoHook iat access_token id_token userinfo refresh_token session',
  '<Location /oidc>',
  'AuthType openid-connect',
  'Require valid-user',
  '</Location>',
  '<Location /private/>',
  'AuthType openid-connect',
  'Require valid-user',
  '</Location>',
  '</VirtualHost>',
]

/** Who starts it as root would have it run as root: then it is nobody. */
function ordinaryUser() {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const [, , uid, gid] = users.find(([name]) => name === 'nobody') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}
