import { expect, test } from 'vitest'
import { authorizationParameters, Person } from '../test/person.ts'
import { PASSWORD, startServer } from '../test/server.ts'

test('two tabs allow different requests of one client in the same moment: the one that is late is asked again, and both have a code', async () => {
  const as = await startServer()
  const person = new Person(as)
  const first = await person.authorize(authorizationParameters({ scope: 'openid profile' }))
  await person.signIn(first, { username: 'ada', password: PASSWORD })
  const second = await person.authorize(authorizationParameters({ scope: 'openid email' }))
  const tabs = await Promise.all([first, second].map(async ({ location }) => ({ location, page: await person.go(location ?? '') })))
  const seen = await Promise.all(tabs.map(({ page }) => person.submit(page, { answer: 'allow' })))
  const late = seen.findIndex(({ location }) => location?.searchParams.has('code') !== true)
  expect(seen.map(({ status }) => status)).toEqual([303, 303])
  expect(late).not.toBe(-1)
  const again = await person.go(tabs[late]?.location ?? '')
  expect((await person.submit(again, { answer: 'allow' })).location?.searchParams.has('code')).toBe(true)
})
