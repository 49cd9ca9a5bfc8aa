import { type Attack, type PlayedAttack, during, outcomeOf } from '../attack.ts'
import { call } from '../client/call.ts'
import { looksLikeJwt, takeApart } from '../dissect/jwt.ts'
import { type Members, toBase64url, utf8 } from '../encoding.ts'
import { Fault } from '../faults.ts'
import { need } from '../hand.ts'
import { newSigningKey, type SigningKey } from '../keys.ts'
import type { Scene } from '../scene.ts'

const BEARER = during(['redeem'], 'code-pkce', 'code-par')
const WITH_TOKEN: Attack['at'] = {
  ...during(['redeem'], 'code-pkce', 'code-par', 'code-dpop', 'refresh', 'jar-jarm', 'first-party'),
  ...during(['token'], 'client-credentials'),
  ...during(['exchange'], 'token-exchange'),
  ...during(['poll'], 'device', 'ciba'),
}

/** The run's token with other claims, and with his own key where it is bound. */
async function forged(
  { hand }: Scene,
  header: Members,
  signature: 'kept' | 'none',
): Promise<{ readonly token: string; readonly key: SigningKey | undefined }> {
  const { access } = need(hand, 'tokens')
  if (!looksLikeJwt(access)) throw new Fault('The token is opaque: there is nothing in it to change.', 'Pick an API with JWTs.')
  const { header: was, payload, parts } = takeApart(access)
  const key = hand.key === undefined ? undefined : await newSigningKey()
  const claims = { ...payload?.members, sub: 'somebody-else', ...(key === undefined ? {} : { cnf: { jkt: key.thumbprint } }) }
  const encoded = [{ ...was.members, ...header }, claims].map((part) => toBase64url(utf8(JSON.stringify(part))))
  return { token: [...encoded, signature === 'kept' ? parts[2] : ''].join('.'), key }
}

export const TOKEN_ATTACKS: readonly PlayedAttack[] = [
  {
    id: 'stolen-bearer',
    wins: true,
    title: 'Use the stolen token',
    thief: 'A copy of the access token, from a log, a proxy or a script in the page.',
    without:
      'Nothing stops it here: a bearer token is good for whoever has it, until it expires. Bind it to a key: pick the flow with DPoP.',
    standard: 'RFC 6750 §5.2',
    at: { ...BEARER, ...during(['redeem'], 'mcp') },
    async run(scene) {
      const mcp = scene.hand.resource === undefined ? {} : { method: 'POST', json: { jsonrpc: '2.0', id: 2, method: 'tools/list' } }
      const headers = { accept: 'application/json, text/event-stream' }
      const answer = await call(scene, {
        title: 'The thief calls the API with the stolen token',
        standard: 'RFC 6750 §2.1',
        headers,
        ...mcp,
      })
      return outcomeOf(answer)
    },
  },
  {
    id: 'token-changed',
    title: 'Change the token',
    thief: 'The token. He writes another name into it, and his own key where it is bound, and keeps the signature.',
    without: 'An API that reads the token without checking the signature is everybody’s.',
    standard: 'RFC 9068 §4',
    at: WITH_TOKEN,
    async run(scene) {
      const answer = await call(scene, {
        title: 'The thief shows a token that he changed',
        standard: 'RFC 9068 §4',
        ...(await forged(scene, {}, 'kept')),
      })
      return outcomeOf(answer)
    },
  },
  {
    id: 'token-alg-none',
    title: 'Say that it needs no signature',
    thief: 'The token. He writes alg none into its header, and leaves the signature out.',
    without: 'A library that does what the header says would find the signature right: there is none to be wrong.',
    standard: 'RFC 8725 §3.1',
    at: WITH_TOKEN,
    async run(scene) {
      const answer = await call(scene, {
        title: 'The thief shows a token without a signature',
        standard: 'RFC 8725 §3.1',
        ...(await forged(scene, { alg: 'none' }, 'none')),
      })
      return outcomeOf(answer)
    },
  },
  {
    id: 'token-at-other-api',
    title: 'Use it at another API',
    thief: 'The MCP server itself, which was given the token and would like to use it elsewhere.',
    without: 'Every tool that is used once could act everywhere.',
    standard: 'RFC 8707 §1',
    at: during(['redeem'], 'mcp'),
    async run(scene) {
      const { api } = scene.world
      if (api === undefined) throw new Fault('This world has no other API.', 'Give it one.')
      return outcomeOf(await call(scene, { title: 'The MCP server uses the token at another API', standard: 'RFC 8707 §1', url: api }))
    },
  },
]
