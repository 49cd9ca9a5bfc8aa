import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKeyPair, type KeyPair, signJws, thumbprint } from '@holdfast/proof/node'

/** What clients call. Nobody listens there: what stands before the gateway is a test's own. */
export const PUBLIC = 'https://api.example'
export const RESOURCE: string = `${PUBLIC}/v1`

export const holder: KeyPair = generateKeyPair('ES256')
export const stranger: KeyPair = generateKeyPair('ES256')
const issuerKey = generateKeyPair('ES256')

type Claims = Readonly<Record<string, unknown>>

export interface Listening {
  readonly origin: string
  close(): Promise<void>
}

/** An issuer that has metadata and keys, and answers nothing else. */
export function startIssuer(): Promise<Listening> {
  return listen((incoming, outgoing) => {
    const issuer = `http://${incoming.headers.host}`
    const keys = incoming.url === '/jwks'
    if (!keys && incoming.url !== '/.well-known/oauth-authorization-server') return void outgoing.writeHead(404).end()
    const document = keys
      ? { keys: [{ ...issuerKey.publicJwk, kid: 'k1', alg: 'ES256', use: 'sig' }] }
      : { issuer, jwks_uri: `${issuer}/jwks` }
    outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(document))
  })
}

export const seconds = (): number => Math.floor(Date.now() / 1000)

/** A bearer token; `cnf` binds it. */
export function tokenOf(issuer: Listening, claims: Claims = {}): string {
  const now = seconds()
  const payload = {
    iss: issuer.origin,
    aud: RESOURCE,
    sub: 'u_ada',
    client_id: 'web',
    iat: now,
    exp: now + 300,
    jti: randomUUID(),
    scope: 'read',
    ...claims,
  }
  return signJws({ typ: 'at+jwt', alg: 'ES256', kid: 'k1' }, payload, issuerKey.privateKey)
}

export const BOUND: Claims = { cnf: { jkt: thumbprint(holder.publicJwk) } }

export function proofOf(token: string, claims: Claims = {}, key: KeyPair = holder): string {
  const ath = createHash('sha256').update(token).digest('base64url')
  const payload = { jti: randomUUID(), htm: 'GET', htu: `${PUBLIC}/v1/orders`, iat: seconds(), ath, ...claims }
  return signJws({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk }, payload, key.privateKey)
}

export interface Seen {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** An API that remembers what it was asked, and answers that; `answer` does something else. */
export async function startApi(
  answer?: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Promise<Listening & { readonly seen: Seen[]; of(name: string): readonly string[] }> {
  const seen: Seen[] = []
  const listening = await listen((incoming, outgoing) => {
    if (answer !== undefined) return answer(incoming, outgoing)
    void textOf(incoming).then((body) => {
      seen.push({ method: incoming.method ?? '', target: incoming.url ?? '', headers: pairsOf(incoming.rawHeaders), body })
      outgoing
        .writeHead(200, [
          'Content-Type',
          'text/plain',
          'Set-Cookie',
          'a=1',
          'Set-Cookie',
          'b=2',
          'X-Once',
          '1',
          'DPoP-Nonce',
          'of-the-api',
          'Connection',
          'X-Once',
        ])
        .end('from the API')
    })
  })
  const of = (name: string): readonly string[] =>
    (seen.at(-1)?.headers ?? []).flatMap(([one, value]) => (one.toLowerCase() === name ? [value] : []))
  return { ...listening, seen, of }
}

export function listen(listener: RequestListener): Promise<Listening & { readonly server: Server }> {
  return new Promise((resolve) => {
    const server = createServer(listener).listen(0, '127.0.0.1', () => {
      const close = (): Promise<void> =>
        new Promise((closed) => {
          server.close(() => closed())
          server.closeAllConnections()
        })
      resolve({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close, server })
    })
  })
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string
}

export interface Sent {
  readonly method?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}

/** Sends a target as it is written: `fetch` would tidy it up before. */
export function send(origin: string, target: string, { method = 'GET', headers = [], body }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(origin)
    const length = body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))]
    const all = [...(headers.some(([name]) => name.toLowerCase() === 'host') ? [] : ['host', host]), ...headers.flat(), ...length]
    const sent = request({ hostname, port, path: target, method, headers: all, agent: false }, (answer) => {
      textOf(answer).then((text) => {
        const headersOf = Object.fromEntries(Object.entries(answer.headersDistinct).map(([name, values]) => [name, values ?? []]))
        resolve({ status: answer.statusCode ?? 0, headers: headersOf, body: text })
      }, reject)
    })
    sent.on('error', reject).end(body)
  })
}

export const bearer = (token: string): readonly [string, string] => ['Authorization', `Bearer ${token}`]

export function dpop(token: string, claims: Claims = {}, key: KeyPair = holder): readonly (readonly [string, string])[] {
  return [
    ['Authorization', `DPoP ${token}`],
    ['DPoP', proofOf(token, claims, key)],
  ]
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk)
  return text
}

function pairsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []))
}
