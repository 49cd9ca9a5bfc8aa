import { Form } from '@holdfast/protocol/form'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { type KeyPair, signJws, thumbprint } from '@holdfast/proof/node'
import { Internet } from '@holdfast/testing/internet'
import { createGuard, type Guard, type GuardOptions, type IntrospectionOptions, type Need } from '../index.ts'
import { type Answer, API, type Call, clientKey, ISSUER, issuerKey, published, START, verdictOf } from './api.ts'

export const SECRET = 'a secret: of the API, with signs +&'
export const SIGNED = 'application/token-introspection+jwt'

type Members = Readonly<Record<string, unknown>>

/** An issuer that is asked, and an API that asks it. */
export interface Asked {
  readonly guard: Guard
  readonly clock: { time: number; now(): number }
  readonly net: Internet
  /** Each question, as it came in. */
  readonly questions: { readonly form: Form; readonly authorization: readonly string[]; readonly accept: readonly string[] }[]
  /** What it knows of tokens; a test changes it. */
  readonly tokens: Map<string, Members>
  /** Answers in place of the usual. */
  reply: ((form: Form) => Reply | Promise<Reply>) | undefined
  call(options: Call, need?: Need): Promise<Answer>
}

/** An active answer about a token bound to `clientKey`; `undefined` leaves a member out. */
export function activeAnswer(over: Members = {}): Members {
  const members = {
    active: true,
    iss: ISSUER,
    sub: 'u_ada',
    aud: API,
    client_id: 'web',
    token_type: 'DPoP',
    iat: START,
    exp: START + 300,
    scope: 'accounts:read',
    cnf: { jkt: thumbprint(clientKey.publicJwk) },
    ...over,
  }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

export const BEARER: Members = { cnf: undefined, token_type: 'Bearer' }

export function signedAnswer(answer: unknown, claims: Members = {}, header: Members = {}, key: KeyPair = issuerKey): string {
  const payload = { iss: ISSUER, aud: 'api', iat: START, token_introspection: answer, ...claims }
  return signJws({ typ: 'token-introspection+jwt', alg: 'ES256', kid: 'k1', ...header }, payload, key.privateKey)
}

export function jwtReply(jwt: string): Reply {
  return { status: 200, headers: { 'content-type': SIGNED }, body: jwt }
}

export function startAsked(over: Partial<IntrospectionOptions> = {}, options: Partial<GuardOptions> = {}): Asked {
  const clock = { time: START, now: () => clock.time }
  const net = new Internet()
  const credentials = over.signer === undefined ? { clientSecret: SECRET } : {}
  const guard = createGuard({
    issuer: ISSUER,
    resource: API,
    clock,
    fetch: net.fetch as typeof fetch,
    introspection: { clientId: 'api', ...credentials, ...over },
    ...options,
  })
  const asked: Asked = {
    guard,
    clock,
    net,
    questions: [],
    tokens: new Map(),
    reply: undefined,
    async call(call, need) {
      return verdictOf(guard, call, need)
    },
  }
  net.host(ISSUER, (request) => answered(asked, request))
  return asked
}

async function answered(asked: Asked, request: HttpRequest): Promise<Reply> {
  if (request.path === '/jwks') return json(200, { keys: [published] })
  if (request.path !== '/introspect')
    return json(200, { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks`, introspection_endpoint: `${ISSUER}/introspect` })
  const form = (await Form.read(request)) as Form
  asked.questions.push({ form, authorization: request.headers('authorization'), accept: request.headers('accept') })
  if (asked.reply !== undefined) return asked.reply(form)
  return json(200, asked.tokens.get(String(form.one('token'))) ?? { active: false })
}
