import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, test } from 'vitest'
import { Application } from '../../../packages/server/src/test/application.ts'
import { authorizationParameters, Person, type Seen, VERIFIER } from '../../../packages/server/src/test/person.ts'
import { client, startServer, type TestServer } from '../../../packages/server/src/test/server.ts'
import { hashPassword, ownUsers, USERS } from './accounts.ts'

const PASSWORD = 'mia’s own password'

describe('an application’s own users', () => {
  const database = new DatabaseSync(':memory:')
  let as: TestServer

  beforeAll(async () => {
    database.exec(USERS)
    const insert = database.prepare('INSERT INTO users (email, password_hash, name) VALUES (?, ?, ?)')
    insert.run('mia@example.com', await hashPassword(PASSWORD), 'Mia Own')
    insert.run('noah@example.com', await hashPassword('noah’s own password'), 'Noah Own')
    as = await startServer([client()], { accounts: ownUsers(database) })
  })

  async function signIn(username: string, password: string): Promise<readonly [Person, Seen]> {
    const person = new Person(as)
    return [person, await person.signIn(await person.authorize(), { username, password })]
  }

  test('sign in with their password, and the application hears who they are', async () => {
    const [person, answered] = await signIn(' Mia@Example.com', PASSWORD)
    expect(answered.status).toBe(303)
    const consent = await person.go(answered.location ?? '')
    expect(consent.text).toContain('Mia Own')
    const back = await person.submit(consent, { answer: 'allow' })
    expect(back.location?.origin).toBe('https://app.example')
    const { body } = await new Application(as, client()).post('/token', {
      grant_type: 'authorization_code',
      code: back.location?.searchParams.get('code') ?? '',
      redirect_uri: authorizationParameters().get('redirect_uri') ?? '',
      code_verifier: VERIFIER,
    })
    const userinfo = await as.fetch('https://as.example/userinfo', { headers: { authorization: `Bearer ${String(body['access_token'])}` } })
    expect(await userinfo.json()).toMatchObject({ sub: 'u_1', name: 'Mia Own' })
  })

  test.each([
    ['a wrong password', 'mia@example.com', 'wrong'],
    ['the password of somebody else', 'mia@example.com', 'noah’s own password'],
    ['an unknown address', 'nobody@example.com', PASSWORD],
  ])('are told the same for %s', async (_case, username, password) => {
    const [, answered] = await signIn(username, password)
    expect(answered.status).toBe(400)
    expect(answered.text).toContain('The user name or the password is wrong.')
  })

  test('are found by what names one of them, and by nothing else', async () => {
    const { find } = ownUsers(database)
    expect(await find('u_2')).toMatchObject({ username: 'noah@example.com', claims: { email: 'noah@example.com' } })
    for (const sub of ['', '2', 'u_0', 'u_02', 'u_3', 'u_2 OR 1=1', 'u_9999999999999999', 'mia@example.com', '\0'])
      expect(await find(sub), sub).toBeUndefined()
  })
})
