import { StoreUnavailable } from '@holdfast/store'
import { expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { answeredBy, bank, pollAnswer } from '../test/backchannel.ts'
import { AFTERWARDS, confirm, endSessionUrl, isSignedIn, plain, signedInAt } from '../test/logout.ts'
import { Person } from '../test/person.ts'
import { eventsOf } from '../test/resource-server.ts'
import { client, ISSUER, PASSWORD, startServer } from '../test/server.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }

test('LOGO-01 LOGO-06 RP-Initiated Logout §2: a hint of the session signs out at once, by GET and by POST, and state comes back', async () => {
  const as = await startServer([plain()])
  for (const method of ['GET', 'POST'] as const) {
    const events = eventsOf(as)
    const { app, idToken } = await signedInAt(as, plain())
    const parameters = { id_token_hint: idToken, post_logout_redirect_uri: AFTERWARDS, state: 'a b&c=ü' }
    const seen = await (method === 'GET' ? app.person.go(endSessionUrl(parameters)) : app.person.post(endSessionUrl(), parameters))
    expect([seen.status, seen.location?.href.split('?')[0]]).toEqual([303, AFTERWARDS])
    expect([...(seen.location?.searchParams ?? [])]).toEqual([['state', 'a b&c=ü']])
    expect(seen.headers.get('set-cookie')).toMatch(/^__Host-holdfast-as=; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=0$/)
    expect(seen.headers.get('cache-control')).toBe('no-store')
    expect(await isSignedIn(app.person)).toBe(false)
    expect(events.filter(({ type }) => type === 'session.ended')).toMatchObject([{ subject: 'u_ada', detail: { reason: 'logout' } }])
  }
})

test('LOGO-01 a form of the application itself comes without our cookie (SameSite=Lax): once more by GET, and it is done', async () => {
  const as = await startServer([plain()])
  const { app, idToken } = await signedInAt(as, plain())
  const stranger = new Person(as)
  const asked = await stranger.go(endSessionUrl(), {
    method: 'POST',
    headers: { ...form, origin: 'https://app.example', 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: AFTERWARDS, state: 's'.repeat(4096) }).toString(),
  })
  expect([asked.status, asked.headers.get('set-cookie')]).toEqual([303, null])
  expect(asked.location?.href.startsWith(`${ISSUER}/end-session?request=`)).toBe(true)
  // An address must fit into what servers take, and the ID token stands in no address of ours.
  expect(asked.location?.href.length).toBeLessThan(8000)
  expect(asked.location?.href).not.toContain(idToken.split('.')[1])
  const seen = await app.person.go(asked.location ?? '')
  expect(seen.location?.href).toBe(`${AFTERWARDS}?state=${'s'.repeat(4096)}`)
  expect(await isSignedIn(app.person)).toBe(false)
})

test('LOGO-02 an expired ID token is a good hint', async () => {
  const as = await startServer([plain()])
  const { app, idToken } = await signedInAt(as, plain())
  as.clock.advance(3601)
  expect((await app.person.go(endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri: AFTERWARDS }))).location?.href).toBe(
    AFTERWARDS,
  )
  expect(await isSignedIn(app.person)).toBe(false)
})

test('LOGO-02 LOGO-08 a hint that is not ours, or no ID token, is an error page: nobody is signed out and nobody led away', async () => {
  const as = await startServer([plain()])
  const { app, idToken, access } = await signedInAt(as, plain())
  const [header = '', payload = '', signature = ''] = idToken.split('.')
  const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
  const changed = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('u_ada', 'u_bob')).toString('base64url')
  for (const hint of [access, unsigned, `${header}.${changed}.${signature}`, `${header}.${payload}.${'A'.repeat(86)}`, 'x', 'a.b.c']) {
    const seen = await app.person.go(endSessionUrl({ id_token_hint: hint, post_logout_redirect_uri: AFTERWARDS, state: 's' }))
    expect([seen.status, seen.location, seen.headers.get('set-cookie')]).toEqual([400, undefined, null])
    expect(seen.text).toContain('id="oauth-error"')
  }
  expect(await isSignedIn(app.person)).toBe(true)
})

