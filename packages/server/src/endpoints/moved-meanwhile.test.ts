import { StoreUnavailable } from '@holdfast/store'
import { expect, test } from 'vitest'
import type { ServerChange } from '../records.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const ADA = { username: 'ada', password: PASSWORD }
const errorOf = ({ location }: Seen): string | null | undefined => location?.searchParams.get('error')

/** What happens a moment before the first code is written. */
function beforeCode(as: TestServer, meanwhile: () => Promise<unknown>): void {
  const commit = as.store.commit.bind(as.store)
  let first = true
  Object.assign(as.store, {
    async commit(changes: readonly ServerChange[]) {
      if (first && changes.some((one) => one.kind === 'authorization_code' && one.op === 'insert')) {
        first = false
        await meanwhile()
      }
      return commit(changes)
    },
  })
}

const signedOut = (as: TestServer): Promise<unknown> =>
  as.store.commit([{ op: 'deleteBy', kind: 'session', index: 'subject', value: 'u_ada' }])

test('BCP-40 signed out in the moment of a request: it begins with the sign-in, and nobody is told that it was answered', async () => {
  const as = await startServer()
  const person = new Person(as)
  await person.through()
  beforeCode(as, () => signedOut(as))
  expect((await person.arrive(`${ISSUER}/authorize?${authorizationParameters()}`)).text).toContain('login-submit')
})

test('OIDC-10 with prompt none the client is told login_required', async () => {
  const as = await startServer()
  const person = new Person(as)
  await person.through()
  beforeCode(as, () => signedOut(as))
  expect(errorOf(await person.authorize(authorizationParameters({ prompt: 'none' })))).toBe('login_required')
})

test('a sign-in in another tab in the moment of the yes: the person is asked again, and then it goes on', async () => {
  const as = await startServer()
  const person = new Person(as)
  await person.through()
  const consent = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ prompt: 'consent' })}`)
  const other = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ prompt: 'login' })}`)
  beforeCode(as, () => person.submit(other, ADA))
  const late = await person.submit(consent, { answer: 'allow' })
  expect(late.location?.href).toBe(consent.url)
  const again = await person.go(consent.url)
  expect((await person.submit(again, { answer: 'allow' })).location?.searchParams.has('code')).toBe(true)
})

test('OA-35 a store that is down between the sign-in and the code: the client is told, and the browser has the new session', async () => {
  const as = await startServer()
  const person = new Person(as)
  await person.through()
  const page = await person.arrive(`${ISSUER}/authorize?${authorizationParameters({ prompt: 'login' })}`)
  beforeCode(as, () => Promise.reject(new StoreUnavailable('down')))
  const seen = await person.submit(page, ADA)
  expect([seen.location?.host, errorOf(seen)]).toEqual(['app.example', 'temporarily_unavailable'])
  expect(errorOf(await person.authorize(authorizationParameters({ prompt: 'none' })))).toBeNull()
  expect((await as.store.list('session', 'subject', 'u_ada', { limit: 5 })).items).toHaveLength(1)
})
