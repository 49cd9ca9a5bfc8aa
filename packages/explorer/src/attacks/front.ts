import { type PlayedAttack, during, lastRefused, type Outcome, outcomeOf } from '../attack.ts'
import { checkAnswer, refusedIn } from '../client/checks.ts'
import { post } from '../client/post.ts'
import { type Arrival, arrive, lure, visit } from '../client/visit.ts'
import { newSecret } from '../encoding.ts'
import { ask, authorizationUrl, issuerOf, pushRequest, receive, reference } from '../flows/steps/authorize.ts'
import { redeem } from '../flows/steps/tokens.ts'
import { endpoint, need } from '../hand.ts'
import { present, type Scene } from '../scene.ts'

const THIEF = 'https://thief.example'
const LINK = 'This is the link that the thief sends. Open it, see what the server says, and close the window.'

/** An answer that the thief made, brought to the client's own check. */
function forgedAnswer(scene: Scene, title: string, over: Readonly<Record<string, string>>): Outcome {
  const { hand, world } = scene
  const url = new URL(hand.callbackUrl ?? world.redirectUri)
  const right = { code: newSecret(), state: need(hand, 'state'), iss: issuerOf(scene) }
  url.search = new URLSearchParams(present({ ...right, ...over })).toString()
  url.hash = ''
  const { exchange, parameters } = arrive(scene, url.href, title)
  const findings = checkAnswer(parameters, { state: hand.state, issuer: issuerOf(scene), announcesIss: true })
  scene.judge(exchange, ...findings)
  const caught = refusedIn(findings)
  return { verdict: caught === undefined ? 'won' : 'refused', exchange, caught }
}

/** By what the server saw of the visit; a server that does not tell leaves it open. */
function visitOutcome(scene: Scene, url: string, arrival: Arrival | undefined): Outcome {
  const path = new URL(url).pathname
  const asked = scene.exchanges.findLast(
    (one) => one.step === scene.step && one.to === 'server' && new URL(one.request.url).pathname === path,
  )
  const exchange = asked?.id ?? arrival?.exchange ?? ''
  const status = asked?.response?.status
  if (status !== undefined && status >= 400) return { verdict: 'refused', exchange, caught: lastRefused(asked?.findings) }
  if (arrival?.parameters.has('error') === true)
    return { verdict: 'refused', exchange: arrival.exchange, say: `The server answered ${String(arrival.parameters.get('error'))}.` }
  if (status === undefined && arrival === undefined)
    return { verdict: 'no answer', exchange, say: 'Nothing came back from the server, and it does not tell what it saw.' }
  return { verdict: 'won', exchange }
}

/**
 * Sends the person with a changed request, and redeems the code that comes of it. The thief's is the changed address alone: all else
 * is what person and client do as ever.
 *
 * @returns the message that he changed, and the scope of the token
 */
async function throughWith(scene: Scene, url: string, asSent: string): Promise<{ readonly exchange: string; readonly scope: string }> {
  scene.thief = false
  const title = 'The browser carries a request that was changed'
  const say = 'Sign in and allow it, as the person would.'
  await receive(scene, await visit(scene, { url, say, title, standard: 'RFC 9126 §1', changed: true }))
  await redeem.run(scene)
  const exchange = scene.exchanges.findLast((one) => one.step === scene.step && one.thief === true)?.id ?? ''
  // An answer without scope gives what was asked for (OAuth 2.1 §3.2.3), as the server read it.
  return { exchange, scope: need(scene.hand, 'tokens').scope ?? asSent }
}

const has = (scope: string, one: string): boolean => scope.split(' ').includes(one)

/** Scopes of OpenID Connect: they are for userinfo, and a token for an API does not have them. */
const OPENID: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])

/** A scope that an API of this server has and the client did not ask for. */
function scopeToAdd({ hand }: Scene): string {
  const offered = hand.metadata?.['scopes_supported']
  const asked = (need(hand, 'request')['scope'] ?? '').split(' ')
  const others = Array.isArray(offered) ? offered.filter((one): one is string => typeof one === 'string' && !asked.includes(one)) : []
  return others.find((one) => !OPENID.has(one)) ?? others[0] ?? 'profile'
}

const FRONT = ['code-pkce', 'code-par', 'code-dpop', 'refresh', 'step-up', 'mcp']

