import { describe, expect, test } from 'vitest'
import { sessionChecks } from '../first-party/auth-session.ts'
import { Application, KEY, OTHER_KEY } from '../test/application.ts'
import { phone } from '../test/challenged.ts'
import { askDevice, decide, deviceOf, openDevicePage, television, typeCode } from '../test/device.ts'
import { listen, without } from '../test/listening.ts'
import { AFTERWARDS, endSessionUrl, plain, signedInAt } from '../test/logout.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { parties } from '../test/resource-server.ts'
import { client, ISSUER, startServer } from '../test/server.ts'
import { interactionChecks } from './found-interaction.ts'

const about = (name: string, ...checks: readonly string[]): readonly string[] => checks.map((check) => `${name}: ${check}`)

describe('pages', () => {
  test('OIDC-22 BCP-06 a wrong password and a right one: name and outcome, never the password', async () => {
    const as = await startServer()
    const person = new Person(as)
    const page = await person.arrive(`${ISSUER}/authorize?${authorizationParameters()}`)
    const heard = listen(as)
    const own = new Person({ ...as, fetch: (url, init) => as.fetch(url, init) })
    for (const [name, value] of person.cookies) own.cookies.set(name, value)
    await own.submit(page, { username: 'ada', password: 'not hers at all' })
    const form = about('session', 'form from this site', 'form of this session')
    expect(heard.told().filter((one) => !one.startsWith('authorization request'))).toEqual([
      ...about('interaction', 'known', 'not expired', 'of this browser', 'not answered before'),
      'client: known',
      ...form,
      ...about('interaction', 'user name and password sent', 'attempts left', 'password, OIDC-12'),
    ])
    expect(heard.findings().at(-1)?.refused).toBe('The user name or the password is wrong.')
    expect(JSON.stringify(heard.findings())).not.toContain('not hers')
    heard.clear()
    await own.post(page.url, { username: 'ada', password: 'x', csrf: 'x' })
    expect(heard.told().at(-1)).toBe('session: form of this session, BCP-06')
    heard.clear()
    await own.submit(page, {}, { 'sec-fetch-site': 'cross-site' })
    expect(heard.told().at(-1)).toBe('session: form from this site, OIDC-22')
  })

  test('BCP-06 the page of another browser, and without the row that knows it', async () => {
    const as = await startServer()
    const page = await new Person(as).arrive(`${ISSUER}/authorize?${authorizationParameters()}`)
    const heard = listen(as)
    await new Person(as).go(page.url)
    expect(heard.told().at(-1)).toBe('interaction: of this browser, BCP-06')
    await without(interactionChecks, 'of this browser', async () => {
      heard.clear()
      await new Person(as).go(page.url)
      expect(heard.told()).not.toContainEqual(expect.stringContaining('of this browser'))
      expect(heard.told()).toContain('interaction: not answered before')
    })
  })

  test('DEV-13 DEV-18 a user code that nobody has, one that waits, and the answer to it', async () => {
    const app = deviceOf(await startServer([television()]))
    const { userCode } = await askDevice(app)
    await openDevicePage(app.person)
    const heard = listen(app.as)
    await typeCode(app.person, 'BBBB-BBBB')
    const form = about('session', 'form from this site', 'form of this session')
    expect(heard.told()).toEqual([...form, ...about('interaction', 'attempts left', 'user_code, DEV-13')])
    const page = await typeCode(app.person, userCode)
    heard.clear()
    await decide(app.person, page, 'allow')
    const still = ['grant_type', 'scope', 'resource', 'authorization_details'].map((one) => `authorization request: ${one} still allowed`)
    const waits = about('interaction', 'request waits', 'client is there')
    expect(heard.told()).toEqual([...form, ...waits, ...still, 'interaction: signed in lately enough'])
    heard.clear()
    await decide(app.person, page, 'allow')
    expect(heard.told().at(-1)).toBe('interaction: request waits, DEV-18')
  })

  test('REV-04 a token of another client is given up in vain', async () => {
    const { as, web, api } = await parties()
    const { access } = await web.tokens({ scope: 'openid accounts:read' })
    const heard = listen(as)
    await api.post('/revoke', { token: access })
    expect(heard.told().at(-1)).toBe('access token: of this client, REV-04')
    await web.post('/revoke', { token: access })
    expect(heard.told().slice(-2)).toEqual(about('access token', 'of this client', 'grant of this client'))
  })

  test('LOGO-02 LOGO-05 signing out', async () => {
    const as = await startServer([plain()])
    const { app, idToken } = await signedInAt(as, plain())
    const heard = listen(as)
    const leave = (parameters: Readonly<Record<string, string>>): Promise<unknown> => app.person.go(endSessionUrl(parameters))
    await leave({ id_token_hint: 'x' })
    expect(heard.told()).toEqual(['logout: form', 'id_token_hint: ID token of this server, LOGO-02'])
    heard.clear()
    await leave({ id_token_hint: idToken, post_logout_redirect_uri: 'https://other.example' })
    expect(heard.told().at(-1)).toBe('logout: post_logout_redirect_uri, LOGO-05')
    heard.clear()
    await leave({ id_token_hint: idToken, post_logout_redirect_uri: AFTERWARDS })
    const rest = ['logout: client_id', 'client: known', 'logout: post_logout_redirect_uri']
    expect(heard.told()).toEqual(['logout: form', 'id_token_hint: ID token of this server', ...rest])
  })
})

