import type { Clock } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'
import { Followed } from '../keys/followed.ts'
import type { ServerChange, ServerReader } from '../records.ts'

export interface FoundClient {
  readonly client: Client
  readonly require: readonly ServerChange[]
}

/** Where clients are that are neither configured nor stored. */
export interface ClientSource {
  find(clientId: string): Promise<FoundClient | undefined>
}

/** What is done with clients that no operator created. */
export interface MachineClients {
  /** Holds one that registered itself to the policy as it is now. */
  readonly held: (client: Client) => Client
  /** Clients whose client_id is a URL; undefined: there are none. */
  readonly documents: ClientSource | undefined
}

/** How many stored clients are kept in memory. */
const CACHED = 10_000
/** OAuth 2.1 App. A. What no client can be called is not asked of the store, whose ids have limits of their own. */
const CLIENT_ID = /^[\x20-\x7e]{1,512}$/

/** The clients: configured ones in memory, stored ones cached for as long as no client changed anywhere, and those at URLs. */
export class ClientDirectory {
  readonly #store: ServerReader
  readonly #configured: ReadonlyMap<string, FoundClient>
  readonly #stored: Followed<Map<string, FoundClient | undefined>>
  readonly #machine: MachineClients | undefined

  constructor(store: ServerReader, configured: readonly Client[], clock: Clock, machine?: MachineClients) {
    this.#store = store
    this.#configured = new Map(configured.map((client) => [client.clientId, { client, require: [] }]))
    this.#stored = new Followed(store, 'clients', clock, () => Promise.resolve(new Map()))
    this.#machine = machine
  }

  /** @returns undefined when unknown or disabled: the two look the same from outside */
  async find(clientId: string): Promise<FoundClient | undefined> {
    const configured = this.#configured.get(clientId)
    if (configured !== undefined) return configured.client.disabled ? undefined : configured
    if (!CLIENT_ID.test(clientId)) return undefined
    // No stored client is called so (CIMD-14).
    if (clientId.startsWith('https://')) return this.#machine?.documents?.find(clientId)
    const cache = await this.#stored.get()
    if (cache.has(clientId)) return cache.get(clientId)
    const record = await this.#store.read('client', clientId)
    const found: FoundClient | undefined =
      record === undefined || record.value.client.disabled
        ? undefined
        : { client: this.#held(record.value.client), require: [{ op: 'require', kind: 'client', id: clientId, expected: record.version }] }
    // Unknown ids come from outside and are not remembered: they would push the known ones out.
    if (found !== undefined && cache.size < CACHED) cache.set(clientId, found)
    return found
  }

  /**
   * What became of a stored client whose record was in the way of a commit. Engines name a record of a commit also when the
   * commit lost a fight for locks: then it is the same as before. It is read anew, also by the next request.
   */
  async since({ client, require }: FoundClient): Promise<'same' | 'changed' | 'gone'> {
    const cache = await this.#stored.get()
    cache.delete(client.clientId)
    const now = await this.find(client.clientId)
    if (now === undefined) return 'gone'
    return JSON.stringify(now.require) === JSON.stringify(require) ? 'same' : 'changed'
  }

  #held(stored: Client): Client {
    // One that was stored before clients could register themselves is an operator's.
    const client: Client = { ...stored, origin: (stored as Partial<Client>).origin ?? 'operator' }
    return client.origin === 'machine' && this.#machine !== undefined ? this.#machine.held(client) : client
  }
}