test('LOGO-03 client_id and hint must agree, and the client must be there', async () => {
  const as = await startServer([plain(), plain({ clientId: 'other' })])
  const { app, idToken } = await signedInAt(as, plain())
  for (const clientId of ['other', 'nobody']) {
    const seen = await app.person.go(endSessionUrl({ id_token_hint: idToken, client_id: clientId, post_logout_redirect_uri: AFTERWARDS }))
    expect([seen.status, seen.location]).toEqual([400, undefined])
  }
  expect((await app.person.go(endSessionUrl({ client_id: 'nobody' }))).status).toBe(400)
  expect(await isSignedIn(app.person)).toBe(true)
  expect((await app.person.go(endSessionUrl({ id_token_hint: idToken, client_id: 'web' }))).text).toContain('id="logout-result"')
  expect(await isSignedIn(app.person)).toBe(false)
})

test('LOGO-04 LOGO-05 without a hint the person is asked, by name, and sent on only after a yes', async () => {
  const as = await startServer([plain()])
  const { app } = await signedInAt(as, plain())
  const { person } = app
  const url = endSessionUrl({ client_id: 'web', post_logout_redirect_uri: AFTERWARDS, state: 's' })
  const page = await person.go(url)
  expect(page.status).toBe(200)
  expect(page.text).toMatch(/id="logout-confirm"[\s\S]*Stay signed in[\s\S]*Sign out/)
  expect(page.text).toContain('<bdi>Ada</bdi>')
  expect(page.text).toContain('<bdi>Web application</bdi>')
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https://app.example;")
  expect(await isSignedIn(person)).toBe(true)
  const no = await confirm(person, page, 'deny')
  expect([no.status, no.location, no.text.includes('You are still signed in')]).toEqual([200, undefined, true])
  // Neither a yes nor a no: the page again.
  expect((await confirm(person, page, 'perhaps')).text).toContain('id="logout-confirm"')
  expect(await isSignedIn(person)).toBe(true)
  expect((await confirm(person, page, 'allow')).location?.href).toBe(`${AFTERWARDS}?state=s`)
  expect(await isSignedIn(person)).toBe(false)
})

test('LOGO-04 LOGO-05 without a hint and a client nobody vouches for the address: asked, signed out, and not sent anywhere', async () => {
  const as = await startServer([plain()])
  const { app } = await signedInAt(as, plain())
  const page = await app.person.go(endSessionUrl({ post_logout_redirect_uri: AFTERWARDS, state: 's' }))
  const seen = await confirm(app.person, page, 'allow')
  expect([seen.status, seen.location]).toEqual([200, undefined])
  expect(seen.text).toContain('id="logout-result"')
  expect(seen.text).not.toContain('app.example')
  expect(await isSignedIn(app.person)).toBe(false)
})

test('LOGO-04 a hint of another session of the person, or of another person, is asked about', async () => {
  const as = await startServer([plain()])
  as.people.set('u_bob', { sub: 'u_bob', username: 'bob', displayName: 'Bob', claims: {}, disabled: false })
  const ada = await signedInAt(as, plain())
  const elsewhere = await signedInAt(as, plain())
  const page = await elsewhere.app.person.go(endSessionUrl({ id_token_hint: ada.idToken, post_logout_redirect_uri: AFTERWARDS }))
  expect(page.text).toContain('id="logout-confirm"')
  expect(await isSignedIn(elsewhere.app.person)).toBe(true)
  const bob = new Person(as)
  await bob.submit(await bob.arrive(`${ISSUER}/device`), { username: 'bob', password: PASSWORD })
  expect((await bob.go(endSessionUrl({ id_token_hint: ada.idToken }))).text).toContain('<bdi>Bob</bdi>')
  expect([await isSignedIn(bob), await isSignedIn(ada.app.person)]).toEqual([true, true])
})

test('LOGO-04 a hint without sid, as of a request on another device, is for its person and nobody else', async () => {
  const till = bank({ postLogoutRedirectUris: [AFTERWARDS] })
  const as = await startServer([plain(), till])
  as.people.set('u_bob', { sub: 'u_bob', username: 'bob', displayName: 'Bob', claims: {}, disabled: false })
  const counter = new Application(as, till)
  const { authReqId } = await answeredBy(counter, 'allow')
  const { body } = await pollAnswer(counter, authReqId)
  const url = endSessionUrl({ id_token_hint: String(body['id_token']), post_logout_redirect_uri: AFTERWARDS })
  const bob = new Person(as)
  await bob.submit(await bob.arrive(`${ISSUER}/device`), { username: 'bob', password: PASSWORD })
  expect((await bob.go(url)).text).toContain('id="logout-confirm"')
  expect(await isSignedIn(bob)).toBe(true)
  const { app } = await signedInAt(as, plain())
  expect((await app.person.go(url)).location?.href).toBe(AFTERWARDS)
  expect(await isSignedIn(app.person)).toBe(false)
})

