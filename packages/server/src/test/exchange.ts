import { ACCESS_TOKEN, TOKEN_EXCHANGE } from '../grants/token-exchange.ts'
import type { Client, Resource } from '../index.ts'
import { type Answer, Application, type Parameters as Form } from './application.ts'
import { PAYMENTS, PAYMENTS_API, resourceServer } from './resource-server.ts'
import { ACCOUNTS_API, API, client, startServer, type TestServer } from './server.ts'

export const FILES = 'https://api.example/files'
/** Its tokens are opaque; one scope has the name of another API's. */
export const FILES_API: Resource = {
  ...ACCOUNTS_API,
  identifier: FILES,
  name: 'Files',
  scopes: [
    { name: 'files', description: 'See your files' },
    { name: 'accounts:write', description: 'Something else by the same name' },
  ],
  accessTokenFormat: 'opaque',
  accessTokenLifetime: 200,
}

const TO_EXCHANGE: Partial<Client> = { redirectUris: [], grantTypes: [TOKEN_EXCHANGE, 'client_credentials'] }

/** The accounts API: it calls the payments API for the people who call it. */
export function gateway(over: Partial<Client> = {}): Client {
  return resourceServer({
    ...TO_EXCHANGE,
    clientId: 'accounts-api',
    scopes: ['openid', 'accounts:read', 'payments', 'files'],
    tokenExchange: { impersonation: false, scopes: { 'accounts:read': ['payments'], 'accounts:write': ['files'] } },
    ...over,
  })
}

/** A web application with people, the APIs one behind another, a machine, and somebody who has no business with any token. */
export interface Chain {
  readonly as: TestServer
  readonly web: Application
  readonly accounts: Application
  readonly payments: Application
  readonly files: Application
  readonly robot: Application
  readonly third: Application
}

interface Over {
  readonly web?: Partial<Client>
  readonly accounts?: Partial<Client>
  readonly payments?: Partial<Client>
  readonly robot?: Partial<Client>
  readonly third?: Partial<Client>
  readonly keys?: { readonly web?: Application['key']; readonly accounts?: Application['key'] }
}

export async function chain(over: Over = {}, options: Parameters<typeof startServer>[1] = {}): Promise<Chain> {
  const web = client({
    grantTypes: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE],
    scopes: ['openid', 'profile', 'offline_access', 'accounts:read', 'accounts:write', 'payments'],
    ...over.web,
  })
  const accounts = gateway(over.accounts)
  const payments = resourceServer({
    ...TO_EXCHANGE,
    clientId: 'payments-api',
    protectedResources: [PAYMENTS],
    scopes: ['files', 'accounts:read'],
    tokenExchange: { impersonation: false, scopes: { payments: ['files', 'accounts:read'] } },
    ...over.payments,
  })
  const files = resourceServer({ clientId: 'files-api', protectedResources: [FILES] })
  const robot = client({ ...TO_EXCHANGE, clientId: 'robot', scopes: ['accounts:read', 'files'], ...over.robot })
  const third = client({ ...TO_EXCHANGE, clientId: 'third', scopes: ['openid', 'accounts:read', 'payments'], ...over.third })
  const resources = [ACCOUNTS_API, PAYMENTS_API, FILES_API]
  const as = await startServer([web, accounts, payments, files, robot, third], { resources, dpopNonce: 'off', ...options })
  return {
    as,
    web: new Application(as, web, { dpop: over.keys?.web }),
    accounts: new Application(as, accounts, { dpop: over.keys?.accounts }),
    payments: new Application(as, payments),
    files: new Application(as, files),
    robot: new Application(as, robot),
    third: new Application(as, third),
  }
}

export function exchange(by: Application, token: string, over: Form = {}): Promise<Answer> {
  return by.post('/token', { grant_type: TOKEN_EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN, ...over })
}

/** The token of an exchange that must succeed. */
export async function exchanged(by: Application, token: string, over: Form = {}): Promise<string> {
  const answer = await exchange(by, token, over)
  if (answer.status !== 200) throw new Error(`not exchanged: ${JSON.stringify(answer.body)}`)
  return String(answer.body['access_token'])
}

/** Ada's token for the accounts API. */
export async function adasToken(web: Application, over: Form = {}): Promise<string> {
  return (await web.tokens({ scope: 'openid accounts:read', resource: API, ...over })).access
}

/** The claims of a JWT, not verified. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<Record<string, unknown>>
}
