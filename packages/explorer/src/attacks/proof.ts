import { type Attack, type PlayedAttack, during, outcomeOf, type Window } from '../attack.ts'
import { apiOf, call, type Call } from '../client/call.ts'
import { hashText } from '../encoding.ts'
import { need } from '../hand.ts'
import { newSigningKey } from '../keys.ts'
import type { Scene } from '../scene.ts'

/** Flows whose tokens are bound, and the step that brings the token. */
const BOUND: readonly (readonly [flow: string, step: string])[] = [
  ['code-dpop', 'redeem'],
  ['refresh', 'redeem'],
  ['step-up', 'redeem'],
  ['jar-jarm', 'redeem'],
  ['token-exchange', 'exchange'],
  ['client-credentials', 'token'],
  ['device', 'poll'],
  ['ciba', 'poll'],
  ['first-party', 'redeem'],
]
const WITH_TOKEN: Attack['at'] = Object.fromEntries(BOUND.map(([flow, step]): [string, Window] => [flow, [step]]))
const AFTER_CALL: Attack['at'] = during(['call'], ...BOUND.map(([flow]) => flow))

/** A call of the thief that should be refused by one check. */
function stolen(
  words: Omit<PlayedAttack, 'run' | 'at' | 'standard'> & Partial<Pick<Attack, 'at' | 'standard'>>,
  title: string,
  over: (scene: Scene) => Promise<Partial<Call>> | Partial<Call>,
): PlayedAttack {
  const standard = words.standard ?? 'RFC 9449 §4.3'
  return {
    at: WITH_TOKEN,
    ...words,
    standard,
    run: async (scene) => outcomeOf(await call(scene, { title, standard, ...(await over(scene)) })),
  }
}

export const PROOF_ATTACKS: readonly PlayedAttack[] = [
  stolen(
    {
      id: 'replay-proof',
      title: 'Send the same call once more',
      thief: 'A copy of a whole request: the token and the proof that went with it, such as from a log.',
      without: 'The proof is right in everything. A server that does not remember it would answer the thief as it answered the owner.',
      standard: 'RFC 9449 §11.1',
      at: AFTER_CALL,
    },
    'The thief sends the same call again',
    ({ hand }) => need(hand, 'lastProof'),
  ),
  stolen(
    {
      id: 'bound-as-bearer',
      title: 'Use the bound token as a bearer token',
      thief: 'A copy of the token, and no key. He shows it as Bearer, as if it were bound to nothing.',
      without: 'An API that does not look for cnf in bearer tokens takes it, and the binding was for nothing.',
      standard: 'RFC 9449 §7.2',
    },
    'The thief shows the token as Bearer',
    () => ({ scheme: 'Bearer' }),
  ),
  stolen(
    {
      id: 'proof-of-other-key',
      title: 'Prove with a key of his own',
      thief: 'A copy of the token. He makes a key, and a proof that is right in itself.',
      without: 'An API that checks the proof, but not that its key is the token’s, lets everybody with any key in.',
      standard: 'RFC 9449 §4.3',
    },
    'The thief proves with his own key',
    async () => ({ key: await newSigningKey() }),
  ),
  stolen(
    {
      id: 'proof-for-other-url',
      title: 'Use a proof that was made for another address',
      thief: 'The token, and a fresh proof that the owner made for another address of the same API.',
      without: 'One harmless call, caught on its way, would open every other address.',
    },
    'The thief uses a proof for another address',
    (scene) => ({ claims: { htu: `${apiOf(scene).replace(/\/$/, '')}/somewhere-else` } }),
  ),
  stolen(
    {
      id: 'proof-for-other-method',
      title: 'Use a proof that was made for another method',
      thief: 'The token, and a fresh proof that the owner made to change something, not to read.',
      without: 'Permission to read would be permission to write.',
    },
    'The thief uses a proof for another method',
    () => ({ claims: { htm: 'DELETE' } }),
  ),
  stolen(
    {
      id: 'proof-without-ath',
      title: 'Use a proof that names no token',
      thief: 'The token, and a proof such as those for the token endpoint, which name none.',
      without: 'Proof and token could be put together as he likes.',
    },
    'The thief uses a proof without ath',
    () => ({ claims: { ath: undefined } }),
  ),
  stolen(
    {
      id: 'proof-for-other-token',
      title: 'Use a proof that was made for another token',
      thief: 'A token with wide scopes, and a proof that the owner made for a lesser one.',
      without: 'A proof for a token that may do little would do for one that may do much.',
    },
    'The thief uses a proof for another token',
    async () => ({ claims: { ath: await hashText('another token') } }),
  ),
  stolen(
    {
      id: 'old-proof',
      title: 'Use a proof from an hour ago',
      thief: 'The token, and a proof that was made and never sent.',
      without: 'Whoever could use the key for a moment would make proofs for years.',
      standard: 'RFC 9449 §11.1',
    },
    'The thief uses an old proof',
    ({ stage }) => ({ claims: { iat: Math.floor(stage.now() / 1000) - 3600 } }),
  ),
  stolen(
    {
      id: 'no-proof',
      title: 'Send no proof at all',
      thief: 'A copy of the token, and no key. He shows it as the owner does, under DPoP, and leaves the proof out.',
      without: 'A check that is made only when a proof is there is made only for the honest.',
      standard: 'RFC 9449 §7.1',
    },
    'The thief sends no proof',
    () => ({ withoutProof: true }),
  ),
]
