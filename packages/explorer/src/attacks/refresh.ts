import { type PlayedAttack, during, outcomeOf } from '../attack.ts'
import { post, type Post } from '../client/post.ts'
import { Fault } from '../faults.ts'
import { endpoint, need } from '../hand.ts'
import { newSigningKey } from '../keys.ts'
import { refresh } from '../flows/steps/tokens.ts'
import type { Scene } from '../scene.ts'

function refreshed(words: Omit<PlayedAttack, 'run'>, title: string, over: (scene: Scene) => Promise<Partial<Post>>): PlayedAttack {
  return {
    ...words,
    async run(scene) {
      const { form, ...rest } = await over(scene)
      const all = { grant_type: 'refresh_token', refresh_token: scene.hand.tokens?.refresh, ...form }
      const url = endpoint(scene.hand, 'token_endpoint')
      return outcomeOf(await post(scene, { title, standard: words.standard, url, key: scene.hand.key, form: all, ...rest }))
    },
  }
}

export const REFRESH_ATTACKS: readonly PlayedAttack[] = [
  refreshed(
    {
      id: 'refresh-other-key',
      title: 'Refresh with a key of his own',
      thief: 'The refresh token. He makes a key.',
      without: 'A refresh token of a public client is good for weeks, for whoever has it.',
      standard: 'RFC 9449 §5',
      at: during(['redeem'], 'code-dpop', 'refresh', 'step-up'),
    },
    'The thief refreshes with his own key',
    async () => ({ key: await newSigningKey() }),
  ),
  refreshed(
    {
      id: 'refresh-without-proof',
      title: 'Refresh without a proof',
      thief: 'The refresh token, and no key.',
      without: 'A server that checks a proof only when one is sent gives him bearer tokens.',
      standard: 'RFC 9449 §5',
      at: during(['redeem'], 'code-dpop', 'refresh', 'step-up'),
    },
    'The thief refreshes without a proof',
    () => Promise.resolve({ key: undefined }),
  ),
  refreshed(
    {
      id: 'refresh-replayed',
      title: 'Use a refresh token that was replaced',
      thief:
        'The first refresh token, and for a moment the key, as a script has that was smuggled into the page. The owner refreshes once more meanwhile.',
      without: 'Thief and owner would refresh side by side for weeks.',
      standard: 'OAuth 2.1 §4.3.1',
      costs: 'Two who use one refresh token means that one of them is a thief. The server ends both: the owner signs in again.',
      at: during(['refresh'], 'refresh'),
    },
    'The thief uses the old refresh token',
    async (scene) => {
      // The immediate predecessor is forgiven for some seconds, since an answer may get lost: so the owner refreshes once more, as she does all day.
      scene.thief = false
      await refresh.run(scene)
      scene.thief = true
      const old = scene.hand.spentRefreshTokens?.[0]
      if (old === undefined)
        throw new Fault('The server did not replace the refresh token, so there is no old one.', 'Bind it, or rotate it.')
      return { form: { refresh_token: old } }
    },
  ),
  refreshed(
    {
      id: 'refresh-other-client',
      title: 'Refresh as another client',
      thief: 'The refresh token, and a client of his own.',
      without: 'Every client could use the refresh tokens of all others.',
      standard: 'OAuth 2.1 §4.3.1',
      at: during(['redeem'], 'code-dpop', 'refresh'),
    },
    'The thief refreshes as another client',
    ({ world, hand }) => {
      need(hand, 'tokens')
      return Promise.resolve({ credentials: { client_id: world.firstPartyClientId ?? world.deviceClientId ?? 'a-client-of-the-thief' } })
    },
  ),
]
