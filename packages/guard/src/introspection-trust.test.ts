import { generateKeyPair } from '@holdfast/proof/node'
import { json } from '@holdfast/protocol/http'
import { describe, expect, test } from 'vitest'
import { type Answer, clientKey, ISSUER, proofFor, START } from './test/api.ts'
import { activeAnswer, type Asked, BEARER, jwtReply, SECRET, SIGNED, signedAnswer, startAsked } from './test/asked-issuer.ts'

const TOKEN = 'at_opaque'

const bearer = (api: Asked): Promise<Answer> => api.call({ token: TOKEN, scheme: 'Bearer' })

function knowing(answer: Readonly<Record<string, unknown>>): Asked {
  const api = startAsked()
  api.tokens.set(TOKEN, answer)
  return api
}

describe('when the issuer cannot be asked, nobody comes in: 503', () => {
  test.each<[string, (api: Asked) => unknown]>([
    ['it is away', (api) => api.net.cut(ISSUER)],
    ['it is in trouble', (api) => (api.reply = () => json(503, { error: 'temporarily_unavailable' }))],
    ['it is in trouble and says yes', (api) => (api.reply = () => json(500, activeAnswer(BEARER)))],
    ['it does not know this API', (api) => (api.reply = () => json(401, { error: 'invalid_client' }))],
    ['it sends on elsewhere', (api) => (api.reply = () => ({ status: 307, headers: { location: 'https://evil.example/' }, body: '' }))],
    [
      'its answer is not JSON',
      (api) => (api.reply = () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: 'active' })),
    ],
    [
      'its answer is a page',
      (api) => (api.reply = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '{"active":true}' })),
    ],
    ['its answer does not say', (api) => (api.reply = () => json(200, { ...activeAnswer(), active: 'true' }))],
    ['its answer is a list', (api) => (api.reply = () => json(200, [activeAnswer()]))],
    ['its answer has no end', (api) => (api.reply = () => json(200, { ...activeAnswer(), filler: 'x'.repeat(70_000) }))],
  ])('%s', async (_name, breaks) => {
    const api = knowing(activeAnswer(BEARER))
    breaks(api)
    const answer = await bearer(api)
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1'])
  })

  test('what is known already stays good for its seconds, and afterwards does not', async () => {
    const api = knowing(activeAnswer(BEARER))
    await bearer(api)
    api.net.cut(ISSUER)
    expect((await bearer(api)).allowed).toBe(true)
    api.clock.time += 10
    expect((await bearer(api)).status).toBe(503)
  })

  test('each question has an end in time, follows no redirect, and reading stops at its limit', async () => {
    let pulled = 0
    const seen: RequestInit[] = []
    const endless = (): Response =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled++
            controller.enqueue(new Uint8Array(16_384))
          },
        }),
        { headers: { 'content-type': 'application/json' } },
      )
    const fetcher = (_url: string, init: RequestInit): Promise<Response> => {
      seen.push(init)
      return Promise.resolve(endless())
    }
    const options = { clientId: 'api', clientSecret: SECRET, endpoint: `${ISSUER}/introspect` }
    const api = startAsked({}, { fetch: fetcher as typeof fetch, introspection: options })
    expect((await bearer(api)).status).toBe(503)
    expect(pulled).toBeLessThan(10)
    expect([seen[0]?.redirect, seen[0]?.signal instanceof AbortSignal]).toEqual(['manual', true])
  })

  test('a flood of made-up tokens does not become as many questions', async () => {
    const api = startAsked()
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    api.reply = () => held.then(() => json(200, { active: false }))
    const all = Array.from({ length: 1_200 }, (_, index) => api.call({ token: `at_${index}`, scheme: 'Bearer' }))
    await new Promise((resolve) => setImmediate(resolve))
    release?.()
    const statuses = (await Promise.all(all)).map(({ status }) => status)
    expect([statuses.filter((one) => one === 401).length, statuses.filter((one) => one === 503).length]).toEqual([1_000, 200])
  })
})

describe('signed answers (RFC 9701)', () => {
  const ACTIVE = activeAnswer(BEARER)
  const withReply = (reply: Asked['reply']): Asked => {
    const api = startAsked({ signedResponse: true })
    api.reply = reply
    return api
  }

  test('JIN-01 JIN-05 are asked for by Accept and verified with the published keys', async () => {
    const api = withReply(() => jwtReply(signedAnswer(ACTIVE)))
    expect(await bearer(api)).toMatchObject({ allowed: true, subject: 'u_ada' })
    expect(api.questions[0]?.accept).toEqual([SIGNED])
  })

  test('JIN-03 inactive inside is 401', async () => {
    expect((await bearer(withReply(() => jwtReply(signedAnswer({ active: false }))))).status).toBe(401)
  })

  test.each<[string, Asked['reply']]>([
    ['in JSON', () => json(200, ACTIVE)],
    ['as an access token', () => jwtReply(signedAnswer(ACTIVE, {}, { typ: 'at+jwt' }))],
    ['without typ', () => jwtReply(signedAnswer(ACTIVE, {}, { typ: undefined }))],
    ['of another issuer', () => jwtReply(signedAnswer(ACTIVE, { iss: 'https://other.example' }))],
    ['for another API', () => jwtReply(signedAnswer(ACTIVE, { aud: 'other' }))],
    ['for nobody', () => jwtReply(signedAnswer(ACTIVE, { aud: undefined }))],
    ['of an hour ago', () => jwtReply(signedAnswer(ACTIVE, { iat: START - 61 }))],
    ['of tomorrow', () => jwtReply(signedAnswer(ACTIVE, { iat: START + 11 }))],
    ['of no time', () => jwtReply(signedAnswer(ACTIVE, { iat: undefined }))],
    ['by another key', () => jwtReply(signedAnswer(ACTIVE, {}, {}, generateKeyPair('ES256')))],
    ['by the key of a client', () => jwtReply(signedAnswer(ACTIVE, {}, { kid: undefined, jwk: clientKey.publicJwk }, clientKey))],
    ['not signed', () => jwtReply(`${Buffer.from('{"alg":"none","typ":"token-introspection+jwt"}').toString('base64url')}.e30.`)],
    ['without an answer in it', () => jwtReply(signedAnswer(undefined))],
    ['not at all', () => jwtReply('')],
  ])('JIN-05 %s: 503, since it cannot be believed', async (_name, reply) => {
    expect((await bearer(withReply(reply))).status).toBe(503)
  })

  test('JIN-05 TOK-03 such an answer shown as an access token is refused', async () => {
    const token = signedAnswer(activeAnswer())
    expect(await startAsked().call({ token, proof: proofFor(token) })).toMatchObject({ status: 401, error: 'invalid_token' })
  })
})
