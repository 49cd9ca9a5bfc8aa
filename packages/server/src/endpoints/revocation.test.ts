import { describe, expect, test } from 'vitest'
import { type Answer, Application, KEY, tally, times, told } from '../test/application.ts'
import { openCountedStore } from '../test/counted-store.ts'
import { client, ISSUER, publicClient, startServer } from '../test/server.ts'

const OTHER = client({ clientId: 'other' })

async function web(): Promise<Application> {
  return new Application(await startServer([client(), OTHER, publicClient()]), client())
}

async function app(): Promise<Application> {
  return new Application(await startServer(), publicClient(), { dpop: KEY })
}

const revoke = (one: Application, token: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  one.post('/revoke', { token, ...more })

describe('RFC 7009 §2: revoking', () => {
  test.each([
    ['a confidential client', web],
    ['a public client', app],
  ])('REV-01 REV-05 REV-06 %s revokes its refresh token: grant, access token and successors end at once', async (_name, make) => {
    const one = await make()
    const { access, refresh } = await one.tokens()
    expect(told(await revoke(one, refresh))).toBe('200')
    expect(told(await one.userinfo(access))).toBe('401 invalid_token')
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
    const families = await one.as.store.list('refresh_family', 'clientId', one.client.clientId, { limit: 5 })
    expect(families.items, 'nothing of it is kept').toEqual([])
  })

  test('REV-01 REV-05 REV-06 an access token may be revoked, and ends the grant it stands under', async () => {
    const one = await web()
    const { access, refresh } = await one.tokens()
    expect(told(await revoke(one, access))).toBe('200')
    expect(told(await one.userinfo(access))).toBe('401 invalid_token')
    expect(told(await one.refresh(refresh))).toBe('400 invalid_grant')
  })

  test('REV-05 a refresh token that was rotated away still ends its family: its holder wants it gone', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const next = await one.refresh(refresh)
    await revoke(one, refresh)
    expect(told(await one.refresh(String(next.body['refresh_token'])))).toBe('400 invalid_grant')
  })

  test('REV-05 only that grant ends: another one of the same person and client goes on', async () => {
    const one = await web()
    const [first, second] = [await one.tokens(), await one.tokens()]
    await revoke(one, first.refresh)
    expect(told(await one.userinfo(second.access))).toBe('200')
    expect(told(await one.refresh(second.refresh))).toBe('200')
  })

  test('REV-06 a revocation races refreshes: whoever comes later finds nothing, and no token survives', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const answers = await Promise.all(times(20, (index) => (index === 7 ? revoke(one, refresh) : one.refresh(refresh))))
    expect(answers.filter((answer) => answer.status === 503)).toEqual([])
    for (const { body } of answers) {
      if (body['refresh_token'] === undefined) continue
      expect(told(await one.refresh(String(body['refresh_token'])))).toBe('400 invalid_grant')
      expect(told(await one.userinfo(String(body['access_token'])))).toBe('401 invalid_token')
    }
  })

  test('REV-05 of fifty revocations at once of one grant, by either token, one is written down', async () => {
    const store = openCountedStore()
    const one = new Application(await startServer([client()], { store }), client())
    const { access, refresh } = await one.tokens()
    const before = store.inserted.get('audit_event') ?? 0
    const answers = await Promise.all(times(50, (index) => revoke(one, index % 2 === 0 ? access : refresh)))
    expect(tally(answers)).toEqual({ '200': 50 })
    expect((store.inserted.get('audit_event') ?? 0) - before).toBe(1)
  })

  test('REV-06 a code that was not redeemed yet is another grant and stays; one whose tokens were revoked does not come back', async () => {
    const one = await web()
    const code = await one.code()
    const { access } = await one.tokens()
    await revoke(one, access)
    const redeemed = await one.redeem(code)
    expect(told(redeemed)).toBe('200')
    await revoke(one, String(redeemed.body['access_token']))
    expect(told(await one.redeem(code))).toBe('400 invalid_grant')
  })
})

