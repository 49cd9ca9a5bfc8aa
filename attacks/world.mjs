/** A running Holdfast with a victim in it: the published program, an API behind the guard, two clients, one person. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Browser, challengeOf, newKey, postWithProof, VERIFIER } from './thief.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const PASSWORD = 'the password of the victim'
export const SECRET = randomBytes(32).toString('base64url')

/** Starts everything; with a weakening, in a build without those checks. */
export async function startWorld(weakening = []) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-attack-'))
  const [asPort, apiPort] = await Promise.all([freePort(), freePort()])
  const issuer = `http://127.0.0.1:${asPort}`
  const api = `http://127.0.0.1:${apiPort}/api/accounts`
  const config = join(folder, 'holdfast.config.json')
  const secrets = join(folder, 'secrets.json')
  writeFileSync(secrets, JSON.stringify({ secrets: [{ id: 'a1', value: randomBytes(32).toString('base64url') }] }), { mode: 0o600 })
  writeFileSync(config, JSON.stringify(configuration({ issuer, api, asPort, secrets, folder })))
  const env = { ...process.env, HOLDFAST_ATTACK_WEAKENING: JSON.stringify(weakening), NODE_OPTIONS: `--import=${join(here, 'weaken.mjs')}` }
  const program = join(here, '../packages/holdfast/bin/holdfast.cjs')
  const processes = [
    spawn(process.execPath, [program, 'serve', '--config', config], { env }),
    spawn(process.execPath, [join(here, 'api.mjs'), issuer, api, String(apiPort)], { env }),
  ]
  const output = []
  for (const child of processes) for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(String(data)))
  const world = {
    issuer,
    api,
    async stop() {
      for (const child of processes) child.kill('SIGTERM')
      await Promise.all(
        processes.map(
          (child) =>
            new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', resolve))),
        ),
      )
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await Promise.all([answering(`${issuer}/jwks`, processes[0]), answering(api, processes[1])])
  } catch (error) {
    await world.stop()
    throw new Error(`${error.message}\n${output.join('')}`, { cause: error })
  }
  return world
}

function configuration({ issuer, api, asPort, secrets, folder }) {
  const common = { grant_types: ['authorization_code', 'refresh_token'], scope: 'openid profile accounts:read', profile: 'oauth21' }
  return {
    issuer,
    listen: { host: '127.0.0.1', port: asPort },
    store: { engine: 'sqlite', path: join(folder, 'store.db') },
    secrets: { file: secrets },
    lifetimes: { refreshTokenGrace: 1 },
    resources: [{ identifier: api, name: 'Accounts', scopes: [{ name: 'accounts:read', description: 'See your accounts' }] }],
    clients: [
      {
        client_id: 'native',
        client_name: 'Native',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
        ...common,
      },
      {
        client_id: 'web',
        client_name: 'Web',
        token_endpoint_auth_method: 'client_secret_post',
        client_secret: SECRET,
        redirect_uris: ['https://portal.example.com/callback'],
        ...common,
      },
    ],
    accounts: {
      seed: [
        { username: 'victim', password: PASSWORD, claims: { name: 'Victim' } },
        { username: 'other', password: PASSWORD, claims: { name: 'Other' } },
      ],
    },
  }
}

export function authorizeUrl(world, over = {}) {
  const all = {
    client_id: 'native',
    redirect_uri: 'http://127.0.0.1:5000/callback',
    response_type: 'code',
    scope: 'openid profile accounts:read',
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: 'S256',
    ...over,
  }
  return `${world.issuer}/authorize?${new URLSearchParams(Object.entries(all).filter(([, value]) => value !== undefined))}`
}

/** Signs in and allows, as the person would. @returns where the browser is sent at the end */
export async function through(world, url, browser = new Browser(), username = 'victim') {
  let seen = await browser.go(url)
  for (let steps = 0; steps < 4 && seen.location?.startsWith(`${world.issuer}/interaction/`); steps++) {
    const at = seen.location
    const page = await browser.go(at)
    seen = await browser.submit(page, at, page.text.includes('login-submit') ? { username, password: PASSWORD } : { answer: 'allow' })
  }
  return seen
}

export async function codeOf(world, over = {}) {
  const { location } = await through(world, authorizeUrl(world, over))
  const code = location === undefined ? undefined : new URL(location).searchParams.get('code')
  if (code === null || code === undefined) throw new Error(`the victim got no code: ${location}`)
  return code
}

/** The victim's tokens, bound to the key given. */
export async function tokensOf(world, key) {
  const fields = { grant_type: 'authorization_code', client_id: 'native', code: await codeOf(world), code_verifier: VERIFIER }
  const { body } = await postWithProof(`${world.issuer}/token`, fields, key)
  if (body.access_token === undefined) throw new Error(`the victim got no tokens: ${JSON.stringify(body)}`)
  return body
}

export { newKey }

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function answering(url, child) {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`)
    try {
      await fetch(url)
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error(`${url} does not answer`)
}
