import type { Client, Resource } from '../index.ts'
import type { AuditEventRecord } from '../records.ts'
import { type Answer, Application, type Parameters as Form, type Sent } from './application.ts'
import { ACCOUNTS_API, API, client, publicClient, startServer, type TestServer } from './server.ts'

export const PAYMENTS = 'https://api.example/payments'
export const PAYMENTS_API: Resource = {
  ...ACCOUNTS_API,
  identifier: PAYMENTS,
  name: 'Payments',
  scopes: [{ name: 'payments', description: 'Pay' }],
}

/** The accounts API as a client of the server: it may ask about tokens that are meant for it. */
export function resourceServer(over: Partial<Client> = {}): Client {
  return client({ clientId: 'accounts-api', redirectUris: [], grantTypes: [], scopes: [], protectedResources: [API], ...over })
}

export const MACHINE: Client = client({
  clientId: 'robot',
  redirectUris: [],
  grantTypes: ['client_credentials'],
  scopes: ['accounts:read', 'payments'],
})

/** Everybody who has to do with a token: who gets it, whom it is shown to, and two who have no business with it. */
export interface Parties {
  readonly as: TestServer
  readonly web: Application
  readonly robot: Application
  readonly api: Application
  readonly payments: Application
  readonly app: Application
}

export async function parties(
  format: 'jwt' | 'opaque' = 'jwt',
  over: {
    readonly web?: Partial<Client>
    readonly api?: Partial<Client>
    readonly keys?: ConstructorParameters<typeof Application>[2]
  } = {},
  options: Parameters<typeof startServer>[1] = {},
): Promise<Parties> {
  const api = resourceServer(over.api)
  const payments = resourceServer({ clientId: 'payments-api', protectedResources: [PAYMENTS] })
  const web = client({ scopes: ['openid', 'profile', 'accounts:read', 'accounts:write', 'payments'], ...over.web })
  const resources = [{ ...ACCOUNTS_API, accessTokenFormat: format }, PAYMENTS_API]
  const as = await startServer([web, MACHINE, api, payments, publicClient()], { resources, ...options })
  return {
    as,
    web: new Application(as, web, over.keys),
    robot: new Application(as, MACHINE),
    api: new Application(as, api),
    payments: new Application(as, payments),
    app: new Application(as, publicClient()),
  }
}

export function introspect(caller: Application, token: string, more: Form = {}, sent: Sent = {}): Promise<Answer> {
  return caller.post('/introspect', { token, ...more }, sent)
}

export async function machineToken(robot: Application, over: Form = {}): Promise<string> {
  const answer = await robot.post('/token', { grant_type: 'client_credentials', scope: 'accounts:read', ...over })
  if (answer.status !== 200) throw new Error(`no token: ${JSON.stringify(answer.body)}`)
  return String(answer.body['access_token'])
}

/** The audit events that a server stores from now on. */
export function eventsOf({ store }: Pick<TestServer, 'store'>): AuditEventRecord[] {
  const told: AuditEventRecord[] = []
  const commit = store.commit.bind(store)
  store.commit = async (changes) => {
    const outcome = await commit(changes)
    if (outcome === 'committed')
      for (const change of changes) if (change.kind === 'audit_event' && change.op === 'insert') told.push(change.value)
    return outcome
  }
  return told
}
