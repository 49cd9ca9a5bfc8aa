import { expect, test } from 'vitest'
import type { ServerChange } from '../records.ts'
import { Application, KEY, times } from '../test/application.ts'
import { FapiApplication, fapiClient } from '../test/fapi.ts'
import { listen, toldOf } from '../test/listening.ts'
import { authorizationParameters, Person, VERIFIER } from '../test/person.ts'
import { ISSUER, PASSWORD, publicClient, SECRET, startServer, type TestServer } from '../test/server.ts'

/** The next `count` commits that write such a record find that another one moved the grant. */
function overtaken(as: TestServer, kind: ServerChange['kind'], count: number, conflict: ServerChange['kind'] = 'grant'): void {
  const commit = as.store.commit.bind(as.store)
  let left = count
  Object.assign(as.store, {
    commit: (changes: readonly ServerChange[]) =>
      left > 0 && changes.some((one) => one.kind === kind) && left-- > 0
        ? Promise.resolve({ conflict: { kind: conflict, id: 'another' } })
        : commit(changes),
  })
}

const CHECKS = ['known', 'of this client', 'DPoP key', 'certificate', 'of this instance', 'not expired', 'grant lives', 'person is there']

test.each([
  ['once', 1, 200],
  ['twice', 2, 200],
  ['until it is given up', 3, 503],
])('TOK-01 an attempt that is overtaken %s: the last alone is told', async (_often, count, status) => {
  const app = new Application(await startServer(), publicClient())
  const { refresh } = await app.tokens()
  const heard = listen(app.as)
  overtaken(app.as, 'refresh_family', count)
  expect(await app.refresh(refresh)).toMatchObject({ status })
  const after = [...CHECKS, 'not used before', 'scope granted', 'authorization_details', 'scope', 'resource']
  expect(heard.told().slice(-13)).toEqual(after.map((check) => `refresh_token: ${check}`))
  const told = heard.told()
  expect(new Set(told).size).toBe(told.length)
})

test('CAUTH-27 a whole request sent again: what the replayed assertion overrules is not told', async () => {
  const as = await startServer([fapiClient()])
  const requests: [string, RequestInit | undefined][] = []
  const plain = as.fetch
  as.fetch = (url, init) => (requests.push([url, init]), plain(url, init))
  const app = new FapiApplication(as, fapiClient())
  await app.tokens()
  const [url, init] = requests.findLast(([to]) => to.endsWith('/token')) ?? ['', undefined]
  const heard = listen(as)
  const answer = await as.fetch(url, init)
  expect(await answer.json()).toMatchObject({ error: 'invalid_client', error_description: 'jti of client_assertion was already used' })
  expect(heard.told().filter((one) => one.includes(','))).toEqual(['client_assertion: jti is new, CAUTH-27'])
})

test('PAR-17 a code whose session moved meanwhile: told once, at the end', async () => {
  const as = await startServer()
  const person = new Person(as)
  await person.through()
  const heard = listen(as)
  overtaken(as, 'authorization_code', 2, 'consent')
  await person.authorize()
  expect(heard.told().filter((one) => one.includes('not used before'))).toEqual(['authorization request: not used before'])
  const told = heard.told()
  expect(new Set(told).size).toBe(told.length)
})

test('BCP-06 a sign-in whose session moved meanwhile: the page that is looked for again is told once', async () => {
  const as = await startServer()
  const person = new Person(as)
  const page = await person.arrive(`${ISSUER}/authorize?${authorizationParameters()}`)
  const heard = listen(as)
  overtaken(as, 'session', 2, 'session')
  const own = new Person(as)
  for (const [name, value] of person.cookies) own.cookies.set(name, value)
  expect(await own.submit(page, { username: 'ada', password: PASSWORD })).toMatchObject({ status: 303 })
  const told = heard.told()
  expect(told).toContain('interaction: password')
  expect(new Set(told).size).toBe(told.length)
})

test('RT-04 many at once with one refresh token: nobody hears of anything twice', async () => {
  const app = new Application(await startServer(), publicClient(), { dpop: KEY })
  await app.learnNonce()
  const { refresh } = await app.tokens()
  const heard = listen(app.as)
  await Promise.all(times(10, () => app.refresh(refresh)))
  for (const request of heard.requests) {
    const told = request.map(toldOf)
    expect(new Set(told).size).toBe(told.length)
  }
})

test('OA-35 a store that is down: what was found until then is told', async () => {
  const app = new Application(await startServer(), publicClient())
  const { refresh } = await app.tokens()
  const heard = listen(app.as)
  Object.assign(app.as.store, { commit: () => Promise.reject(new Error('down')) })
  await app.refresh(refresh)
  expect(heard.told().at(-1)).toBe('refresh_token: resource')
})

test('BCP-06 no finding of a whole flow holds anything secret of it, and each rule is one of ours', async () => {
  const as = await startServer([fapiClient(), publicClient()])
  const heard = listen(as)
  const app = new FapiApplication(as, fapiClient())
  const secrets: string[] = [PASSWORD, SECRET, VERIFIER]
  const listened = as.fetch
  as.fetch = async (url, init) => {
    const body = typeof init?.body === 'string' ? [...new URLSearchParams(init.body).values()] : []
    const headers = [...new Headers(init?.headers)]
      .filter(([name]) => ['authorization', 'dpop', 'cookie'].includes(name))
      .map(([, value]) => value)
    const answer = await listened(url, init)
    const location = answer.headers.get('location')
    const query = location === null ? [] : [...new URL(location).searchParams.values()]
    secrets.push(...[...body, ...headers, ...query, ...new URL(url).searchParams.values()].filter((text) => text.length > 20))
    return answer
  }
  const { access, refresh } = await app.tokens()
  await app.refresh(refresh)
  await app.refresh(refresh, { scope: 'nothing of the kind' })
  await app.userinfo(access)
  await app.userinfo(`${access}x`)
  await app.redeem('c'.repeat(60))
  await app.push({ redirect_uri: 'https://other.example/a-long-way-from-home' })
  await app.post('/introspect', { token: refresh })
  await app.post('/revoke', { token: access })
  const wrong = await new Person(as).arrive(
    `${ISSUER}/authorize?${authorizationParameters({ client_id: 'app', redirect_uri: 'com.example.app:/callback' })}`,
  )
  await new Person(as).submit(wrong, { username: 'ada', password: 'a wrong password of some length' })
  const all = JSON.stringify(heard.findings())
  expect(heard.findings().length).toBeGreaterThan(200)
  const redirects = [fapiClient().redirectUris[0], 'com.example.app:/callback', ISSUER]
  for (const secret of secrets.filter((one) => !redirects.includes(one) && !one.startsWith('urn:ietf:params:oauth:client-assertion-type')))
    expect(all).not.toContain(secret)
  for (const { rule, check, about } of heard.findings()) {
    expect(rule).toMatch(/^[A-Z][A-Z0-9]*-\d+$/)
    expect(check.length + about.length).toBeLessThan(80)
  }
})
