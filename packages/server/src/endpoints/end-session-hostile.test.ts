import { describe, expect, test } from 'vitest'
import { HOSTILE_ADDRESSES } from '../test/hostile-addresses.ts'
import { AFTERWARDS, confirm, endSessionUrl, isSignedIn, plain, signedInAt } from '../test/logout.ts'
import { Person } from '../test/person.ts'
import { client, ISSUER, publicClient, startServer } from '../test/server.ts'

describe('LOGO-05 A16 A17 no address but a registered one is led to, whatever it looks like', async () => {
  const as = await startServer([plain()])
  const { app, idToken } = await signedInAt(as, plain())
  test.each(HOSTILE_ADDRESSES.map((address) => [JSON.stringify(address), address]))('%s', async (_name, address) => {
    for (const claim of [{ id_token_hint: idToken }, { client_id: 'web' }, { id_token_hint: idToken, client_id: 'web' }]) {
      const parameters = { ...claim, post_logout_redirect_uri: address, state: 's' }
      for (const person of [app.person, new Person(as)])
        for (const seen of [await person.go(endSessionUrl(parameters)), await person.post(endSessionUrl(), parameters)]) {
          expect([seen.status, seen.headers.get('location'), seen.headers.get('refresh')]).toEqual([400, null, null])
          expect(seen.text).not.toContain('evil')
          expect(seen.text).not.toMatch(/href="(?!\/assets\/|data:image)/)
        }
    }
    // Nobody vouches for it at all: it is as if it were not there.
    const page = await app.person.go(endSessionUrl({ post_logout_redirect_uri: address }))
    expect([page.status, page.text.includes('logout-confirm'), page.text.includes('evil')]).toEqual([200, true, false])
    expect(await isSignedIn(app.person)).toBe(true)
  })
})

test.each([
  'javascript:alert(document.domain)',
  'data:text/html,x',
  'https://app.example/out#x',
  '/\\evil.example',
  'http://app.example/out',
])('LOGO-05 A16 %s that somehow got into the store leads nowhere', async (address) => {
  const stored = plain({ postLogoutRedirectUris: [address] })
  const as = await startServer([stored])
  const { app, idToken } = await signedInAt(as, stored)
  const seen = await app.person.go(endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri: address }))
  expect([seen.status, seen.headers.get('location')]).toEqual([400, null])
  expect(await isSignedIn(app.person)).toBe(true)
})

test('LOGO-05 a redirect URI for codes is none for afterwards, nor is the port of a loopback address free', async () => {
  const native = publicClient({ postLogoutRedirectUris: ['http://127.0.0.1/out', 'com.example.app:/out'], scopes: ['openid', 'profile'] })
  const as = await startServer([plain(), native])
  const web = await signedInAt(as, plain())
  const app = await signedInAt(as, native)
  const at = async ({ app: { person }, idToken }: typeof app, uri: string): Promise<number> =>
    (await person.go(endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri: uri }))).status
  expect(await at(web, 'https://app.example/callback')).toBe(400)
  expect(await at(app, 'http://127.0.0.1:4711/out')).toBe(400)
  const seen = await app.app.person.go(
    endSessionUrl({ id_token_hint: app.idToken, post_logout_redirect_uri: 'com.example.app:/out', state: 's' }),
  )
  expect(seen.headers.get('location')).toBe('com.example.app:/out?state=s')
})

test('LOGO-05 an address that was taken away while the person looked at the page is not led to', async () => {
  const as = await startServer([plain()])
  const { app } = await signedInAt(as, plain())
  const page = await app.person.go(endSessionUrl({ client_id: 'web', post_logout_redirect_uri: AFTERWARDS }))
  const later = await startServer([client()], { store: as.store, clock: as.clock })
  const person = new Person(later)
  for (const [name, value] of app.person.cookies) person.cookies.set(name, value)
  const seen = await confirm(person, page, 'allow')
  expect([seen.status, seen.location, seen.text.includes('id="logout-result"')]).toEqual([200, undefined, true])
})

test.each(['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'logout_hint', 'ui_locales', 'request'])(
  'LOGO-08 OA-41 %s twice, or too long, is an error page',
  async (name) => {
    const as = await startServer([plain()])
    const { app } = await signedInAt(as, plain())
    for (const query of [`${name}=a&${name}=b`, `${name}=${'x'.repeat(33_000)}`]) {
      const seen = await app.person.go(`${ISSUER}/end-session?${query}`)
      expect([seen.status, seen.headers.get('location')]).toEqual([400, null])
    }
  },
)
