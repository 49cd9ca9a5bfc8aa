import { type Attack, type PlayedAttack, during, outcomeOf } from '../attack.ts'
import { post, type Post } from '../client/post.ts'
import { newSecret } from '../encoding.ts'
import { redeemParameters } from '../flows/steps/tokens.ts'
import { endpoint } from '../hand.ts'
import { newSigningKey } from '../keys.ts'
import type { Scene } from '../scene.ts'

const PUBLIC = ['code-pkce', 'code-par', 'code-dpop', 'refresh', 'step-up', 'mcp']
const EVERY = [...PUBLIC, 'jar-jarm', 'token-exchange', 'first-party']
const BOUND = ['code-dpop', 'refresh', 'step-up', 'jar-jarm', 'token-exchange', 'first-party']
/** While the code is good: it is stolen on its way to the client. First-party apps get it in an answer, not by a browser. */
const unspent = (flows: readonly string[]): Attack['at'] => ({
  ...during(['authorize', 'redeem'], ...flows.filter((flow) => flow !== 'first-party')),
  ...(flows.includes('first-party') && during(['prove', 'redeem'], 'first-party')),
})

function redeemed(
  words: Omit<PlayedAttack, 'run'>,
  title: string,
  over: (scene: Scene) => Promise<Partial<Post>> | Partial<Post>,
): PlayedAttack {
  return {
    ...words,
    async run(scene) {
      const { form, ...rest } = await over(scene)
      const url = endpoint(scene.hand, 'token_endpoint')
      const all = { ...redeemParameters(scene), ...form }
      return outcomeOf(await post(scene, { title, standard: words.standard, url, key: scene.hand.key, form: all, ...rest }))
    },
  }
}

export const CODE_ATTACKS: readonly PlayedAttack[] = [
  redeemed(
    {
      id: 'code-without-verifier',
      title: 'Redeem the stolen code',
      thief: 'The code, from the address line, a log or the history of the browser.',
      without: 'A server that asks for the verifier only when one is sent gives the thief the tokens.',
      standard: 'RFC 7636 §4.6',
      at: unspent(EVERY),
    },
    'The thief redeems the code without a verifier',
    () => ({ form: { code_verifier: undefined } }),
  ),
  redeemed(
    {
      id: 'code-wrong-verifier',
      title: 'Redeem it with a verifier of his own',
      thief: 'The code. The challenge that he saw on the way does not lead back to the verifier.',
      without: 'Any verifier would do.',
      standard: 'RFC 7636 §4.6',
      at: unspent(EVERY),
    },
    'The thief redeems the code with another verifier',
    () => ({ form: { code_verifier: newSecret() } }),
  ),
  redeemed(
    {
      id: 'code-other-redirect',
      title: 'Redeem it as if it had come to him',
      thief: 'The code and the verifier; the code was asked for with another redirect URI.',
      without: 'A code that was lured to a wrong address would be as good as one that came to the right one.',
      standard: 'OpenID Connect Core §3.1.3.2',
      at: unspent(['code-pkce', 'code-par', 'code-dpop']),
    },
    'The thief redeems the code with another redirect URI',
    () => ({ form: { redirect_uri: 'https://thief.example/callback' } }),
  ),
  redeemed(
    {
      id: 'code-other-client',
      title: 'Redeem it as another client',
      thief: 'The code and the verifier, and a client of his own at the same server.',
      without: 'Every client could collect the codes of all others.',
      standard: 'OAuth 2.1 §4.1.3',
      at: unspent(['code-pkce', 'code-par', 'code-dpop']),
    },
    'The thief redeems the code as another client',
    async ({ world }) => ({
      credentials: { client_id: world.firstPartyClientId ?? world.deviceClientId ?? 'a-client-of-the-thief' },
      // His client may have to send proofs.
      key: await newSigningKey(),
    }),
  ),
  redeemed(
    {
      id: 'code-other-key',
      title: 'Redeem it with a key of his own',
      thief: 'The code and even the verifier. He makes a key, so that the tokens would be bound to his.',
      without: 'The tokens would be bound, to the thief.',
      standard: 'RFC 9449 §10',
      at: unspent(BOUND),
    },
    'The thief redeems the code with his own key',
    async () => ({ key: await newSigningKey() }),
  ),
  redeemed(
    {
      id: 'code-twice',
      title: 'Redeem the code a second time',
      thief: 'Everything that the client sent: the code, the verifier, and for a moment the key.',
      without: 'Both would have tokens, and nobody would notice.',
      standard: 'OAuth 2.1 §4.1.3',
      costs: 'The server cannot tell who was first, so it takes the tokens of this run back too. What follows in this run may fail.',
      at: during(['redeem'], 'code-pkce', 'code-par', 'code-dpop', 'mcp', 'jar-jarm'),
    },
    'The thief redeems the code again',
    () => ({}),
  ),
]
