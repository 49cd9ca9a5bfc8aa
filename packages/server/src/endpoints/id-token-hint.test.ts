import { describe, expect, test } from 'vitest'
import { Application } from '../test/application.ts'
import { claimsOf } from '../test/details.ts'
import { CodePeople } from '../test/one-time-codes.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const ADA = { username: 'ada', password: PASSWORD }
const BOB = { username: 'bob', password: PASSWORD }

async function scene(): Promise<{ readonly as: TestServer; readonly app: Application; readonly hint: string }> {
  const people = new CodePeople()
  people.people.set('u_bob', { sub: 'u_bob', username: 'bob', displayName: 'Bob', claims: {}, disabled: false })
  const as = await startServer([client()], { accounts: people })
  const app = new Application(as, client())
  const { answer } = await app.tokens()
  return { as, app, hint: String(answer.body['id_token']) }
}

const ask = (person: Person, over: Readonly<Record<string, string>>): Promise<Seen> => person.authorize(authorizationParameters(over))
const errorOf = ({ location }: Seen): string | null | undefined => location?.searchParams.get('error')

describe('id_token_hint', () => {
  test('OIDC-18 Core §3.1.2.1: who is named and signed in goes on, also long after the ID token has expired', async () => {
    const { as, app, hint } = await scene()
    expect((await ask(app.person, { id_token_hint: hint, prompt: 'none' })).location?.searchParams.has('code')).toBe(true)
    as.clock.advance(3600)
    expect((await ask(app.person, { id_token_hint: hint, prompt: 'none' })).location?.searchParams.has('code')).toBe(true)
  })

  test('OIDC-18 another person is signed in: login_required with prompt none, else a sign-in, and never a code for them', async () => {
    const { as, hint } = await scene()
    const person = new Person(as)
    const bob = await person.submit(await person.arrive(`${ISSUER}/authorize?${authorizationParameters()}`), BOB)
    await person.submit(await person.go(bob.location ?? ''), { answer: 'allow' })
    expect(errorOf(await ask(person, { id_token_hint: hint, prompt: 'none' }))).toBe('login_required')
    const page = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ id_token_hint: hint })}`)
    expect(page.text).toContain('login-submit')
    const answered = await person.submit(page, BOB)
    const ended = answered.location?.href.startsWith(ISSUER) === true ? await person.arrive(answered.location) : answered
    expect([errorOf(ended), ended.location?.searchParams.has('code')]).toEqual(['login_required', false])
  })

  test('OIDC-18 of two who are signed in the named one is taken, whoever is current', async () => {
    const { app, hint } = await scene()
    const { person } = app
    const page = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ prompt: 'login' })}`)
    await person.submit(await person.go((await person.submit(page, BOB)).location ?? ''), { answer: 'allow' })
    const { location } = await ask(person, { id_token_hint: hint, prompt: 'none' })
    const { body } = await app.redeem(location?.searchParams.get('code') ?? '')
    expect(claimsOf(String(body['id_token']))['sub']).toBe('u_ada')
  })

  test('OIDC-18 the right person signs in after all', async () => {
    const { as, app, hint } = await scene()
    const person = new Person(as)
    const page = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ id_token_hint: hint })}`)
    const seen = await person.submit(page, ADA)
    const { body } = await app.redeem(seen.location?.searchParams.get('code') ?? '')
    expect(claimsOf(String(body['id_token']))['sub']).toBe('u_ada')
  })

  test('OIDC-18 what is no ID token of this server is invalid_request: changed, of another key, an access token, garbage', async () => {
    const { app, hint } = await scene()
    const { access } = await app.tokens()
    const [header = '', payload = '', signature = ''] = hint.split('.')
    const claims = { ...claimsOf(hint), sub: 'u_bob' }
    const forged = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
    for (const bad of [forged, none, access, 'x', `${hint}x`])
      expect([bad.slice(0, 20), errorOf(await ask(app.person, { id_token_hint: bad, prompt: 'none' }))]).toEqual([
        bad.slice(0, 20),
        'invalid_request',
      ])
  })
})
