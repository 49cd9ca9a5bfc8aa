import { expect, test } from 'vitest'
import type { Client } from '../index.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

/** Somebody who was through with a request goes back to its page. */
async function back(over: Partial<Client>): Promise<{ readonly as: TestServer; readonly url: string; readonly seen: Seen }> {
  const as = await startServer([client(over)])
  const person = new Person(as)
  const page = await person.arrive(`${ISSUER}/authorize?${authorizationParameters()}`)
  const consent = await person.go((await person.submit(page, { username: 'ada', password: PASSWORD })).location ?? '')
  expect((await person.submit(consent, { answer: 'allow' })).location?.searchParams.has('code')).toBe(true)
  return { as, url: page.url, seen: await person.go(page.url) }
}

const hrefOf = ({ text }: Seen): string | undefined => /class="button" href="([^"]+)"/.exec(text)?.[1]

test.each([
  [{ clientUri: 'https://app.example/' }, 'https://app.example/'],
  [
    { clientUri: 'https://app.example/', initiateLoginUri: 'https://app.example/login?a=1' },
    'https://app.example/login?a=1&amp;iss=https%3A%2F%2Fas.example',
  ],
  [{ clientUri: 'http://app.example/' }, undefined],
  [{ clientUri: undefined }, undefined],
  [{ clientUri: 'https://app.example/', origin: 'machine' }, undefined],
] as const)('BCP-07 the page of a sign-in that is over leads back to an application of the operator’s: %j', async (over, href) => {
  const { seen } = await back(over)
  expect([seen.status, seen.text.includes('This page is no longer valid'), hrefOf(seen)]).toEqual([400, true, href])
})

test('BCP-06 another browser is told nothing of whom it was for, and an answer to it is none', async () => {
  const { as, url } = await back({ clientUri: 'https://app.example/' })
  const stranger = new Person(as)
  await stranger.through()
  const seen = await stranger.go(url)
  expect([seen.text.includes('This page is no longer valid'), hrefOf(seen)]).toEqual([true, undefined])
})

test('A56 nothing of the request, of the person or of the sign-in is kept', async () => {
  const { as, url } = await back({})
  const handle = url.slice(url.lastIndexOf('/') + 1)
  const kept = await as.store.read('interaction', handle.slice(0, 26))
  expect(
    Object.entries(kept?.value ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name)
      .toSorted(),
  ).toEqual(['answered', 'browser', 'secretHash', 'sessionId'])
})
