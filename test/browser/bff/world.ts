import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGuard } from '@holdfast/guard'
import { serve } from '@holdfast/mount/node'
import { json } from '@holdfast/protocol/http'
import { Authority, SERVER } from '../../certificates.ts'
import { loopbackFetch } from '../loopback-fetch.ts'
import { freePort, serveProgram } from '../program.ts'
import { Front } from './front.ts'
import type { NodeOptions } from './node.ts'

const HOST = 'www.orders-app.test'
const RESOURCE = 'https://api.orders-app.test/orders'
export const SECOND_FACTOR = 'urn:example:second-factor'
export const TOTP_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
/** How long an access token is good, in seconds: so short that a test sees its end. */
export const TOKEN_LIFE = 30

/** An application with a backend of two nodes on one store, its API, and the authorization server on another site. */
export interface BffWorld {
  readonly origin: string
  readonly issuer: string
  readonly spki: string
  readonly front: Front
  readonly password: string
  /** Whom the API has seen: one entry a request that it let in. */
  readonly calls: { readonly subject: string; readonly path: string }[]
  /** Every line that server and nodes have written. */
  readonly logs: () => string
  /** Moves the clocks of the nodes, in seconds ahead of ours. */
  setClocks(ahead: number): Promise<void>
  stop(): Promise<void>
}

export async function startBffWorld(): Promise<BffWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bff-'))
  const authority = await Authority.create('Authority of the backend tests')
  const names = ['localhost', HOST].map((value) => ({ type: 'dns' as const, value }))
  const held = await authority.issue({ names: [...names, { type: 'ip', value: '127.0.0.1' }], purposes: [SERVER] })
  const ca = join(folder, 'authority.pem')
  writeFileSync(ca, authority.certificate)
  const front = await Front.open(held, HOST)
  const origin = `https://${HOST}:${front.port}`
  const issuer = `https://localhost:${front.port}`
  const password = randomBytes(9).toString('base64url')
  const environment = { NODE_EXTRA_CA_CERTS: ca }
  const logs: string[] = []
  const log = (text: string): void => void logs.push(text)

  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { d, ...publicJwk } = { ...privateKey.export({ format: 'jwk' }), kid: 'orders-1', alg: 'ES256', use: 'sig' }
  const serverPort = await freePort()
  const stopServer = await serveProgram(folder, serverPort, configuration({ issuer, origin, front, publicJwk, password }), environment, log)

  const fetch = loopbackFetch(authority.certificate) as typeof globalThis.fetch
  const calls: BffWorld['calls'][number][] = []
  const api = await startApi(issuer, fetch, calls)
  const options: NodeOptions = {
    store: join(folder, 'sessions.db'),
    bff: {
      publicUrl: origin,
      issuer,
      client: { clientId: 'orders', privateJwk: { ...publicJwk, d: d as string } },
      scope: 'openid profile orders',
      secrets: [{ id: 's1', value: randomBytes(32).toString('base64url') }],
      apis: [{ path: '/api/orders', upstream: `http://127.0.0.1:${api.port}/orders`, resource: RESOURCE }],
    },
  }
  const nodes = await Promise.all([startNode(options, environment, log), startNode(options, environment, log)])
  front.to(
    nodes.map(({ port }) => port),
    serverPort,
  )
  return {
    origin,
    issuer,
    spki: createHash('sha256')
      .update(new X509Certificate(held.der).publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64'),
    front,
    password,
    calls,
    logs: () => logs.join(''),
    async setClocks(ahead) {
      for (const { port } of nodes) await globalThis.fetch(`http://127.0.0.1:${port}/test/clock?${ahead}`, { method: 'POST' })
    },
    async stop() {
      for (const { stop } of nodes) await stop()
      await api.close({ graceSeconds: 0 })
      await stopServer()
      front.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface Around {
  readonly issuer: string
  readonly origin: string
  readonly front: Front
  readonly publicJwk: object
  readonly password: string
}

function configuration({ issuer, origin, front, publicJwk, password }: Around): object {
  return {
    issuer,
    trustedProxies: ['127.0.0.1'],
    store: { engine: 'memory' },
    secondFactor: 'when-asked',
    authenticationLevels: [
      { acr: 'urn:example:password', methods: ['pwd'] },
      { acr: SECOND_FACTOR, methods: ['pwd+otp'] },
    ],
    resources: [{ identifier: RESOURCE, name: 'Orders', scopes: ['orders'], accessTokenLifetime: TOKEN_LIFE }],
    clients: [
      {
        client_id: 'orders',
        client_name: 'Orders',
        redirect_uris: [`${origin}/bff/callback`],
        post_logout_redirect_uris: [`${origin}/`],
        backchannel_logout_uri: `https://127.0.0.1:${front.port}/bff/backchannel-logout`,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [publicJwk] },
        scope: 'openid profile orders',
      },
    ],
    accounts: { seed: [{ username: 'ada', password, claims: { name: 'Ada Lovelace' }, totpSecret: TOTP_SECRET }] },
    outbound: { allow: [`127.0.0.1:${front.port}`] },
  }
}

/** Two routes: one for anybody with the scope, one that needs a second factor. */
async function startApi(
  issuer: string,
  fetch: typeof globalThis.fetch,
  calls: BffWorld['calls'],
): Promise<Awaited<ReturnType<typeof serve>>> {
  const port = await freePort()
  const guard = createGuard({ issuer, resource: RESOURCE, publicUrl: `http://127.0.0.1:${port}`, dpopRequired: true, fetch })
  return serve(
    async (request) => {
      const paying = request.path === '/orders/pay'
      const verdict = await guard.check(request, { scopes: ['orders'], ...(paying ? { acr: [SECOND_FACTOR] } : {}) })
      if (verdict.kind === 'refused') return verdict.reply
      calls.push({ subject: verdict.access.subject, path: request.path })
      return json(200, paying ? { paid: true } : { orders: ['Tea', 'Two cups'] }, verdict.headers)
    },
    { port },
  )
}

async function startNode(
  options: NodeOptions,
  environment: Readonly<Record<string, string>>,
  log: (text: string) => void,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./node.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  child.stdin.end(`${JSON.stringify(options)}\n`)
  const port = await portOf(child, log)
  return {
    port,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

function portOf(child: ChildProcess, log: (text: string) => void): Promise<number> {
  let output = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data: Buffer) => {
        log(data.toString())
        output += data.toString()
        const [, port] = /listening (\d+)/.exec(output) ?? []
        if (port !== undefined) resolve(Number(port))
      })
    child.once('exit', (code) => reject(new Error(`a node ended with ${code}\n${output}`)))
  })
}
