import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { generateKeyPair, signJws } from '@holdfast/proof/node'
import { expect, test } from 'vitest'
import { basic, KEY, OTHER_KEY, proof, times } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { client, ISSUER, publicClient, SECRET, startServer, type TestServer } from '../test/server.ts'
import { type CountedStore, openCountedStore } from '../test/counted-store.ts'

/** 10⁵ requests of strangers; each kind is made with its number, so that no two are alike. */
const REQUESTS = 100_000
const KINDS = 20
/** Proofs take a signature each: they are made first, and each is sent once. */
const PROOFS = REQUESTS / KINDS

interface Sent {
  readonly path: string
  readonly body?: string
  readonly query?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

type Kind = (index: number) => Sent

const HANDLE = `${'0'.repeat(26)}${'A'.repeat(39)}`
const four = (index: number): string => String(index % 10_000).padStart(4, '0')
const ASSERTION = 'client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion='

function kinds(nonce: string, clock: { now(): number }): readonly Kind[] {
  const proofs = times(PROOFS, () => proof(KEY, { htm: 'POST', htu: `${ISSUER}/token`, iat: clock.now(), nonce }))
  const pushes = times(PROOFS, () => proof(OTHER_KEY, { htm: 'POST', htu: `${ISSUER}/par`, iat: clock.now(), nonce }))
  const forged = times(200, (index) =>
    signJws({ alg: 'ES256' }, { iss: 'jwt', sub: 'jwt', aud: ISSUER, jti: `j${index}`, exp: clock.now() + 60 }, OTHER_KEY.privateKey),
  )
  const push = authorizationParameters({ client_id: 'app', redirect_uri: 'https://evil.example/' }).toString()
  return [
    (index) => ({ path: '/token', body: `grant_type=authorization_code&client_id=nobody${index}&code=${HANDLE}${four(index)}` }),
    (index) => ({
      path: '/token',
      body: `grant_type=refresh_token&refresh_token=x${index}`,
      headers: { authorization: basic('web', `guess ${index}`) },
    }),
    (index) => ({
      path: '/token',
      body: `grant_type=refresh_token&client_id=app&refresh_token=s1.${'0'.repeat(26)}.1.${'A'.repeat(39)}${four(index)}`,
    }),
    (index) => ({
      path: '/token',
      body: `grant_type=authorization_code&client_id=app&code=${HANDLE}${four(index)}&code_verifier=${'v'.repeat(43)}`,
    }),
    (index) => ({ path: '/token', body: `grant_type=g${index}&client_id=app` }),
    // The proofs are right, and anybody can make them: only what they ask for is not.
    (index) => ({
      path: '/token',
      body: `grant_type=refresh_token&client_id=app&refresh_token=x${index}`,
      headers: { dpop: proofs.pop() ?? 'no more' },
    }),
    (index) => ({ path: '/par', body: `${push}&state=${index}`, headers: { dpop: pushes.pop() ?? 'no more' } }),
    (index) => ({ path: '/token', body: `grant_type=refresh_token&${ASSERTION}${forged[index % forged.length]}` }),
    (index) => ({ path: '/token', query: `code=${index}`, body: 'client_id=app' }),
    (index) => ({ path: '/token', body: `{"${index}":1}`, headers: { 'content-type': 'application/json' } }),
    (index) => ({ path: '/token', body: `a=${index}&a=${index}` }),
    (index) => ({ path: '/par', body: `client_id=app&request_uri=${index}` }),
    (index) => ({ path: '/par', body: `client_id=${index}` }),
    (index) => ({ path: '/revoke', body: `client_id=app&token=${HANDLE}${four(index)}` }),
    (index) => ({ path: '/revoke', body: `client_id=web&client_secret=${index}&token=x` }),
    (index) => ({ path: '/userinfo', method: 'GET', headers: { authorization: `Bearer made.up.${index}` } }),
    (index) => ({ path: '/authorize', method: 'GET', query: `client_id=nobody${index}` }),
    (index) => ({
      path: '/authorize',
      method: 'GET',
      query: `${authorizationParameters({ redirect_uri: `https://evil.example/${index}` })}`,
    }),
    (index) => ({ path: `/interaction/${HANDLE}${four(index)}`, method: 'POST', body: 'csrf=x' }),
    (index) => ({ path: `/nowhere/${index}`, method: 'GET' }),
  ]
}

function send(as: TestServer, { path, body = '', query = '', method = 'POST', headers = {} }: Sent, address: string): Promise<Reply> {
  const all: Readonly<Record<string, string>> = { 'content-type': 'application/x-www-form-urlencoded', ...headers }
  const request: HttpRequest = {
    method,
    path,
    query,
    clientAddress: address,
    headers: (name) => (all[name] === undefined ? [] : [all[name]]),
    body: () => Promise.resolve(Buffer.from(body)),
  }
  return as.server.handler(request)
}

async function flooded(): Promise<{
  readonly as: TestServer
  readonly store: CountedStore
  readonly statuses: ReadonlyMap<number, number>
}> {
  const store = openCountedStore()
  const jwt = client({
    clientId: 'jwt',
    tokenEndpointAuthMethod: 'private_key_jwt',
    secrets: [],
    jwks: { keys: [{ ...generateKeyPair('ES256').publicJwk }] },
  })
  const as = await startServer([client(), publicClient(), jwt], { store })
  const asked = await send(
    as,
    { path: '/token', body: 'client_id=app', headers: { dpop: proof(KEY, { htm: 'POST', htu: `${ISSUER}/token`, iat: as.clock.now() }) } },
    '',
  )
  const all = kinds(String(asked.headers['dpop-nonce']), as.clock)
  store.inserted.clear()
  const statuses = new Map<number, number>()
  for (let index = 0; index < REQUESTS; index += 50) {
    const replies = await Promise.all(
      times(50, (offset) => send(as, (all[(index + offset) % all.length] as Kind)(index + offset), `192.0.${index % 256}.${offset}`)),
    )
    for (const { status } of replies) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  await as.server.close()
  return { as, store, statuses }
}

test('DPOP-19 design §6 Audit events: 100,000 bad requests of strangers grow the store by at most 100 rows', async () => {
  const { as, store, statuses } = await flooded()
  // None was taken for a right one, and none was a fault of ours: an unknown token to revoke is answered 200, told nothing.
  expect([...statuses.keys()].toSorted()).toEqual([200, 400, 401, 404])
  expect(statuses.get(200)).toBe(REQUESTS / KINDS)
  expect(store.rows()).toBeLessThanOrEqual(100)
  expect([...store.inserted.keys()]).toEqual(['audit_event'])
  // In the log each kind stands once a minute, whatever its number. An error page has a line of its own, which its reference leads to.
  expect(as.logged.filter((line) => line.startsWith('request refused')).length).toBeLessThanOrEqual(200)
})

test('a client that did nothing wrong is served all the same', async () => {
  const as = await startServer()
  const reply = await send(
    as,
    { path: '/token', body: 'grant_type=refresh_token&refresh_token=x', headers: { authorization: basic('web', SECRET) } },
    '198.51.100.1',
  )
  expect(reply.status).toBe(400)
})
