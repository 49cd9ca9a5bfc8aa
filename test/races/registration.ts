import { createInitialAccessToken } from '@holdfast/server'
import { expect } from 'vitest'
import { tally } from '../../packages/server/src/test/application.ts'
import { Places } from '../../packages/server/src/test/places.ts'
import { metadata, METADATA, Registrar, type Registered } from '../../packages/server/src/test/registrar.ts'
import { client } from '../../packages/server/src/test/server.ts'
import { both, type Nodes, type SingleUse, winner } from './nodes.ts'

const registrars = ({ servers }: Nodes): readonly [Registrar, Registrar] => [
  new Registrar(servers[0], new Places()),
  new Registrar(servers[1], new Places()),
]

const initialToken = ({ servers, clock }: Nodes, uses: number): Promise<string> =>
  createInitialAccessToken(servers[0].store, { uses, lifetime: 600 }, clock)

/** Both halves of a registered client are there, or none is. */
async function registeredBy({ servers }: Nodes): Promise<{ readonly clients: number; readonly registrations: number }> {
  const [, { store }] = servers
  const [clients, kept, unproven] = await Promise.all([
    store.list('client', 'kind', 'client', { limit: 200 }),
    store.list('registration', 'standing', 'kept', { limit: 200 }),
    store.list('registration', 'standing', 'unproven', { limit: 200 }),
  ])
  return { clients: clients.items.length, registrations: kept.items.length + unproven.items.length }
}

/** The tokens with which clients come, and change themselves. */
export const REGISTRATION: readonly SingleUse[] = [
  {
    name: 'REG-02 an initial access token: of one use one client, of five uses five',
    client: client({ clientId: 'unused-by-registration' }),
    async race(nodes) {
      for (const uses of [1, 5]) {
        const before = await registeredBy(nodes)
        const token = await initialToken(nodes, uses)
        const answers = await both(registrars(nodes), (registrar) => registrar.register(METADATA, token))
        expect(tally(answers)).toEqual({ '201': uses, '401 invalid_token': 50 - uses })
        expect(await registeredBy(nodes)).toEqual({ clients: before.clients + uses, registrations: before.registrations + uses })
      }
    },
  },
  {
    name: 'REG-24 a registration access token at PUT: one update, and its new token is the only one',
    client: client({ clientId: 'unused-by-update' }),
    async race(nodes) {
      const pair = registrars(nodes)
      const old = await pair[0].register(METADATA, await initialToken(nodes, 1))
      expect(old.status).toBe(201)
      const update = (index: number): ReturnType<typeof metadata> =>
        metadata({ client_id: old.body['client_id'], client_name: `Budget ${index}` })
      const answers = await both(pair, (registrar, index) => registrar.manage('PUT', old, update(index)))
      expect(tally(answers)).toEqual({ '200': 1, '401 invalid_token': 49 })
      const won: Registered = winner(answers)
      expect((await pair[1].stored(old)).clientName).toBe(won.body['client_name'])
      expect((await pair[1].manage('GET', won)).body['client_name']).toBe(won.body['client_name'])
      expect((await pair[1].manage('GET', old)).status).toBe(401)
    },
  },
  {
    name: 'REG-24 REG-22 updates and removals by one registration access token: one wins, and never is half of a client left',
    client: client({ clientId: 'unused-by-removal' }),
    async race(nodes) {
      const pair = registrars(nodes)
      const old = await pair[0].register(METADATA, await initialToken(nodes, 1))
      const before = await registeredBy(nodes)
      const answers = await both(pair, (registrar, index) =>
        index % 4 < 2 ? registrar.manage('PUT', old, metadata({ client_id: old.body['client_id'] })) : registrar.manage('DELETE', old),
      )
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(49)
      const gone = answers.some(({ status }) => status === 204) ? 1 : 0
      expect(await registeredBy(nodes)).toEqual({ clients: before.clients - gone, registrations: before.registrations - gone })
    },
  },
]
