import type { RegistrationOptions, ServerOptions } from '../index.ts'
import { Places } from './places.ts'
import { ACCOUNTS_API, client, type HeldClock, ISSUER, startServer, type TestServer } from './server.ts'
import type { OpenStore } from '@holdfast/store'
import type { Client, Records } from '../index.ts'

type Members = Readonly<Record<string, unknown>>

export interface Registered {
  readonly status: number
  readonly headers: Headers
  readonly body: Members
}

export const METADATA: Members = { client_name: 'Budget', redirect_uris: ['https://budget.example/cb'], token_endpoint_auth_method: 'none' }

/** Another redirect URI and name for each: addresses and clients of a race are told apart. */
export function metadata(over: Members = {}): Members {
  return { ...METADATA, ...over }
}

/** A server where clients may come by themselves, and what such a client does. */
export class Registrar {
  readonly as: TestServer
  readonly places: Places

  constructor(as: TestServer, places: Places) {
    this.as = as
    this.places = places
  }

  async send(path: string, init: RequestInit): Promise<Registered> {
    const response = await this.as.fetch(path.startsWith('https:') ? path : `${ISSUER}${path}`, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text.startsWith('{') ? (JSON.parse(text) as Members) : {} }
  }

  register(body: unknown = METADATA, token?: string, headers: Readonly<Record<string, string>> = {}): Promise<Registered> {
    return this.send('/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }

  /** By the registration access token of an answer, or by another one. */
  manage(
    method: 'GET' | 'PUT' | 'DELETE',
    of: Registered,
    body?: Members,
    token: unknown = of.body['registration_access_token'],
  ): Promise<Registered> {
    return this.send(String(of.body['registration_client_uri']), {
      method,
      headers: { authorization: `Bearer ${String(token)}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  /** The client as the store has it. */
  async stored(of: Registered): Promise<Client> {
    const record = await this.as.store.read('client', String(of.body['client_id']))
    if (record === undefined) throw new Error('the client is not stored')
    return record.value.client
  }
}

type Over = Partial<Omit<ServerOptions, 'store' | 'clock' | 'registration'>> & {
  readonly store?: OpenStore<Records>
  readonly clock?: HeldClock
  readonly clients?: readonly Client[]
}

export async function startRegistrar(registration: RegistrationOptions = { open: true }, over: Over = {}): Promise<Registrar> {
  const places = new Places()
  const { clients = [client()], ...rest } = over
  const as = await startServer(clients, {
    outbound: places,
    resources: [ACCOUNTS_API],
    ...rest,
    registration: { perAddress: 1000, ...registration },
  })
  return new Registrar(as, places)
}
