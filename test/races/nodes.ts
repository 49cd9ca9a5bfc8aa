import { type BuiltInAccounts, createAccounts } from '@holdfast/accounts'
import { type Client, createStoreMemory, type Records } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { Application, times } from '../../packages/server/src/test/application.ts'
import { ATTESTERS } from '../../packages/server/src/test/attested.ts'
import { Person } from '../../packages/server/src/test/person.ts'
import { HeldClock, PASSWORD, startServer, type TestServer } from '../../packages/server/src/test/server.ts'
import { partner } from '../matrix/grants.ts'
import { TOTP_SECRET } from '../one-time-code.ts'
import type { TwoStores } from './engines.ts'

export const AT_ONCE = 50
const SECRETS = [{ id: 's1', value: new Uint8Array(32).fill(1) }]
export const DANA = { username: 'dana', password: PASSWORD, totpSecret: TOTP_SECRET }

type Pair<T> = readonly [T, T]

/** Two servers over one store, with the same people, clients and clock. */
export class Nodes {
  readonly servers: Pair<TestServer>
  readonly accounts: Pair<BuiltInAccounts>
  readonly clock: HeldClock
  readonly #two: TwoStores

  private constructor(two: TwoStores, servers: Pair<TestServer>, accounts: Pair<BuiltInAccounts>, clock: HeldClock) {
    this.#two = two
    this.servers = servers
    this.accounts = accounts
    this.clock = clock
  }

  static async start(two: TwoStores, clients: readonly Client[]): Promise<Nodes> {
    const clock = new HeldClock()
    const [first, second] = two.stores
    const accounts: Pair<BuiltInAccounts> = [
      createAccounts({ store: first, secrets: SECRETS }),
      createAccounts({ store: second, secrets: SECRETS }),
    ]
    await accounts[0].seed([{ username: 'ada', password: PASSWORD }, DANA])
    const node = (index: 0 | 1): Promise<TestServer> => {
      const store = two.stores[index] as unknown as OpenStore<Records>
      return startServer(clients, {
        store,
        clock,
        memory: createStoreMemory(store),
        accounts: accounts[index],
        dpopNonce: 'off',
        attestation: { attesters: ATTESTERS },
        trustedIssuers: [partner(clients.map(({ clientId }) => clientId))],
        registration: { initialAccessTokens: true },
      })
    }
    // Together, as an orchestrator starts them: both make keys.
    return new Nodes(two, await Promise.all([node(0), node(1)]), accounts, clock)
  }

  /** The program of one client, as it reaches either node. */
  apps(client: Client, keys: ConstructorParameters<typeof Application>[2] = {}): Pair<Application> {
    const [person] = this.persons()
    return [new Application(this.servers[0], client, { person, ...keys }), new Application(this.servers[1], client, { person, ...keys })]
  }

  /** One browser, whose requests reach either node. */
  persons(): Pair<Person> {
    const [first, second] = [new Person(this.servers[0]), new Person(this.servers[1])]
    Object.assign(second, { cookies: first.cookies })
    return [first, second]
  }

  /** What is stored for a client, as the other node sees it. */
  async standing({ clientId }: Client): Promise<Standing> {
    const [, { store }] = this.servers
    const [grants, families] = await Promise.all([
      store.list('grant', 'clientId', clientId, { limit: 100 }),
      store.list('refresh_family', 'clientId', clientId, { limit: 100 }),
    ])
    return { grants: grants.items.length, families: families.items.length }
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map(({ server }) => server.close()))
    await this.#two.close()
  }
}

export interface Standing {
  readonly grants: number
  readonly families: number
}

/** The same fifty times at once, half of it at either node. */
export function both<N, T>(nodes: Pair<N>, ask: (node: N, index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(times(AT_ONCE, (index) => ask(nodes[index % 2] as N, index)))
}

/** What a person answers in a race: yes and no at either node. */
export function yesOrNo(index: number): 'allow' | 'deny' {
  return index % 4 < 2 ? 'allow' : 'deny'
}

/** One thing that is good once: its own clients, and the race for it with all that must hold after. */
export interface SingleUse {
  /** Requirement ids, and what it is. */
  readonly name: string
  readonly client: Client
  race(nodes: Nodes): Promise<void>
}

/** Which of fifty it was. */
export function winner<T extends { readonly status: number }>(answers: readonly T[], status = 200): T {
  const won = answers.filter((answer) => answer.status === status)
  if (won.length !== 1) throw new Error(`${won.length} have won`)
  return won[0] as T
}
