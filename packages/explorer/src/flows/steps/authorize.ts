import { clientIdOf, post } from '../../client/post.ts'
import { checkAnswer, checkJarm, refusedIn } from '../../client/checks.ts'
import { type Arrival, visit } from '../../client/visit.ts'
import { takeApart } from '../../dissect/jwt.ts'
import { newSecret, textOf } from '../../encoding.ts'
import { Fault, unexpected } from '../../faults.ts'
import type { FlowStep } from '../../flow.ts'
import { endpoint, need } from '../../hand.ts'
import { newPkce, newSigningKey } from '../../keys.ts'
import { present, type Scene } from '../../scene.ts'
import { readKeys } from './discover.ts'

export type Parameters = Readonly<Record<string, string | undefined>>

/** What a client asks for, with fresh PKCE, `state` and `nonce`; and with a fresh key where tokens are to be bound. */
export async function ask(scene: Scene, { dpop = false, more = {} }: { dpop?: boolean; more?: Parameters } = {}): Promise<Parameters> {
  const { hand, world } = scene
  const scopes = need(hand, 'metadata')['scopes_supported']
  const openid = hand.scope === undefined && (!Array.isArray(scopes) || scopes.includes('openid'))
  const wanted = hand.scope ?? world.scope
  hand.pkce = await newPkce()
  hand.state = newSecret()
  if (openid) hand.nonce = newSecret()
  if (dpop) hand.key ??= await newSigningKey()
  hand.request = {
    response_type: 'code',
    client_id: clientIdOf(scene),
    redirect_uri: world.redirectUri,
    scope: [...(openid ? ['openid'] : []), ...(wanted === undefined ? [] : [wanted])].join(' '),
    resource: hand.resource ?? world.api,
    state: hand.state,
    nonce: hand.nonce,
    code_challenge: hand.pkce.challenge,
    code_challenge_method: 'S256',
    dpop_jkt: dpop ? hand.key?.thumbprint : undefined,
    ...more,
  }
  return hand.request
}

/** RFC 9126: the request goes from the client to the server directly; the browser carries a reference to it. */
export function push({ dpop = false }: { dpop?: boolean } = {}): FlowStep {
  return {
    id: 'push',
    title: 'Hand in the request',
    say: `The client hands its request to the server itself, so that nobody on the way can read or change it. ${dpop ? 'The server first asks for a nonce; the client tries again with it. ' : ''}The browser will carry a reference only.`,
    standard: 'RFC 9126 §2',
    async run(scene) {
      await pushRequest(scene, await ask(scene, { dpop }))
    },
  }
}

export async function pushRequest(scene: Scene, request: Parameters): Promise<void> {
  const { hand } = scene
  const { client_id: _, ...form } = request
  const answer = await post(scene, {
    title: 'The client hands in its request',
    standard: 'RFC 9126 §2.1',
    url: endpoint(hand, 'pushed_authorization_request_endpoint'),
    form,
    key: hand.key,
  })
  const uri = textOf(answer.body, 'request_uri')
  // RFC 9126 §2.2 says 201, and some servers say 200.
  if (answer.status < 200 || answer.status > 299 || uri === undefined)
    throw unexpected('Handing in the request', answer.status, answer.body)
  hand.requestUri = uri
}

export interface AuthorizeWords {
  readonly id?: string
  readonly title?: string
  readonly say?: string
}

/** The person goes to the server, and comes back with a code. `request` makes what the browser carries there. */
export function authorize(request: (scene: Scene) => Promise<Parameters>, words: AuthorizeWords = {}): FlowStep {
  return {
    id: 'authorize',
    title: 'The person signs in and allows it',
    say: 'The browser takes the person to the server. The client sees no password: it gets a short-lived code when she has agreed.',
    standard: 'OAuth 2.1 §4.1.1',
    ...words,
    async run(scene) {
      const url = authorizationUrl(scene, await request(scene))
      scene.hand.authorizationUrl = url
      const arrival = await visit(scene, {
        url,
        say: 'Sign in, and allow what is asked.',
        title: 'The browser asks for authorization',
        standard: 'OAuth 2.1 §4.1.1',
      })
      await receive(scene, arrival)
    },
  }
}

/** A reference to what was pushed. */
export function reference(scene: Scene): Promise<Parameters> {
  return Promise.resolve({ client_id: clientIdOf(scene), request_uri: need(scene.hand, 'requestUri') })
}

export function authorizationUrl({ hand }: Scene, parameters: Parameters): string {
  const url = new URL(endpoint(hand, 'authorization_endpoint'))
  for (const [name, value] of present(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** What the client does with an answer: first whether it is one to its own request, then the code. @throws {Fault} it is not, or a refusal */
export async function receive(scene: Scene, arrival: Arrival): Promise<void> {
  const { hand } = scene
  const parameters = await opened(scene, arrival)
  const findings = checkAnswer(parameters, {
    state: hand.state,
    issuer: issuerOf(scene),
    announcesIss: hand.metadata?.['authorization_response_iss_parameter_supported'] === true,
  })
  scene.judge(arrival.exchange, ...findings)
  const refused = refusedIn(findings)
  if (refused !== undefined) throw new Fault(`The client does not take this answer: ${refused.refused}.`, 'Begin a new run.')
  const error = parameters.get('error')
  if (error !== null)
    throw unexpected('The request', 0, { error, error_description: parameters.get('error_description') ?? 'the server does not say more' })
  const code = parameters.get('code')
  if (code === null) throw new Fault('The answer has no code.', 'Begin a new run.')
  hand.callbackUrl = arrival.url
  hand.code = code
}

/** JARM: the answer is a signed JWT, and nothing in it counts before it is checked. */
async function opened(scene: Scene, { exchange, parameters }: Arrival): Promise<URLSearchParams> {
  const jwt = parameters.get('response')
  if (jwt === null) return parameters
  const keys = await readKeys(scene)
  const findings = await checkJarm(jwt, { issuer: issuerOf(scene), clientId: clientIdOf(scene), now: scene.stage.now(), keys })
  scene.judge(exchange, ...findings)
  const refused = refusedIn(findings)
  if (refused !== undefined) throw new Fault(`The client does not take this answer: ${refused.refused}.`, 'Begin a new run.')
  const claims = Object.entries(takeApart(jwt).payload?.members ?? {})
  return new URLSearchParams(claims.map(([name, value]): [string, string] => [name, String(value)]))
}

export function issuerOf({ hand, world }: Scene): string {
  return hand.issuer ?? world.issuer
}
