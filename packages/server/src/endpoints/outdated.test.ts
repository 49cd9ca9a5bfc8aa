import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, test } from 'vitest'
import { moved } from '../keys/followed.ts'
import { type Client, type Records, serverKinds } from '../index.ts'
import { Application, basic } from '../test/application.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { metadata, startRegistrar } from '../test/registrar.ts'
import { API, client, HeldClock, ISSUER, SECRET, startServer, type TestServer } from '../test/server.ts'

/** A server whose client is in the store, where an operator changes it. */
async function stored(): Promise<{ readonly as: TestServer; readonly change: (over: Partial<Client>) => Promise<void> }> {
  const store = openMemoryStore<Records>(serverKinds)
  const clock = new HeldClock()
  await store.commit([{ op: 'insert', kind: 'client', id: 'web', value: { kind: 'client', client: client(), createdAt: clock.now() } }])
  const as = await startServer([], { store, clock })
  const change = async (over: Partial<Client>): Promise<void> => {
    const record = await store.read('client', 'web')
    if (record === undefined) throw new Error('the client is not stored')
    const value = { ...record.value, client: client(over) }
    await store.commit([
      { op: 'replace', kind: 'client', id: 'web', expected: record.version, value },
      await moved(store, 'clients', clock.now()),
    ])
    clock.advance(2)
  }
  return { as, change }
}

const TAKEN: readonly (readonly [string, Partial<Client>, string])[] = [
  ['scope', { scopes: ['openid'] }, 'invalid_scope'],
  ['resource', { resources: [] }, 'invalid_target'],
  ['grant type', { grantTypes: ['refresh_token'] }, 'unauthorized_client'],
]
const ASKED = { scope: 'openid accounts:read', resource: API }
const GONE = { redirectUris: ['https://elsewhere.example/callback'] }

describe('A39 what was taken from a client while its request waited', () => {
  test.each(TAKEN)('%s: the consent page answers nothing else than the refusal', async (_what, over, error) => {
    const { as, change } = await stored()
    const person = new Person(as)
    const page = await person.go((await person.signIn(await person.authorize(authorizationParameters(ASKED)))).location ?? '')
    await change(over)
    const { location } = await person.submit(page, { answer: 'allow' })
    expect([location?.searchParams.get('error'), location?.searchParams.get('state')]).toEqual([error, 'state of the client'])
    expect((await as.store.list('grant', 'subject', 'u_ada', { limit: 1 })).items).toEqual([])
  })
  test.each(TAKEN)('PAR-06 %s: a pushed request is no way around it', async (_what, over, error) => {
    const { as, change } = await stored()
    const app = new Application(as, client())
    const credentials = { headers: { authorization: basic('web', SECRET) } }
    const { body } = await app.post('/par', Object.fromEntries(authorizationParameters(ASKED)), { credentials })
    await change(over)
    const { location } = await new Person(as).authorize(`client_id=web&request_uri=${String(body['request_uri'])}`)
    expect(location?.searchParams.get('error')).toBe(error)
  })
  test('OA-11 a redirect URI that was taken back gets neither a code nor an error, at any step', async () => {
    const { as, change } = await stored()
    const person = new Person(as)
    const opened = await person.authorize()
    const page = await person.go(opened.location ?? '')
    const { body } = await new Application(as, client()).post('/par', Object.fromEntries(authorizationParameters()))
    await change(GONE)
    const pushed = await person.authorize(`client_id=web&request_uri=${String(body['request_uri'])}`)
    for (const seen of [await person.go(opened.location ?? ''), await person.submit(page, { answer: 'deny' }), pushed])
      expect([seen.status, seen.location, seen.text.includes('has changed')]).toEqual([400, undefined, true])
  })
})

test('CIMD-13 A47 the yes is for the client that the person was shown, not for what it made of itself meanwhile', async () => {
  const registrar = await startRegistrar()
  const answer = await registrar.register()
  const asked = { client_id: String(answer.body['client_id']), redirect_uri: 'https://budget.example/cb' }
  const person = new Person(registrar.as)
  const page = await person.go((await person.signIn(await person.authorize(authorizationParameters(asked)))).location ?? '')
  const redirect_uris = ['https://budget.example/cb', 'https://evil.example/cb']
  await registrar.manage('PUT', answer, metadata({ client_id: asked.client_id, redirect_uris }))
  registrar.as.clock.advance(2)
  expect((await person.submit(page, { answer: 'allow' })).text).toContain('has changed')
  const next = await person.authorize(authorizationParameters({ ...asked, redirect_uri: 'https://evil.example/cb' }))
  expect(next.location?.href).toContain(`${ISSUER}/interaction/`)
})
