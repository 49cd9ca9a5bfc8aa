import { appendedWellKnown, insertedWellKnown } from '@holdfast/protocol/metadata'
import { Fault, unexpected } from '../../faults.ts'
import type { FlowStep } from '../../flow.ts'
import { endpoint, need } from '../../hand.ts'
import { isMembers, type Members } from '../../encoding.ts'
import type { World } from '../../model.ts'
import type { Answer, Scene } from '../../scene.ts'

/** The server's metadata, and who the client is. */
export function discover(clientId: (world: World) => string | undefined = ({ clientId: id }) => id): FlowStep {
  return {
    id: 'discover',
    title: 'Ask the server where everything is',
    say: 'The client knows one address, the issuer. The server’s metadata tells it the others, and what the server can do.',
    standard: 'RFC 8414 §3',
    async run(scene) {
      const { hand, world } = scene
      const id = clientId(world)
      if (id !== undefined) hand.clientId = id
      await readMetadata(scene, world.issuer)
    },
  }
}

/** The client is the back end's own, with a key. */
export const discoverAsBackend: FlowStep = discover(() => undefined)

/** @throws {Fault} there is none, or it is of another issuer */
export async function readMetadata(scene: Scene, issuer: string): Promise<void> {
  const read = (standard: string, url: string): Promise<Answer> =>
    scene.send({ title: 'The client reads the server’s metadata', standard, to: 'server', url })
  const first = await read('RFC 8414 §3', insertedWellKnown(issuer, 'oauth-authorization-server'))
  // Servers of OpenID Connect alone have it elsewhere, by another rule.
  const answer = first.status === 200 ? first : await read('OpenID Connect Discovery §4', appendedWellKnown(issuer, 'openid-configuration'))
  if (answer.status !== 200 || answer.body === undefined) throw unexpected('Reading the metadata', answer.status, answer.body)
  // RFC 8414 §3.3: another issuer's document would send the client to the endpoints of somebody else.
  const told = answer.body['issuer']
  const refused = told === issuer ? undefined : `issuer is ${String(told)}, expected ${issuer}`
  scene.judge(answer.exchange, { about: 'metadata', check: 'issuer', rule: 'META-02', refused })
  if (refused !== undefined) throw new Fault(`The metadata is of another issuer: ${refused}.`, 'Set the issuer to what the metadata has.')
  scene.hand.metadata = answer.body
}

/** The keys by which the server signs; read once a run. */
export async function readKeys(scene: Scene): Promise<readonly Members[]> {
  const { hand } = scene
  if (hand.jwks !== undefined) return hand.jwks
  const answer = await scene.send({
    title: 'The client reads the server’s public keys',
    standard: 'RFC 7517 §5',
    to: 'server',
    url: endpoint(hand, 'jwks_uri'),
  })
  const keys = answer.body?.['keys']
  if (answer.status !== 200 || !Array.isArray(keys)) throw unexpected('Reading the keys', answer.status, answer.body)
  hand.jwks = keys.filter(isMembers)
  return need(hand, 'jwks')
}
