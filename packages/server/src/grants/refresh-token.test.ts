import { describe, expect, test } from 'vitest'
import { type Answer, Application, KEY, OTHER_KEY, tally, times, told } from '../test/application.ts'
import { client, publicClient, startServer } from '../test/server.ts'

/** A public client rotates; so does a confidential one without a key. */
async function app(lifetimes = {}): Promise<Application> {
  return new Application(await startServer(undefined, { lifetimes }), publicClient(), { dpop: KEY })
}

async function web(lifetimes = {}): Promise<Application> {
  return new Application(await startServer(undefined, { lifetimes }), client())
}

const refreshOf = ({ body }: Answer): string => String(body['refresh_token'])
const accessOf = ({ body }: Answer): string => String(body['access_token'])

describe('rotation', () => {
  test.each([
    ['a public client with DPoP', app],
    ['a public client without DPoP', async () => (await app()).holding(undefined)],
    ['a confidential client with bearer tokens', web],
  ])('RT-01 OA-60 CAUTH-10 BCP-12 OAuth 2.1 §4.3.1: %s gets another refresh token at each refresh', async (_name, make) => {
    const one = await make()
    const tokens = await one.tokens()
    const second = await one.refresh(tokens.refresh)
    const third = await one.refresh(refreshOf(second))
    expect(tally([second, third])).toEqual({ '200': 2 })
    expect(new Set([tokens.refresh, refreshOf(second), refreshOf(third)]).size).toBe(3)
    expect(new Set([tokens.access, accessOf(second), accessOf(third)]).size).toBe(3)
    expect(told(await one.userinfo(accessOf(third)))).toBe('200')
  })

  test('RT-01 FAPI-17 FAPI 2.0 §5.3.2.1-9: a confidential client with bound tokens does not rotate', async () => {
    const bound = (await web()).holding(KEY)
    const tokens = await bound.tokens()
    const answers = [await bound.refresh(tokens.refresh), await bound.refresh(tokens.refresh)]
    bound.as.clock.advance(3600)
    answers.push(...(await Promise.all(times(20, () => bound.refresh(tokens.refresh)))))
    expect(tally(answers)).toEqual({ '200': 22 })
    expect(new Set(answers.map(refreshOf))).toEqual(new Set([tokens.refresh]))
    expect(new Set(answers.map(accessOf)).size).toBe(22)
  })

  test('RT-02 RT-05 A25 of 50 concurrent refreshes of one token all get the very same successor, and there is one', async () => {
    const one = await app()
    const tokens = await one.tokens()
    const answers = await Promise.all(times(50, () => one.refresh(tokens.refresh)))
    expect(tally(answers)).toEqual({ '200': 50 })
    expect(new Set(answers.map(refreshOf)).size).toBe(1)
    const [family] = (await one.as.store.list('refresh_family', 'clientId', 'app', { limit: 10 })).items
    expect(family?.value.generation).toBe(2)
    // The successor is alive, once.
    expect(told(await one.refresh(refreshOf(answers[0] as Answer)))).toBe('200')
    expect(told(await one.refresh(tokens.refresh))).toBe('400 invalid_grant')
  })

  test('RT-05 with no grace, of 50 concurrent refreshes one succeeds and the rest are reuse', async () => {
    const one = await app({ refreshTokenGrace: 0 })
    const tokens = await one.tokens()
    const answers = await Promise.all(times(50, () => one.refresh(tokens.refresh)))
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': 49 })
    const winner = answers.find((answer) => answer.status === 200) as Answer
    expect(told(await one.refresh(refreshOf(winner)))).toBe('400 invalid_grant')
    expect(told(await one.userinfo(accessOf(winner)))).toBe('401 invalid_token')
  })
})

