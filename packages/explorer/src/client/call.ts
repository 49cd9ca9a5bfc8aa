import { type Members, textOf } from '../encoding.ts'
import { need } from '../hand.ts'
import type { SigningKey } from '../keys.ts'
import type { Answer, Scene } from '../scene.ts'
import { proven, titled } from './proven.ts'

export interface Call {
  readonly title: string
  readonly standard: string
  /** @default the API of the world, else userinfo */
  readonly url?: string | undefined
  readonly method?: string | undefined
  /** @default the run's */
  readonly token?: string | undefined
  /** @default as the token was issued */
  readonly scheme?: 'Bearer' | 'DPoP' | undefined
  /** @default the run's, under the scheme DPoP */
  readonly key?: SigningKey | undefined
  readonly claims?: Members | undefined
  readonly proof?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** With POST. */
  readonly json?: unknown
  /** The scheme DPoP, and no proof. */
  readonly withoutProof?: boolean | undefined
}

/** A request to an API with an access token (RFC 6750 §2.1, RFC 9449 §7.1). */
export function call(scene: Scene, over: Call): Promise<Answer> {
  const { hand } = scene
  const url = over.url ?? apiOf(scene)
  const method = over.method ?? 'GET'
  const token = over.token ?? need(hand, 'tokens').access
  const scheme = over.scheme ?? (hand.tokens?.type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer')
  const key = scheme === 'Bearer' || over.withoutProof === true ? undefined : (over.key ?? hand.key)
  return proven(scene, { key, method, url, token, claims: over.claims, proof: over.proof }, (dpop, again) =>
    scene.send({
      title: titled(over.title, again),
      standard: over.standard,
      to: url === hand.metadata?.['userinfo_endpoint'] ? 'server' : 'api',
      url,
      method,
      headers: { authorization: `${scheme} ${token}`, dpop, ...over.headers },
      json: over.json,
    }),
  )
}

/** The world's API; where it has none, what every server of OpenID Connect has. @throws {Fault} there is neither */
export function apiOf({ hand, world }: Scene): string {
  return hand.resource ?? world.api ?? textOf(hand.metadata, 'userinfo_endpoint') ?? need(hand, 'resource')
}
