import { type Attack, type PlayedAttack, during, outcomeOf } from '../attack.ts'
import { ASSERTION_TYPE, clientIdOf, post } from '../client/post.ts'
import { takeApart } from '../dissect/jwt.ts'
import { newSecret, toBase64url, utf8 } from '../encoding.ts'
import { Fault } from '../faults.ts'
import { signedRequest } from '../flows/signed.ts'
import { endpoint, need } from '../hand.ts'
import { newSigningKey } from '../keys.ts'
import type { Answer, Scene } from '../scene.ts'

const AUTHENTICATED: Attack['at'] = {
  ...during(['token'], 'client-credentials'),
  ...during(['redeem'], 'jar-jarm'),
  ...during(['exchange'], 'token-exchange'),
  ...during(['poll'], 'ciba'),
}

/** A token for the thief himself, by what proves the client. */
async function asClient(scene: Scene, title: string, assertion: string): Promise<Answer> {
  const { world } = scene
  return post(scene, {
    title,
    standard: 'RFC 7523 §3',
    url: endpoint(scene.hand, 'token_endpoint'),
    form: { grant_type: 'client_credentials', scope: world.scope, resource: world.api },
    key: await newSigningKey(),
    credentials: { client_id: clientIdOf(scene), client_assertion_type: ASSERTION_TYPE, client_assertion: assertion },
  })
}

/** Hands in a request object directly, where the answer can be read. */
async function handIn(scene: Scene, title: string, request: string): Promise<Answer> {
  const url = endpoint(scene.hand, 'pushed_authorization_request_endpoint')
  return post(scene, { title, standard: 'RFC 9101 §6.2', url, form: { request } })
}

export const CLIENT_ATTACKS: readonly PlayedAttack[] = [
  {
    id: 'assertion-replayed',
    title: 'Use the client’s proof of itself again',
    thief: 'A copy of a request of the client, with the JWT by which it proved who it is.',
    without: 'For as long as the JWT lives he is the client.',
    standard: 'RFC 7523 §3',
    at: AUTHENTICATED,
    run: async (scene) => outcomeOf(await asClient(scene, 'The thief sends the assertion again', need(scene.hand, 'lastAssertion'))),
  },
  {
    id: 'assertion-for-another',
    title: 'Use a proof that was made for another server',
    thief: 'A server of his own, to which the client proved who it is.',
    without: 'Each server that a client talks to could pretend to be the client at all others.',
    standard: 'RFC 7523 §3',
    at: AUTHENTICATED,
    async run(scene) {
      const { client } = scene.stage
      if (client === undefined) throw new Fault('Here is no key to sign with.', 'Start the example’s back end.')
      const assertion = await client.clientAssertion({ aud: 'https://thief.example' })
      return outcomeOf(await asClient(scene, 'The thief sends an assertion that he was given', assertion))
    },
  },
  {
    id: 'request-unsigned',
    title: 'Say that the request needs no signature',
    thief: 'The client’s id. He writes a request object as he likes, with alg none.',
    without: 'The signature would protect from nobody.',
    standard: 'RFC 9101 §6.2',
    at: during(['sign'], 'jar-jarm'),
    async run(scene) {
      const parts = [
        { alg: 'none', typ: 'oauth-authz-req+jwt' },
        { ...need(scene.hand, 'request'), state: newSecret() },
      ]
      const request = `${parts.map((part) => toBase64url(utf8(JSON.stringify(part)))).join('.')}.`
      return outcomeOf(await handIn(scene, 'The thief hands in an unsigned request object', request))
    },
  },
  {
    id: 'request-changed',
    title: 'Change the signed request',
    thief: 'The signed request, from the address line. He writes his own challenge into it.',
    without: 'Then the code could be redeemed by the thief, who knows the verifier.',
    standard: 'RFC 9101 §6.2',
    at: during(['sign'], 'jar-jarm'),
    async run(scene) {
      const { request = '' } = await signedRequest(scene)
      const { parts, payload } = takeApart(request)
      const claims = { ...payload?.members, code_challenge: newSecret() }
      const changed = [parts[0], toBase64url(utf8(JSON.stringify(claims))), parts[2]].join('.')
      return outcomeOf(await handIn(scene, 'The thief hands in the request that he changed', changed))
    },
  },
  {
    id: 'session-elsewhere',
    title: 'Go on with her sign-in on his own phone',
    thief: 'The auth_session of a sign-in that has begun. He has a key of his own.',
    without: 'He waits until she has proved who she is, and takes the code.',
    standard: 'OAuth for First-Party Applications §9.6.1',
    at: during(['start', 'prove'], 'first-party'),
    async run(scene) {
      const url = endpoint(scene.hand, 'authorization_challenge_endpoint')
      const form = { auth_session: need(scene.hand, 'authSession'), password: 'whatever' }
      return outcomeOf(
        await post(scene, { title: 'The thief goes on elsewhere', standard: this.standard, url, form, key: await newSigningKey() }),
      )
    },
  },
  {
    id: 'device-code-again',
    title: 'Use the device code again',
    thief: 'The device code, from the memory of a television that was given away.',
    without: 'One consent would be good for any number of devices.',
    standard: 'RFC 8628 §3.5',
    at: during(['poll'], 'device'),
    async run(scene) {
      const form = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: need(scene.hand, 'deviceCode') }
      const url = endpoint(scene.hand, 'token_endpoint')
      return outcomeOf(
        await post(scene, { title: 'The thief uses the device code', standard: this.standard, url, form, key: await newSigningKey() }),
      )
    },
  },
]
