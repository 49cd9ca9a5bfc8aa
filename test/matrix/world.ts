import { ATTESTERS } from '../../packages/server/src/test/attested.ts'
import { ALIAS, type Held, MutualTls, selfSigned } from '../../packages/server/src/test/mutual-tls.ts'
import { Person } from '../../packages/server/src/test/person.ts'
import { Places } from '../../packages/server/src/test/places.ts'
import { HeldClock, ISSUER, startServer, type TestServer } from '../../packages/server/src/test/server.ts'
import { GuardedApi, RESOURCES, type Target, TARGETS } from './apis.ts'
import { type Column, columns } from './cells.ts'
import { partner } from './grants.ts'
import { ASSERTION_KEY, KEYS_AT } from './methods.ts'
import { Program } from './program.ts'

/** One server for all cells: with everything switched on that announces a method, and one client for each column. */
export class World {
  readonly tls: MutualTls
  readonly apis: ReadonlyMap<Target, GuardedApi>
  readonly columns: readonly Column[]
  readonly #byAuthority: Held
  readonly #binding: Held
  readonly #person: Person
  readonly #challenge: string

  private constructor(tls: MutualTls, all: readonly Column[], byAuthority: Held, binding: Held, challenge: string) {
    this.tls = tls
    this.columns = all
    this.apis = new Map(TARGETS.map((target) => [target, new GuardedApi(tls.as, target)]))
    this.#byAuthority = byAuthority
    this.#binding = binding
    this.#person = new Person(tls.as)
    this.#challenge = challenge
  }

  static async open(): Promise<World> {
    // What is announced depends on the configuration and on no client: the first server is asked, the second one tested.
    const clock = new HeldClock()
    const empty = await startServer([], { ...OPTIONS, clock })
    const all = columns(await announced(empty))
    await empty.server.close()
    const clients = [...all.map((one) => one.client), ...GuardedApi.clients]
    const trustedIssuers = [partner(all.map((one) => one.client.clientId))]
    const as = await startServer(clients, { ...OPTIONS, clock, resources: RESOURCES, trustedIssuers })
    const tls = await MutualTls.open(as)
    const answer = await as.fetch(`${ISSUER}/attestation-challenge`, { method: 'POST' })
    const { attestation_challenge: challenge } = (await answer.json()) as { readonly attestation_challenge: string }
    return new World(tls, all, await tls.held(), await selfSigned({ subject: [{ CN: ['binding'] }] }), challenge)
  }

  /** A certificate that no client of the matrix has. */
  readonly stranger: Promise<Held> = selfSigned({ subject: [{ CN: ['stranger'] }] })

  methods(): Promise<readonly string[]> {
    return announced(this.tls.as)
  }

  program({ client, row, binding, dpop }: Column): Program {
    const own = row.certificate === 'by the authority' ? this.#byAuthority : row.certificate
    const certificate = own ?? (binding === 'certificate' ? this.#binding : undefined)
    return new Program(this.tls, client, row, { dpop, certificate }, this.#person, this.#challenge)
  }

  async close(): Promise<void> {
    await this.tls.close()
    await this.tls.as.server.close()
  }
}

const OPTIONS = {
  attestation: { attesters: ATTESTERS },
  mutualTls: { publicUrl: ALIAS },
  outbound: new Places().put(KEYS_AT, { keys: [{ ...ASSERTION_KEY.publicJwk }] }),
}

async function announced(as: TestServer): Promise<readonly string[]> {
  const metadata = (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Readonly<Record<string, unknown>>
  return metadata['token_endpoint_auth_methods_supported'] as readonly string[]
}
