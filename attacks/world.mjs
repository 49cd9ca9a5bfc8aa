/** A running Holdfast with a victim in it: the published program, an API behind the guard, clients of every kind, three people. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { accountKinds, createAccounts } from '@holdfast/accounts'
import { serverKinds } from '@holdfast/server'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { startElsewhere } from './elsewhere.mjs'
import { configuration, installation, openFolder, PASSWORD, SECRET } from './installation.mjs'
import { Browser, challengeOf, newKey, postWithProof, VERIFIER } from './thief.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const program = join(here, '../packages/holdfast/bin/holdfast.cjs')

/** Starts everything; with a weakening, in a build without those checks. */
export async function startWorld(weakening = []) {
  const keys = await installation()
  // First those that take their ports themselves: a free port is only free until somebody takes it.
  const elsewhere = await startElsewhere(keys)
  const [as, mtls, api, app] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const folder = openFolder(keys)
  const world = new World({ keys, elsewhere, folder, weakening, ports: { as, mtls, api, app } })
  try {
    await world.start()
  } catch (error) {
    await world.stop()
    throw error
  }
  return world
}

class World {
  #processes = new Map()
  #folder
  #env
  #written
  #second
  #backend

  constructor({ keys, elsewhere, folder, weakening, ports }) {
    Object.assign(this, { keys, elsewhere, ports, weakening })
    this.issuer = `http://127.0.0.1:${ports.as}`
    this.mtls = `https://localhost:${ports.mtls}`
    this.api = `http://127.0.0.1:${ports.api}/api/accounts`
    /** Where people have the application whose backend keeps the tokens. */
    this.app = `http://127.0.0.1:${ports.app}`
    this.#folder = folder
    this.#env = {
      ...process.env,
      HOLDFAST_ATTACK_WEAKENING: JSON.stringify(weakening),
      NODE_OPTIONS: `--import=${join(here, 'weaken.mjs')}`,
      NODE_EXTRA_CA_CERTS: folder.authority,
    }
    const { issuer, mtls, api, app } = this
    this.#written = configuration({ issuer, api, app, mtls, ports, folder, hosts: elsewhere.hosts, keys })
  }

  async start() {
    const api = [join(here, 'api.mjs'), this.issuer, this.api, String(this.ports.api)]
    await Promise.all([this.#serve('as', this.#written, this.issuer), this.#run('api', api, this.api)])
  }

  /** The operator changes the configuration and starts the server again, perhaps so many seconds later; without a change it is put back. */
  async restart(change = (written) => written, later = 0) {
    await this.#end('as')
    await this.#serve('as', change(structuredClone(this.#written)), this.issuer, { HOLDFAST_ATTACK_LATER: String(later) })
  }

  /** A second node on the same store, started when it is first asked for; proxies far away end mutual TLS before it. */
  secondNode() {
    return (this.#second ??= this.#startSecond())
  }

  async #startSecond() {
    const [port, mtlsPort] = await Promise.all([freePort(), freePort()])
    const { certificate: _certificate, key: _key, ...mtls } = this.#written.mtls
    const written = {
      ...this.#written,
      listen: { host: '127.0.0.1', port },
      mtls: { ...mtls, listen: { host: '127.0.0.1', port: mtlsPort }, proxies: ['192.0.2.1'] },
    }
    const url = `http://127.0.0.1:${port}`
    await this.#serve('second', written, url)
    return { url, behindProxies: `http://127.0.0.1:${mtlsPort}` }
  }

  /** The application's backend, started when it is first asked for: two nodes on one store, and where each of them answers. */
  backend() {
    return (this.#backend ??= this.#startBackend())
  }

  async #startBackend() {
    const ports = [this.ports.app, await freePort()]
    const written = (port) => ({
      port,
      publicUrl: this.app,
      issuer: this.issuer,
      client: { clientId: 'app', privateJwk: { ...this.keys.app.secretJwk, alg: 'ES256' } },
      scope: 'openid profile accounts:read',
      secrets: [{ id: 'b1', value: SECRET }],
      apis: [{ path: '/api/accounts', upstream: this.api, resource: this.api }],
      store: this.#folder.sessions,
    })
    await Promise.all(
      ports.map((port, i) => {
        const file = this.#folder.write(`backend-${i}.json`, JSON.stringify(written(port)))
        return this.#run(`backend ${i}`, [join(here, 'bff.mjs'), file], `http://127.0.0.1:${port}/`)
      }),
    )
    return ports.map((port) => `http://127.0.0.1:${port}`)
  }

  /** So many seconds from now, for everybody in this world but the attacker. It does not go back: take a world of one's own. */
  async later(seconds) {
    for (const child of this.#processes.values()) await new Promise((sent) => child.send({ laterSeconds: seconds }, sent))
  }

  /** Another world like this one, with the same checks taken out. Whoever asks for it stops it. */
  another() {
    return startWorld(this.weakening)
  }

  /** What an operator does to the store beside the servers that run. */
  async operate(work) {
    const store = await openSqliteStore({ path: this.#folder.store, kinds: { ...serverKinds, ...accountKinds } })
    try {
      return await work({ store, accounts: createAccounts({ store, secrets: this.#folder.masters }) })
    } finally {
      await store.close()
    }
  }

  /** Of somebody who left. */
  setDisabled(username, disabled) {
    return this.operate(async ({ accounts }) => {
      const account = await accounts.findByUsername(username)
      if (account === undefined || !(await accounts.setDisabled(account.sub, disabled))) throw new Error(`there is no ${username}`)
    })
  }

  async stop() {
    await Promise.all([...this.#processes.keys()].map((name) => this.#end(name)))
    this.elsewhere.stop()
    this.#folder.remove()
  }

  #serve(name, written, url, env = {}) {
    const config = this.#folder.write(`${name}.config.json`, JSON.stringify(written))
    return this.#run(name, [program, 'serve', '--config', config], `${url}/jwks`, env)
  }

  async #run(name, args, url, env = {}) {
    const child = spawn(process.execPath, args, { env: { ...this.#env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#processes.set(name, child)
    const output = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(String(data)))
    try {
      await answering(url, child)
    } catch (error) {
      throw new Error(`${error.message}\n${output.join('')}`, { cause: error })
    }
  }

  async #end(name) {
    const child = this.#processes.get(name)
    this.#processes.delete(name)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
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

export async function codeOf(world, over = {}, username = 'victim') {
  const { location } = await through(world, authorizeUrl(world, over), new Browser(), username)
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
