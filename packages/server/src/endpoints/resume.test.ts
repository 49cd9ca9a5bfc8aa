import { describe, expect, test } from 'vitest'
import type { Client } from '../index.ts'
import { moved } from '../keys/followed.ts'
import { Application } from '../test/application.ts'
import { authorizationParameters, type Person, type Seen } from '../test/person.ts'
import { client, startServer, type TestServer } from '../test/server.ts'

const REDIRECT = String(authorizationParameters().get('redirect_uri'))
const before = client({ clientId: 'shop', redirectUris: [REDIRECT] })
const parameters = Object.fromEntries(authorizationParameters({ client_id: 'shop', prompt: 'consent' }))

/** What an operator, or the client itself, may take back while a request is under way. */
const TAKEN: Readonly<Record<string, Partial<Client>>> = {
  'its redirect URI': { redirectUris: ['https://new.example/cb'] },
  'the grant authorization_code': { grantTypes: ['client_credentials'] },
  'a scope': { scopes: ['openid'] },
  'the response mode': { responseModes: ['form_post'] },
}

async function stored(as: TestServer, over: Partial<Client>): Promise<void> {
  const now = as.clock.now()
  const held = await as.store.read('client', 'shop')
  const value = { kind: 'client' as const, client: { ...before, ...over }, createdAt: now }
  const outcome = await as.store.commit([
    held === undefined
      ? { op: 'insert', kind: 'client', id: 'shop', value }
      : { op: 'replace', kind: 'client', id: 'shop', expected: held.version, value },
    await moved(as.store, 'clients', now),
  ])
  expect(outcome).toBe('committed')
  as.clock.advance(1)
}

async function underWay(): Promise<{ readonly as: TestServer; readonly person: Person; readonly pushed: URLSearchParams }> {
  const as = await startServer([])
  await stored(as, {})
  const app = new Application(as, before)
  const { body } = await app.post('/par', parameters)
  return { as, person: app.person, pushed: new URLSearchParams({ client_id: 'shop', request_uri: String(body['request_uri']) }) }
}

/** Told to the client where its address is still its own, on a page otherwise; in no case with a code. */
function expectNothing({ status, location }: Seen): void {
  if (status === 400) expect(location).toBeUndefined()
  else expect([status, location?.searchParams.has('error'), location?.searchParams.has('code')]).toEqual([303, true, false])
}

describe('a request that goes on after its client was changed', () => {
  test.each(Object.entries(TAKEN))('OA-11 A40 A44 a pushed request is over when %s was taken back', async (_name, over) => {
    const { as, person, pushed } = await underWay()
    expect((await person.authorize(pushed)).location?.pathname).toMatch(/^\/interaction\//)
    await stored(as, over)
    const seen = await person.authorize(pushed)
    expectNothing(seen)
    // Nothing was spent: put back, it goes on.
    await stored(as, {})
    expect((await person.authorize(pushed)).status).toBe(303)
  })

  test.each(Object.entries(TAKEN))(
    'OA-11 A40 A44 neither its pages nor a yes on them lead to a code when %s was taken back',
    async (_name, over) => {
      const { as, person, pushed } = await underWay()
      const consent = await person.go((await person.signIn(await person.authorize(pushed))).location ?? '')
      expect(consent.text).toContain('consent-allow')
      await stored(as, over)
      const seen = await person.submit(consent, { answer: 'allow' })
      expectNothing(seen)
      expect((await as.store.list('grant', 'subject', 'u_ada', { limit: 10 })).items).toEqual([])
    },
  )

  test('what was changed besides does not disturb it', async () => {
    const { as, person, pushed } = await underWay()
    const consent = await person.go((await person.signIn(await person.authorize(pushed))).location ?? '')
    await stored(as, { clientName: 'Another name' })
    expect((await person.submit(consent, { answer: 'allow' })).location?.searchParams.has('code')).toBe(true)
  })
})
