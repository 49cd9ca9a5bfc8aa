import type { Members } from '../encoding.ts'
import { need } from '../hand.ts'
import type { SigningKey } from '../keys.ts'
import type { LaneId } from '../model.ts'
import type { Answer, Scene } from '../scene.ts'
import { proven, titled } from './proven.ts'

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

type Parameters = Readonly<Record<string, string | undefined>>

export interface Post {
  readonly title: string
  readonly standard: string
  readonly url: string
  readonly form: Parameters
  readonly from?: LaneId
  /** With a proof by this key. */
  readonly key?: SigningKey | undefined
  /** Overwrites of a right proof. */
  readonly claims?: Members | undefined
  /** A proof that somebody has already. */
  readonly proof?: string | undefined
  /** In place of the client's own. */
  readonly credentials?: Parameters | undefined
}

/** A form to an endpoint of the server, with the client's credentials. */
export function post(scene: Scene, { title, standard, url, form, from, key, claims, proof, credentials }: Post): Promise<Answer> {
  return proven(scene, { key, method: 'POST', url, claims, proof }, async (dpop, again) =>
    scene.send({
      title: titled(title, again),
      standard,
      from,
      to: 'server',
      url,
      headers: { dpop },
      // A fresh assertion each time: its jti counts once, even where the server asked for a nonce (DPOP-65).
      form: { ...form, ...(credentials ?? (await credentialsOf(scene))) },
    }),
  )
}

/** A public client says who it is; a confidential one proves it. */
export async function credentialsOf(scene: Scene): Promise<Parameters> {
  const { client } = scene.stage
  if (client === undefined || scene.hand.clientId !== undefined) return { client_id: need(scene.hand, 'clientId') }
  const assertion = await client.clientAssertion()
  if (!scene.thief) scene.hand.lastAssertion = assertion
  return { client_id: client.clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }
}

/** Who this run is at the server. */
export function clientIdOf({ hand, stage }: Scene): string {
  return hand.clientId ?? stage.client?.clientId ?? need(hand, 'clientId')
}
