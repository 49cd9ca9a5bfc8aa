import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountKinds, type AccountRecords, type BuiltInAccounts, createAccounts } from '@holdfast/accounts'
import { type Records, serverKinds } from '@holdfast/server'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { Authority, SERVER } from '../certificates.ts'
import { loopbackFetch } from './loopback-fetch.ts'
import { makeParties, type PartyName, partyHosts } from './parties.ts'
import { freePort, MASTER, serveProgram } from './program.ts'
import { RelyingParty } from './relying-party.ts'

const HOST = 'id.holdfast.test'

export const LEVELS = { password: 'urn:example:password', second: 'urn:example:second-factor', passkey: 'urn:example:passkey' } as const

/** Somebody whom no other test knows. */
export interface SomePerson {
  readonly username: string
  readonly password: string
  readonly name: string
  readonly totpSecret: string | undefined
}

/** One server, and relying parties of every kind beside each other, each on a site of its own. */
export interface Sites {
  readonly issuer: string
  readonly parties: Readonly<Record<PartyName, RelyingParty>>
  /** Of the certificate of all of them. */
  readonly spki: string
  /** The people of the running server. */
  readonly accounts: BuiltInAccounts
  person(name: string, totpSecret?: string): Promise<SomePerson>
  stop(): Promise<void>
}

export async function startSites(): Promise<Sites> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-sites-'))
  const authority = await Authority.create('Authority of the browser tests')
  const names = [HOST, 'localhost', ...partyHosts].map((value) => ({ type: 'dns' as const, value }))
  const held = await authority.issue({ names: [...names, { type: 'ip', value: '127.0.0.1' }], purposes: [SERVER] })
  const byHost = new Map<string, RelyingParty>()
  const listener = createServer({ cert: held.certificate, key: held.key }, (request, response) => {
    answer(byHost, request, response).catch((fault: unknown) => response.writeHead(500).end(String(fault)))
  })
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening))
  const { port } = listener.address() as AddressInfo
  const parties = await makeParties(port)

  const ca = join(folder, 'authority.pem')
  writeFileSync(ca, authority.certificate)
  const serverPort = await freePort()
  const issuer = `https://${HOST}:${serverPort}`
  const path = join(folder, 'store.db')
  const configuration = {
    issuer,
    tls: { certificate: held.certificate, key: held.key },
    store: { engine: 'sqlite', path },
    clients: parties.map(({ registered }) => registered),
    sessions: { thirdPartyFrames: true },
    secondFactor: 'when-asked',
    accounts: { signUp: true },
    authenticationLevels: [
      { acr: LEVELS.password, methods: ['pwd'] },
      { acr: LEVELS.second, methods: ['pwd+otp'] },
      { acr: LEVELS.passkey, methods: ['phr'] },
    ],
    outbound: { allow: [`127.0.0.1:${port}`, `localhost:${port}`] },
  }
  const stopProgram = await serveProgram(folder, serverPort, configuration, { NODE_EXTRA_CA_CERTS: ca })
  const store = await openSqliteStore<Records & AccountRecords>({ path, kinds: { ...serverKinds, ...accountKinds } })
  const secrets = [{ id: MASTER.id, value: new Uint8Array(Buffer.from(MASTER.value, 'base64url')) }]
  const accounts = createAccounts({ store, secrets })

  const fetch = loopbackFetch(authority.certificate)
  const connected = await Promise.all(parties.map((party) => RelyingParty.connect(party, issuer, fetch)))
  for (const one of connected) byHost.set(new URL(one.origin).host, one)
  return {
    issuer,
    parties: Object.fromEntries(connected.map((one) => [one.party.name, one])) as Record<PartyName, RelyingParty>,
    spki: createHash('sha256')
      .update(new X509Certificate(held.der).publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64'),
    accounts,
    async person(name, totpSecret) {
      const username = `${name.toLowerCase()}-${randomBytes(4).toString('hex')}`
      const password = `of ${username}`
      const made = await accounts.createAccount({
        username,
        password,
        claims: { name },
        ...(totpSecret === undefined ? {} : { totpSecret }),
      })
      if (!('sub' in made)) throw new Error(`${made.field} ${made.message}`)
      return { username, password, name, totpSecret }
    },
    async stop() {
      await stopProgram()
      await store.close()
      listener.closeAllConnections()
      listener.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** By the name that was asked for; the back channel comes to the address, and names the relying party in the path. */
async function answer(byHost: ReadonlyMap<string, RelyingParty>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const named = byHost.get(request.headers.host ?? '')
  if (named !== undefined) return named.handle(request, response)
  const told = [...byHost.values()].find(({ party }) => request.url === `/backchannel/${party.name}`)
  if (told === undefined || request.method !== 'POST') return void response.writeHead(404).end()
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  await told.told(new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '')
  response.writeHead(200).end()
}
