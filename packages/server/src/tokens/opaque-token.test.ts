import { parseJws } from '@holdfast/proof'
import { StoreUnavailable } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import type { Resource } from '../index.ts'
import { Application, hashOf, KEY, OTHER_KEY, tally, times, told } from '../test/application.ts'
import { openCountedStore } from '../test/counted-store.ts'
import { ACCOUNTS_API, API, client, ISSUER, publicClient, startServer } from '../test/server.ts'

const OPAQUE: Resource = { ...ACCOUNTS_API, accessTokenFormat: 'opaque' }
const SCOPE = 'openid profile accounts:read'

async function web(over: Parameters<typeof startServer>[1] = {}): Promise<Application> {
  return new Application(await startServer(undefined, { resources: [OPAQUE], ...over }), client())
}

async function app(): Promise<Application> {
  return new Application(await startServer(undefined, { resources: [OPAQUE] }), publicClient(), { dpop: KEY })
}

describe('an opaque access token (design §6, Handles)', () => {
  test('TOK-09 TOK-10 is told apart from every other text of ours, and opens userinfo where openid was granted', async () => {
    const one = await web()
    const { access, refresh, answer } = await one.tokens({ scope: SCOPE })
    expect(access).toMatch(/^at_[0-9a-z]{26}[\w-]{43}$/)
    expect(refresh).not.toMatch(/^at_/)
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: SCOPE })
    expect((await one.userinfo(access)).body).toMatchObject({ sub: 'u_ada' })
    const idToken = parseJws(String(answer.body['id_token']), { maxLength: 8192 })?.payload
    expect(idToken?.['at_hash']).toBe(Buffer.from(hashOf(access), 'base64url').subarray(0, 16).toString('base64url'))
  })

  test('TOK-09 a token for another resource of the same server is still a JWT', async () => {
    const other: Resource = { ...ACCOUNTS_API, identifier: `${API}/2`, scopes: [{ name: 'accounts:write', description: 'Write' }] }
    const one = new Application(await startServer(undefined, { resources: [OPAQUE, other] }), client())
    const { access } = await one.tokens({ scope: 'accounts:read accounts:write', resource: other.identifier })
    expect(parseJws(access, { maxLength: 8192 })?.payload['aud']).toBe(other.identifier)
  })

  test('the store keeps its hash and never its secret', async () => {
    const one = await web()
    const { access } = await one.tokens({ scope: SCOPE })
    const record = await one.as.store.read('access_token', access.slice(3, 29))
    expect(record?.value).toMatchObject({
      secretHash: hashOf(access.slice(29)),
      clientId: 'web',
      subject: 'u_ada',
      audience: [API, ISSUER],
    })
    expect(JSON.stringify(record)).not.toContain(access.slice(29))
    expect(record?.expiresAt).toBe(one.as.clock.now() + 300)
  })

  test('TOK-12 with another secret, another id or another kind of handle it is nothing', async () => {
    const one = await web()
    const { access } = await one.tokens({ scope: SCOPE })
    const code = await one.code({ scope: SCOPE })
    const id = access.slice(3, 29)
    for (const token of [
      `at_${id}${'A'.repeat(43)}`,
      `at_${'0'.repeat(26)}${access.slice(29)}`,
      access.slice(3),
      code,
      `at_${code}`,
      'at_',
      `AT_${access.slice(3)}`,
      `${access}A`,
    ])
      expect(told(await one.userinfo(token))).toBe('401 invalid_token')
    expect(told(await one.userinfo(access))).toBe('200')
  })

  test('RT-11 it ends with its lifetime, purged or not', async () => {
    const one = await web()
    const { access } = await one.tokens({ scope: SCOPE })
    one.as.clock.advance(299)
    expect(told(await one.userinfo(access))).toBe('200')
    one.as.clock.advance(1)
    expect(told(await one.userinfo(access))).toBe('401 invalid_token')
  })

  test('OA-50 of 50 redemptions of one code one is answered, and one token stored; a replay ends it', async () => {
    const store = openCountedStore()
    const one = await web({ store })
    const code = await one.code({ scope: SCOPE })
    const answers = await Promise.all(times(50, () => one.redeem(code)))
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': 49 })
    expect(store.inserted.get('access_token')).toBe(1)
    const access = answers.find(({ status }) => status === 200)?.body['access_token']
    expect(told(await one.userinfo(String(access)))).toBe('401 invalid_token')
  })

  test('a token that could not be stored was not given', async () => {
    const one = await web()
    const code = await one.code({ scope: SCOPE })
    const commit = one.as.store.commit.bind(one.as.store)
    one.as.store.commit = () => Promise.reject(new StoreUnavailable('away'))
    expect(told(await one.redeem(code))).toBe('503 temporarily_unavailable')
    one.as.store.commit = commit
    expect(told(await one.redeem(code))).toBe('200')
  })

  test('DPOP-49 DPOP-48 bound to a key, it needs its scheme and a proof by that key', async () => {
    const one = await app()
    const { access, answer } = await one.tokens({ scope: SCOPE })
    expect(answer.body['token_type']).toBe('DPoP')
    expect(told(await one.userinfo(access))).toBe('200')
    expect(told(await one.userinfo(access, { authorization: `Bearer ${access}` }))).toBe('401 invalid_token')
    expect(told(await one.holding(OTHER_KEY).userinfo(access))).toBe('401 invalid_token')
  })

  test('REV-05 REV-06 either token revoked, nothing of the grant works, and each refresh had a token of its own', async () => {
    for (const which of ['access', 'refresh'] as const) {
      const one = await web()
      const tokens = await one.tokens({ scope: SCOPE })
      const again = String((await one.refresh(tokens.refresh)).body['access_token'])
      expect(again).not.toBe(tokens.access)
      expect(told(await one.userinfo(again))).toBe('200')
      await one.post('/revoke', { token: tokens[which] })
      for (const token of [again, tokens.access]) expect(told(await one.userinfo(token))).toBe('401 invalid_token')
    }
  })
})