describe('RT-04 RFC 9700 §4.14.2: the grace', () => {
  test.each([0, 1, 9])(
    'RT-04 the predecessor is answered %i s after the rotation: the same refresh token, a fresh access token',
    async (seconds) => {
      const one = await app()
      const tokens = await one.tokens()
      const rotated = await one.refresh(tokens.refresh)
      one.as.clock.advance(seconds)
      const retried = await one.refresh(tokens.refresh)
      expect(told(retried)).toBe('200')
      expect(refreshOf(retried)).toBe(refreshOf(rotated))
      expect(accessOf(retried)).not.toBe(accessOf(rotated))
      expect(told(await one.userinfo(accessOf(retried)))).toBe('200')
    },
  )

  test('RT-03 RT-04 OA-60 BCP-47 after 10 s it is reuse: family and grant are revoked, userinfo refuses the access token at once', async () => {
    const one = await app()
    const tokens = await one.tokens()
    const rotated = await one.refresh(tokens.refresh)
    one.as.clock.advance(10)
    expect(told(await one.refresh(tokens.refresh))).toBe('400 invalid_grant')
    expect(told(await one.userinfo(accessOf(rotated)))).toBe('401 invalid_token')
    expect(told(await one.userinfo(tokens.access))).toBe('401 invalid_token')
    expect(told(await one.refresh(refreshOf(rotated)))).toBe('400 invalid_grant')
  })

  test('RT-04 a retry does not move the window', async () => {
    const one = await app()
    const tokens = await one.tokens()
    await one.refresh(tokens.refresh)
    one.as.clock.advance(9)
    expect(told(await one.refresh(tokens.refresh))).toBe('200')
    one.as.clock.advance(1)
    expect(told(await one.refresh(tokens.refresh))).toBe('400 invalid_grant')
  })

  test('RT-03 RT-04 once the successor was used, its predecessor is reuse within the grace too', async () => {
    const one = await web()
    const tokens = await one.tokens()
    const rotated = await one.refresh(tokens.refresh)
    await one.refresh(refreshOf(rotated))
    expect(told(await one.refresh(tokens.refresh))).toBe('400 invalid_grant')
    expect(told(await one.userinfo(tokens.access))).toBe('401 invalid_token')
  })

  test('RT-04 a retry and a reuse are in the audit trail, without any token', async () => {
    const events: string[] = []
    const one = await app()
    const commit = one.as.store.commit.bind(one.as.store)
    one.as.store.commit = (changes) => {
      for (const change of changes) if (change.kind === 'audit_event' && change.op === 'insert') events.push(change.value.type)
      return commit(changes)
    }
    const tokens = await one.tokens()
    await one.refresh(tokens.refresh)
    await one.refresh(tokens.refresh)
    one.as.clock.advance(10)
    await one.refresh(tokens.refresh)
    expect(events.slice(-3)).toEqual(['refresh.rotated', 'refresh.retried', 'refresh.reused'])
  })

  test('RT-04 the operator widens it to two minutes', async () => {
    const one = await web({ refreshTokenGrace: 120 })
    const tokens = await one.tokens()
    await one.refresh(tokens.refresh)
    one.as.clock.advance(119)
    expect(told(await one.refresh(tokens.refresh))).toBe('200')
    one.as.clock.advance(1)
    expect(told(await one.refresh(tokens.refresh))).toBe('400 invalid_grant')
  })
})

describe('scope and resource of a refresh', () => {
  const SCOPE = 'openid profile accounts:read'

  test('OA-59 OA-62 OAuth 2.1 §4.3.1: without scope it is all that was granted', async () => {
    const one = await web()
    const { refresh } = await one.tokens({ scope: SCOPE })
    expect((await one.refresh(refresh)).body['scope']).toBe(SCOPE)
  })

  test('OA-59 RT-07 a narrowed access token does not shrink the grant', async () => {
    const one = await web()
    const { refresh } = await one.tokens({ scope: SCOPE })
    const narrow = await one.refresh(refresh, { scope: 'accounts:read' })
    expect(narrow.body['scope']).toBe('accounts:read')
    expect((await one.refresh(refreshOf(narrow))).body['scope']).toBe(SCOPE)
  })

  test.each([
    ['OA-59 OA-62 BCP-46 more than was granted', { scope: `${SCOPE} accounts:write` }, '400 invalid_scope'],
    ['OA-59 a scope nobody knows', { scope: 'nobody:knows' }, '400 invalid_scope'],
    ['OA-26 malformed', { scope: 'openid  profile' }, '400 invalid_scope'],
    ['OA-62 RES-04 a resource that was not granted', { resource: 'https://elsewhere.example' }, '400 invalid_target'],
    ['RES-01 no absolute URI', { resource: '/accounts' }, '400 invalid_target'],
  ])('%s is refused and spends nothing', async (_name, over, refusal) => {
    const one = await web()
    const { refresh } = await one.tokens({ scope: SCOPE })
    expect(told(await one.refresh(refresh, over))).toBe(refusal)
    one.as.clock.advance(60)
    expect(told(await one.refresh(refresh))).toBe('200')
  })

  test('DPOP-25 a refresh token of a confidential client is bound to no key, and each access token to the key of its request', async () => {
    const one = (await web()).holding(KEY)
    const { refresh } = await one.tokens()
    const other = one.holding(OTHER_KEY)
    const answer = await other.refresh(refresh)
    expect(told(answer)).toBe('200')
    expect(told(await other.userinfo(accessOf(answer)))).toBe('200')
    expect(told(await one.userinfo(accessOf(answer)))).toBe('401 invalid_token')
  })
})
