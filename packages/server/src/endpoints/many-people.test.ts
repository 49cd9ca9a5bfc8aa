import { expect, test } from 'vitest'
import { Application } from '../test/application.ts'
import { CodePeople } from '../test/one-time-codes.ts'
import { authorizationParameters, type Person } from '../test/person.ts'
import { client, ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const COOKIE = '__Host-holdfast-as'
const NAMES = ['ann', 'ben', 'cyd', 'dan', 'eve', 'fay'] as const

async function scene(): Promise<{ readonly as: TestServer; readonly person: Person }> {
  const people = new CodePeople()
  for (const username of NAMES)
    people.people.set(`u_${username}`, { sub: `u_${username}`, username, displayName: username, claims: {}, disabled: false })
  const as = await startServer([client()], { accounts: people })
  return { as, person: new Application(as, client()).person }
}

async function signIn(person: Person, username: string): Promise<void> {
  const page = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ prompt: 'login' })}`)
  expect((await person.submit(page, { username, password: PASSWORD })).status).toBe(303)
}

const countOf = async (as: TestServer, name: string): Promise<number> =>
  (await as.store.list('session', 'subject', `u_${name}`, { limit: 5 })).items.length

test('A36 who has no place left in the cookie is signed out, and no session lives on that the browser cannot end', async () => {
  const { as, person } = await scene()
  for (const name of NAMES) await signIn(person, name)
  expect(await Promise.all(NAMES.map((name) => countOf(as, name)))).toEqual([0, 1, 1, 1, 1, 1])
  const choice = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ prompt: 'select_account' })}`)
  expect(NAMES.filter((name) => choice.text.includes(name))).toEqual(NAMES.slice(1))
})

test('handles of sessions that have ended take nobody’s place in the cookie', async () => {
  const { as, person } = await scene()
  for (const name of NAMES.slice(0, 5)) await signIn(person, name)
  for (const name of NAMES.slice(1, 5)) await as.store.commit([{ op: 'deleteBy', kind: 'session', index: 'subject', value: `u_${name}` }])
  await signIn(person, 'fay')
  expect((person.cookies.get(COOKIE) ?? '').split(';')[0]?.split('~')).toHaveLength(2)
  const choice = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ prompt: 'select_account' })}`)
  expect(NAMES.filter((name) => choice.text.includes(name))).toEqual(['ann', 'fay'])
})
