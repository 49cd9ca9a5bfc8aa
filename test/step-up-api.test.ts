import { type Access, createGuard } from '@holdfast/guard'
import { expressGuard } from '@holdfast/mount/express'
import { nodeGuard } from '@holdfast/mount/node'
import express from 'express'
import * as oauth from 'oauth4webapi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listen, type Opened } from '../packages/mount/src/test/mounts.ts'
import { Application, hashOf, KEY, proof } from '../packages/server/src/test/application.ts'
import { API, client, ISSUER, startServer, type TestServer } from '../packages/server/src/test/server.ts'

type Guard = ReturnType<typeof createGuard>

/** Two routes each: one for any good token, and one for who signed in within the last minute. */
const MOUNTS: readonly (readonly [string, (guard: Guard) => Promise<Opened>])[] = [
  [
    'express',
    (guard) => {
      const subject = (request: express.Request, response: express.Response): void => {
        response.json({ sub: (request as unknown as { readonly auth: Access }).auth.subject })
      }
      const app = express()
        .get(
          '/accounts',
          expressGuard((request) => guard.check(request)),
          subject,
        )
        .get(
          '/accounts/pay',
          expressGuard((request) => guard.check(request, { maxAge: 60 })),
          subject,
        )
      return listen(app)
    },
  ],
  [
    'node',
    (guard) =>
      listen(
        nodeGuard(
          (request) => guard.check(request, request.path === '/accounts/pay' ? { maxAge: 60 } : {}),
          (_incoming, outgoing, access) => void outgoing.end(JSON.stringify({ sub: access.subject })),
        ),
      ),
  ],
]

describe.each(MOUNTS)('step-up at an API behind %s (RFC 9470)', (_name, open) => {
  let as: TestServer
  let api: Opened
  let web: Application

  beforeEach(async () => {
    const registered = client({ scopes: ['openid', 'accounts:read'] })
    as = await startServer([registered])
    api = await open(
      createGuard({
        issuer: ISSUER,
        resource: API,
        clock: as.clock,
        fetch: ((url: string, init: RequestInit) => as.fetch(url, init)) as typeof fetch,
      }),
    )
    web = new Application(as, registered)
  })
  afterEach(() => api.close())

  /** What a client that nobody here wrote makes of the answer: the status, or the parameters of the challenge. */
  async function ask(path: string, token: string): Promise<unknown> {
    try {
      const response = await oauth.protectedResourceRequest(token, 'GET', new URL(`http://127.0.0.1:${api.port}${path}`), undefined, null, {
        [oauth.allowInsecureRequests]: true,
      })
      return response.status
    } catch (refused) {
      if (!(refused instanceof oauth.WWWAuthenticateChallengeError)) throw refused
      return refused.cause.map(({ scheme, parameters: { error, max_age: maxAge } }) => ({ scheme, status: refused.status, error, maxAge }))
    }
  }
  const CHALLENGE = [{ scheme: 'bearer', status: 401, error: 'insufficient_user_authentication', maxAge: '60' }]

  test('STEP-05 STEP-20 STEP-28 a client reads the challenge, its person signs in again, and the older token stays good elsewhere', async () => {
    const request = { scope: 'openid accounts:read', resource: API }
    const first = await web.tokens(request)
    expect(await ask('/accounts/pay', first.access)).toBe(200)
    as.clock.advance(61)
    expect(await ask('/accounts/pay', first.access)).toEqual(CHALLENGE)
    // Without max_age the session answers, and nobody signs in.
    expect(await ask('/accounts/pay', (await web.tokens(request)).access)).toEqual(CHALLENGE)
    const second = await web.tokens({ ...request, max_age: '60' })
    expect(await ask('/accounts/pay', second.access)).toBe(200)
    expect(await ask('/accounts', first.access)).toBe(200)
  })

  test('STEP-14 STEP-34 a refresh makes a new token of the same age', async () => {
    const first = await web.tokens({ scope: 'openid accounts:read', resource: API })
    as.clock.advance(61)
    const { body } = await web.refresh(first.refresh)
    expect(await ask('/accounts', String(body['access_token']))).toBe(200)
    expect(await ask('/accounts/pay', String(body['access_token']))).toEqual(CHALLENGE)
  })

  test('STEP-30 the challenge for a bound token comes under the scheme DPoP', async () => {
    const { access } = await web.holding(KEY).tokens({ scope: 'openid accounts:read', resource: API })
    as.clock.advance(61)
    const dpop = proof(KEY, { htm: 'GET', htu: `${API}/pay`, iat: as.clock.now(), ath: hashOf(access) })
    const response = await fetch(`http://127.0.0.1:${api.port}/accounts/pay`, { headers: { authorization: `DPoP ${access}`, dpop } })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^DPoP error="insufficient_user_authentication", .*max_age="60", .*algs="ES256 /),
    ])
  })
})