export const FRONT_ATTACKS: readonly PlayedAttack[] = [
  {
    id: 'mix-up',
    title: 'Pass the answer of another server off as this one’s',
    thief: 'A server of his own that the client knows too. He wants the client to send a code to the wrong place.',
    without: 'The client would hand the code of one server to another, which can use it.',
    standard: 'RFC 9207 §2.4',
    at: during(['authorize'], ...FRONT),
    run: (scene) => Promise.resolve(forgedAnswer(scene, 'The thief brings an answer of another server', { iss: THIEF })),
  },
  {
    id: 'forged-answer',
    title: 'Sign the person in as the thief',
    thief: 'A code of his own sign-in, in a link that he sends to somebody.',
    without: 'She would go on in his account, and leave there what is hers.',
    standard: 'OAuth 2.1 §7.9',
    at: during(['authorize'], ...FRONT),
    run: (scene) => Promise.resolve(forgedAnswer(scene, 'The thief brings an answer that was not asked for', { state: newSecret() })),
  },
  {
    id: 'redirect-swapped',
    title: 'Have the answer sent to himself',
    thief: 'Nothing but the client’s id, which is no secret. He sends a link with his own address in it.',
    without: 'The code goes to the thief.',
    standard: 'OAuth 2.1 §4.1.1',
    at: during(['discover'], 'code-pkce'),
    async run(scene) {
      const url = authorizationUrl(scene, { ...(await ask(scene)), redirect_uri: `${THIEF}/callback` })
      const words = { say: LINK, title: 'A person opens the thief’s link', standard: this.standard }
      return visitOutcome(scene, url, await lure(scene, { url, ...words }))
    },
  },
  {
    id: 'redirect-pushed',
    title: 'Have the answer sent to himself',
    thief: 'Nothing but the client’s id, which is no secret. He hands in a request with his own address in it.',
    without: 'The code goes to the thief.',
    standard: 'OAuth 2.1 §4.1.1',
    at: during(['discover'], 'code-par', 'code-dpop'),
    async run(scene) {
      const { client_id: _, ...form } = await ask(scene)
      const url = endpoint(scene.hand, 'pushed_authorization_request_endpoint')
      return outcomeOf(
        await post(scene, {
          title: 'The thief hands in his request',
          standard: this.standard,
          url,
          form: { ...form, redirect_uri: `${THIEF}/callback` },
        }),
      )
    },
  },
  {
    id: 'scope-added',
    wins: true,
    title: 'Add permissions on the way',
    thief: 'A place between: an extension of the browser that rewrites addresses.',
    without:
      'Nothing stops it here: what the browser carries, the browser can change. Hand the request in directly: pick the flow with PAR.',
    standard: 'RFC 9126 §1',
    at: during(['authorize'], 'code-pkce'),
    async run(scene) {
      const request = await ask(scene)
      const added = scopeToAdd(scene)
      const asked = `${request['scope'] ?? ''} ${added}`
      // It won when there is a code: the server took the request for the client's, and asked the person for more.
      const { exchange, scope } = await throughWith(scene, authorizationUrl(scene, { ...request, scope: asked }), asked)
      const what = has(scope, added) ? `The token has ${added} too: the client can see it in scope.` : `${added} is no scope of this API.`
      return { verdict: 'won', exchange, say: `The server took the changed request for the client’s own. ${what}` }
    },
  },
  {
    id: 'scope-added-to-pushed',
    title: 'Add permissions on the way',
    thief: 'A place between: an extension of the browser that rewrites addresses.',
    without: 'A server that takes parameters beside request_uri lets the browser say what the client asked for.',
    standard: 'RFC 9126 §4',
    at: during(['authorize'], 'code-par'),
    async run(scene) {
      scene.thief = false
      await pushRequest(scene, await ask(scene))
      const added = scopeToAdd(scene)
      const pushed = need(scene.hand, 'request')['scope'] ?? ''
      const url = authorizationUrl(scene, { ...(await reference(scene)), scope: `${pushed} ${added}` })
      const { exchange, scope } = await throughWith(scene, url, pushed)
      if (has(scope, added)) return { verdict: 'won', exchange, say: `The token has ${added} too.` }
      return {
        verdict: 'refused',
        exchange,
        say: `The server ignored what he added: the token has the scope that was handed in, without ${added}.`,
      }
    },
  },
  {
    id: 'request-uri-again',
    title: 'Use the reference a second time',
    thief: 'The address that the browser was sent to, from its history.',
    without: 'One handed-in request could be answered by as many people as he finds.',
    standard: 'RFC 9126 §7.3',
    at: during(['authorize'], 'code-par'),
    async run(scene) {
      const url = need(scene.hand, 'authorizationUrl')
      const words = { say: LINK, title: 'Somebody opens the used reference', standard: this.standard }
      return visitOutcome(scene, url, await lure(scene, { url, ...words }))
    },
  },
]