test('LOGO-04 OIDC-22 the answer must come from the page of this browser', async () => {
  const as = await startServer([plain()])
  const { app } = await signedInAt(as, plain())
  const other = await signedInAt(as, plain())
  const page = await app.person.go(endSessionUrl())
  const theirs = /name="csrf" value="([^"]+)"/.exec((await other.app.person.go(endSessionUrl())).text)?.[1] ?? ''
  for (const csrf of ['', 'x', theirs]) expect((await confirm(app.person, page, 'allow', { csrf })).status).toBe(403)
  const action = `${ISSUER}/end-session/confirm`
  const own = {
    csrf: /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '',
    request: /name="request" value="([^"]+)"/.exec(page.text)?.[1] ?? '',
  }
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
    expect((await app.person.post(action, { ...own, answer: 'allow' }, headers)).status).toBe(403)
  for (const request of ['x', own.request.slice(0, -2), `${own.request}AA`])
    expect((await app.person.post(action, { ...own, request, answer: 'allow' })).status).toBe(400)
  expect(await isSignedIn(app.person)).toBe(true)
  // It is good for half an hour.
  as.clock.advance(1800)
  expect((await app.person.post(action, { ...own, answer: 'allow' })).status).toBe(400)
})

test('LOGO-07 nobody signed in is no error: with a hint the browser is sent on, with a name alone there is a link', async () => {
  const as = await startServer([plain()])
  const { app, idToken } = await signedInAt(as, plain())
  const hinted = endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri: AFTERWARDS, state: 's' })
  for (let times = 0; times < 2; times++) expect((await app.person.go(hinted)).location?.href).toBe(`${AFTERWARDS}?state=s`)
  const named = await app.person.go(endSessionUrl({ client_id: 'web', post_logout_redirect_uri: AFTERWARDS }))
  expect([named.status, named.location]).toEqual([200, undefined])
  expect(named.text).toContain(`href="${AFTERWARDS}"`)
  expect(named.text).not.toContain('<script')
  const nothing = await app.person.go(endSessionUrl())
  expect([nothing.status, nothing.text.includes('id="logout-result"')]).toEqual([200, true])
  expect((await new Person(as).post(`${ISSUER}/end-session/confirm`, { answer: 'allow' })).status).toBe(200)
})

test('LOGO-14 OIDC-27 refresh tokens of the session end with it, those with offline_access stay; access tokens end with their grant', async () => {
  const as = await startServer([plain()])
  const { app, idToken, access, refresh } = await signedInAt(as, plain())
  const offline = await signedInAt(as, plain(), app.person, 'openid profile offline_access')
  const waiting = await app.code({ scope: 'openid profile offline_access' })
  const elsewhere = await signedInAt(as, plain())
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  expect(told(await app.refresh(refresh))).toBe('400 invalid_grant')
  expect(told(await app.userinfo(access))).toBe('401 invalid_token')
  expect(told(await app.redeem(waiting))).toBe('400 invalid_grant')
  expect(told(await app.refresh(offline.refresh))).toBe('200')
  expect(told(await app.userinfo(offline.access))).toBe('200')
  expect(told(await app.refresh(elsewhere.refresh))).toBe('200')
})

test('LOGO-14 an operator may let refresh tokens outlive the session', async () => {
  const as = await startServer([plain()], { logout: { endsRefreshTokens: false } })
  const { app, idToken, refresh } = await signedInAt(as, plain())
  const waiting = await app.code()
  await app.person.go(endSessionUrl({ id_token_hint: idToken }))
  expect([told(await app.refresh(refresh)), told(await app.redeem(waiting))]).toEqual(['200', '400 invalid_grant'])
})

test('LOGO-08 a store that is away: 503, no redirect, the person is as signed in as before', async () => {
  const as = await startServer([plain()])
  const { app, idToken } = await signedInAt(as, plain())
  const { store } = as
  for (const method of ['read', 'commit'] as const) {
    const working = store[method]
    Object.assign(store, { [method]: () => Promise.reject(new StoreUnavailable('locked')) })
    const seen = await app.person.go(endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri: AFTERWARDS }))
    expect([seen.status, seen.location, seen.headers.get('set-cookie')]).toEqual([503, undefined, null])
    Object.assign(store, { [method]: working })
  }
  expect(await isSignedIn(app.person)).toBe(true)
})

test('LOGO-01 RP-Initiated Logout §2.1: discovery says where', async () => {
  const as = await startServer([client()])
  expect(await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()).toMatchObject({
    end_session_endpoint: `${ISSUER}/end-session`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
  })
})