describe('what changes nothing is answered 200 (RFC 7009 §2.2)', () => {
  test.each(['unknown', 'a.b.c', `s1.${'0'.repeat(26)}.1.${'A'.repeat(43)}`, 'eyJhbGciOiJub25lIn0.e30.', 't'.repeat(8000)])(
    'REV-03 a token nobody knows: %.40s',
    async (token) => {
      const answer = await revoke(await web(), token)
      expect([told(answer), answer.body, answer.headers.get('cache-control')]).toEqual(['200', {}, 'no-store'])
    },
  )

  test('REV-03 a hint that is wrong or unknown does not matter', async () => {
    for (const hint of ['access_token', 'refresh_token', 'saml_assertion']) {
      const one = await web()
      const { access, refresh } = await one.tokens()
      expect(told(await revoke(one, refresh, { token_type_hint: hint }))).toBe('200')
      expect(told(await one.userinfo(access))).toBe('401 invalid_token')
    }
  })

  test('REV-03 revoking twice, and an expired access token', async () => {
    const one = await web()
    const { access, refresh } = await one.tokens()
    one.as.clock.advance(301)
    expect(told(await revoke(one, access))).toBe('200')
    expect(told(await revoke(one, refresh))).toBe('200')
    expect(told(await revoke(one, refresh))).toBe('200')
  })

  test('REV-04 RFC 7009 §2.1: a token of another client is left alone, and the answer does not tell that there is one', async () => {
    const one = await web()
    const { access, refresh } = await one.tokens()
    for (const thief of [new Application(one.as, OTHER), new Application(one.as, publicClient())]) {
      const unknown = await revoke(thief, 'unknown')
      for (const token of [access, refresh]) {
        const answer = await revoke(thief, token)
        expect([told(answer), answer.body]).toEqual([told(unknown), unknown.body])
      }
    }
    expect(told(await one.userinfo(access))).toBe('200')
    expect(told(await one.refresh(refresh))).toBe('200')
  })

  test('REV-04 RT-06 a forged refresh token revokes nothing', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    expect(told(await revoke(one, `${refresh.slice(0, -5)}${refresh.endsWith('AAAAA') ? 'BBBBB' : 'AAAAA'}`))).toBe('200')
    expect(told(await one.refresh(refresh))).toBe('200')
  })
})

describe('requests', () => {
  test('REV-02 RFC 7009 §2.1: a confidential client must authenticate, and nothing is revoked without', async () => {
    const one = await web()
    const { access, refresh } = await one.tokens()
    for (const parameters of [{ client_id: 'web' }, { client_id: 'web', client_secret: 'wrong' }, {}]) {
      expect(told(await one.post('/revoke', { token: refresh }, { credentials: { parameters } }))).toBe('401 invalid_client')
    }
    expect(told(await one.userinfo(access))).toBe('200')
  })

  test('REV-01 a token must be named', async () => {
    expect(told(await (await web()).post('/revoke'))).toBe('400 invalid_request')
  })

  test('OA-40 a token in the URL is refused', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    expect(told(await one.post(`/revoke?token=${refresh}`))).toBe('400 invalid_request')
    expect(told(await one.refresh(refresh))).toBe('200')
  })

  test('REV-07 only POST: no JSONP, no GET', async () => {
    const { fetch } = await startServer()
    expect((await fetch(`${ISSUER}/revoke?callback=f`)).status).toBe(405)
  })
})

test('the audit trail has it, with client and person', async () => {
  const one = await web()
  const { refresh } = await one.tokens()
  const told: unknown[] = []
  const commit = one.as.store.commit.bind(one.as.store)
  one.as.store.commit = (changes) => {
    for (const change of changes) if (change.kind === 'audit_event' && change.op === 'insert') told.push(change.value)
    return commit(changes)
  }
  await revoke(one, refresh)
  expect(told).toEqual([{ type: 'grant.revoked', at: one.as.clock.now(), clientId: 'web', subject: 'u_ada', detail: { by: 'client' } }])
})
