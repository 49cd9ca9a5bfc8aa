import { checkIdToken, checkTokenType, refusedIn } from '../../client/checks.ts'
import { clientIdOf, post } from '../../client/post.ts'
import { textOf } from '../../encoding.ts'
import { Fault, unexpected } from '../../faults.ts'
import type { FlowStep } from '../../flow.ts'
import { endpoint, need } from '../../hand.ts'
import type { Answer, Scene } from '../../scene.ts'
import { issuerOf, type Parameters } from './authorize.ts'
import { readKeys } from './discover.ts'

/** OAuth 2.1 §4.1.3. A request of the first-party kind had no redirect URI, and so its code has none. */
export function redeemParameters({ hand, world }: Scene): Parameters {
  return {
    grant_type: 'authorization_code',
    code: need(hand, 'code'),
    redirect_uri: hand.request?.['redirect_uri'] === undefined ? undefined : world.redirectUri,
    code_verifier: need(hand, 'pkce').verifier,
    resource: hand.request?.['resource'],
  }
}

export const redeem: FlowStep = {
  id: 'redeem',
  title: 'Exchange the code for tokens',
  say: 'The client shows the code and the secret behind its challenge (PKCE). Only who began can finish.',
  standard: 'OAuth 2.1 §4.1.3',
  async run(scene) {
    const answer = await post(scene, {
      title: 'The client redeems the code',
      standard: 'OAuth 2.1 §4.1.3',
      url: endpoint(scene.hand, 'token_endpoint'),
      form: redeemParameters(scene),
      key: scene.hand.key,
    })
    await takeTokens(scene, answer, 'Redeeming the code')
  },
}

/** Keeps the tokens of an answer once they are checked. @throws {Fault} there are none, or they are not what was asked for */
export async function takeTokens(scene: Scene, answer: Answer, what: string): Promise<void> {
  const { hand } = scene
  const access = textOf(answer.body, 'access_token')
  if (answer.status !== 200 || access === undefined) throw unexpected(what, answer.status, answer.body)
  const type = checkTokenType(answer.body, hand.key !== undefined)
  scene.judge(answer.exchange, type)
  const id = textOf(answer.body, 'id_token')
  const found = id === undefined ? [] : await idTokenFindings(scene, id, access)
  scene.judge(answer.exchange, ...found)
  const refused = refusedIn([type, ...found])
  if (refused !== undefined) throw new Fault(`The client does not take these tokens: ${refused.refused}.`, 'Begin a new run.')
  const expiresIn = answer.body?.['expires_in']
  hand.tokens = {
    access,
    type: textOf(answer.body, 'token_type') ?? 'Bearer',
    refresh: textOf(answer.body, 'refresh_token') ?? hand.tokens?.refresh,
    id: id ?? hand.tokens?.id,
    scope: textOf(answer.body, 'scope'),
    expiresIn: typeof expiresIn === 'number' ? expiresIn : undefined,
  }
}

async function idTokenFindings(scene: Scene, text: string, accessToken: string): ReturnType<typeof checkIdToken> {
  const { hand, stage } = scene
  // Counts once: an ID token of a refresh has none (OpenID Connect Core §12.2).
  const { nonce } = hand
  delete hand.nonce
  const keys = await readKeys(scene)
  return checkIdToken(text, { issuer: issuerOf(scene), clientId: clientIdOf(scene), nonce, accessToken, now: stage.now(), keys })
}

export const refresh: FlowStep = {
  id: 'refresh',
  title: 'Refresh the tokens',
  say: 'Access tokens live for minutes. With the refresh token the client gets new ones, and the old refresh token is worth nothing from then on.',
  standard: 'OAuth 2.1 §4.3.1',
  async run(scene) {
    const { hand } = scene
    const { refresh: token } = need(hand, 'tokens')
    if (token === undefined) throw new Fault('The server gave no refresh token.', 'Allow the grant refresh_token to this client.')
    const answer = await post(scene, {
      title: 'The client refreshes its tokens',
      standard: 'OAuth 2.1 §4.3.1',
      url: endpoint(hand, 'token_endpoint'),
      form: { grant_type: 'refresh_token', refresh_token: token },
      key: hand.key,
    })
    await takeTokens(scene, answer, 'Refreshing')
    if (need(hand, 'tokens').refresh !== token) hand.spentRefreshTokens = [...(hand.spentRefreshTokens ?? []), token]
  },
}