describe('the challenge endpoint', () => {
  test('FIPA-05 FIPA-26 from the start to the code, with a wrong password on the way', async () => {
    const own = await phone()
    const heard = listen(own.app.as)
    await own.start()
    const may = about('client', 'first-party', 'registered grant_type', 'not in a browser', 'profile', 'no signed requests', 'DPoP key')
    const asked = ['authorization request: redirect_uri', 'binding: dpop_jkt', 'auth_session: sent with what it answers']
    const silent = about('auth_session', 'nobody asked with prompt none', 'nothing shown with prompt none', 'no page of ours needed')
    const last = heard.requests.at(-1)?.map(({ about: what, check }) => `${what}: ${check}`) ?? []
    expect(last.filter((one) => may.includes(one))).toEqual(may)
    expect(last.slice(-6)).toEqual([...asked, ...silent])
    heard.clear()
    await own.password('not hers at all')
    const session = about('auth_session', 'known', 'not expired', 'of this client', 'of this instance', 'DPoP key', 'not answered before')
    const step = about('auth_session', 'username', 'not used before', 'attempts left')
    const answer = ['auth_session: sent with what it answers', ...silent, ...step]
    expect(heard.told().slice(-14)).toEqual([...session, ...answer, 'auth_session: password, FIPA-26'])
    expect(JSON.stringify(heard.findings())).not.toContain('not hers')
    heard.clear()
    await own.password()
    expect(heard.told().slice(-4)).toEqual(
      about('auth_session', 'password', 'the person asked for', 'acr can be reached', 'no page of ours needed'),
    )
  })

  test('FIPA-22 FIPA-11 the key of another device, and without its row', async () => {
    const own = await phone()
    await own.start()
    const heard = listen(own.app.as)
    await own.elsewhere(OTHER_KEY).password()
    expect(heard.told().at(-1)).toBe('auth_session: DPoP key, FIPA-22')
    await own.send({ auth_session: 'x', password: 'x' })
    expect(heard.told().at(-1)).toBe('auth_session: known, FIPA-11')
    await without(sessionChecks, 'DPoP key', async () => {
      heard.clear()
      await own.elsewhere(OTHER_KEY).password()
      expect(heard.told()).not.toContainEqual(expect.stringContaining('auth_session: DPoP key'))
    })
  })
})

describe('access tokens that are shown to us', () => {
  test('DPOP-48 OIDC-43 userinfo', async () => {
    const app = new Application(await startServer(), client(), { dpop: KEY })
    const { access } = await app.tokens({ scope: 'openid' })
    const heard = listen(app.as)
    await app.userinfo(access)
    const holder = ['shown once', 'shown', 'signature and issuer', 'exp', 'scheme', 'DPoP proof', 'DPoP key', 'certificate']
    const live = ['for this resource', 'not revoked', 'scope', 'person is there']
    const good = about('access token', ...holder, ...live)
    expect(heard.told().slice(-13)).toEqual([...good, 'DPoP proof: jti is new'])
    heard.clear()
    await app.holding(OTHER_KEY).userinfo(access)
    expect(heard.told().at(-1)).toBe('access token: DPoP key, DPOP-48')
    await app.userinfo(access, { authorization: `Bearer ${access}` })
    expect(heard.told().at(-1)).toBe('access token: scheme, DPOP-49')
    await app.userinfo('x')
    expect(heard.told().at(-1)).toBe('access token: signature and issuer, TOK-12')
    app.as.clock.advance(3600)
    await app.userinfo(access)
    expect(heard.told().at(-1)).toBe('access token: exp, TOK-12')
  })

  test('INT-05 INT-06 introspection says no more to the caller, and to the witness why', async () => {
    const { as, web, api, payments } = await parties()
    const { access, refresh } = await web.tokens({ scope: 'openid accounts:read' })
    const heard = listen(as)
    await api.post('/introspect', { token: access })
    const checks = ['asked about by a resource', 'signature and issuer', 'exp', 'for a resource of the caller', 'not revoked']
    expect(heard.told().slice(-5)).toEqual(about('access token', ...checks))
    expect((await payments.post('/introspect', { token: access })).body).toEqual({ active: false })
    expect(heard.told().at(-1)).toBe('access token: for a resource of the caller, INT-06')
    await web.post('/introspect', { token: refresh })
    const own = ['known', 'of the caller', 'caller is no resource', 'not used before', 'not expired', 'grant lives', 'person is there']
    expect(heard.told().slice(-7)).toEqual(about('refresh_token', ...own))
    await payments.post('/introspect', { token: refresh })
    expect(heard.told().at(-1)).toBe('refresh_token: of the caller, INT-05')
  })
})
