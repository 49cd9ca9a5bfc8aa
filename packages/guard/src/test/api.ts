import { createHash, randomUUID } from 'node:crypto'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { generateKeyPair, type KeyPair, signJws, thumbprint } from '@holdfast/proof/node'
import { createGuard, type Guard, type GuardOptions, type Need } from '../index.ts'

export const ISSUER = 'https://as.example'
export const API = 'https://api.example/accounts'
const JWKS = `${ISSUER}/jwks`

/** A clock that a test moves. */
export const START = 1_800_000_000

export interface Api {
  readonly guard: Guard
  readonly clock: { time: number; now(): number }
  /** How often the issuer's metadata and keys were asked for. */
  readonly asked: string[]
  /** What the issuer answers; a test may change it. */
  readonly issuer: { up: boolean; keys: readonly object[]; metadata: object }
  call(options: Call, need?: Need): Promise<Answer>
}

export interface Call {
  readonly token?: string | undefined
  readonly scheme?: string
  readonly proof?: string | readonly string[]
  readonly method?: string
  readonly path?: string
  readonly query?: string
  readonly authorization?: readonly string[]
  readonly headers?: Readonly<Record<string, readonly string[]>>
}

export interface Answer {
  readonly allowed: boolean
  readonly status: number
  readonly challenges: readonly string[]
  readonly error: string | undefined
  readonly headers: Reply['headers']
  readonly subject: string | undefined
}

export const issuerKey: KeyPair = generateKeyPair('ES256')
export const clientKey: KeyPair = generateKeyPair('ES256')
const KID = 'k1'
export const published: object = { ...issuerKey.publicJwk, kid: KID, alg: 'ES256', use: 'sig' }

export function startApi(over: Partial<GuardOptions> = {}, create: typeof createGuard = createGuard): Api {
  const clock = { time: START, now: () => clock.time }
  const asked: string[] = []
  const issuer: Api['issuer'] = { up: true, keys: [published], metadata: { issuer: ISSUER, jwks_uri: JWKS } }
  const fetcher = (url: string): Promise<Response> => {
    asked.push(url)
    if (!issuer.up) return Promise.reject(new TypeError('connection refused'))
    return Promise.resolve(Response.json(url === JWKS ? { keys: issuer.keys } : issuer.metadata))
  }
  const issuers = over.issuers === undefined ? { issuer: ISSUER } : {}
  const guard = create({ ...issuers, resource: API, clock, fetch: fetcher as typeof fetch, ...over })
  return {
    guard,
    clock,
    asked,
    issuer,
    call: (options, need) => verdictOf(guard, options, need),
  }
}

/** What a caller of the API sees. */
export async function verdictOf(guard: Guard, options: Call, need?: Need): Promise<Answer> {
  const verdict = await guard.check(requestOf(options), need)
  if (verdict.kind === 'allowed')
    return { allowed: true, status: 200, challenges: [], error: undefined, headers: verdict.headers, subject: verdict.access.subject }
  const { status, headers, body } = verdict.reply
  const challenges = headers['www-authenticate'] ?? []
  const error = (JSON.parse(body) as { error?: string }).error
  return {
    allowed: false,
    status,
    challenges: typeof challenges === 'string' ? [challenges] : challenges,
    error,
    headers,
    subject: undefined,
  }
}

export function requestOf({
  token,
  scheme = 'DPoP',
  proof,
  method = 'GET',
  path = '/accounts',
  query = '',
  authorization,
  headers = {},
}: Call): HttpRequest {
  const all: Record<string, readonly string[]> = {
    authorization: authorization ?? (token === undefined ? [] : [`${scheme} ${token}`]),
    dpop: proof === undefined ? [] : typeof proof === 'string' ? [proof] : proof,
    ...headers,
  }
  return { method, path, query, clientAddress: '', headers: (name) => all[name] ?? [], body: () => Promise.resolve(new Uint8Array()) }
}

type Over = Readonly<Record<string, unknown>>

/** An access token as our server makes it, bound to `clientKey` unless `cnf` says otherwise. */
export function accessToken(claims: Over = {}, header: Over = {}, key: KeyPair = issuerKey): string {
  const payload = {
    iss: ISSUER,
    aud: API,
    sub: 'u_ada',
    client_id: 'web',
    iat: START,
    exp: START + 300,
    jti: randomUUID(),
    scope: 'accounts:read',
    cnf: { jkt: thumbprint(clientKey.publicJwk) },
    ...claims,
  }
  return signJws({ typ: 'at+jwt', alg: 'ES256', kid: KID, ...header }, without(payload), key.privateKey)
}

/** A right proof for a GET of the API with this token; `undefined` leaves a claim out. */
export function proofFor(token: string, claims: Over = {}, header: Over = {}, key: KeyPair = clientKey): string {
  const payload = {
    jti: randomUUID(),
    htm: 'GET',
    htu: API,
    iat: START,
    ath: createHash('sha256').update(token).digest('base64url'),
    ...claims,
  }
  return signJws({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk, ...header }, without(payload), key.privateKey)
}

function without(members: Over): Over {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
