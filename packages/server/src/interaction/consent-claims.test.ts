import { expect, test } from 'vitest'
import { mayHaveClaim } from '../tokens/claims.ts'
import { client, startServer } from '../test/server.ts'
import { authorizationParameters, Person } from '../test/person.ts'

test.each(['email#<b>x</b>', 'email#call +44 555', 'name# ', 'name#a#b'])('OIDC-47 Core §5.2: %j is no language of a claim', (name) => {
  expect(mayHaveClaim(client({ scopes: ['openid', 'email', 'profile'] }), name)).toBe(false)
})

test('OIDC-23 a consent does not grow with every request: of hundreds of claims the oldest are forgotten, and asked for again', async () => {
  const as = await startServer([client()])
  const person = new Person(as)
  const asking = (round: number): URLSearchParams => {
    const names = Array.from({ length: 50 }, (_, index) => `name#x${round}-${index}`)
    return authorizationParameters({
      scope: 'openid',
      claims: JSON.stringify({ userinfo: Object.fromEntries(names.map((one) => [one, null])) }),
    })
  }
  for (let round = 0; round < 6; round++) expect((await person.through(asking(round))).location?.searchParams.has('code')).toBe(true)
  const { items } = await as.store.list('consent', 'subject', 'u_ada', { limit: 2 })
  expect(items[0]?.value.claims).toHaveLength(200)
  const silent = async (round: number): Promise<string | null | undefined> => {
    const parameters = asking(round)
    parameters.set('prompt', 'none')
    return (await person.authorize(parameters)).location?.searchParams.get('error')
  }
  expect([await silent(5), await silent(0)]).toEqual([null, 'consent_required'])
})
