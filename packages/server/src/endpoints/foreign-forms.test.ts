import { expect, test } from 'vitest'
import { confirm, endSessionUrl, isSignedIn, plain, signedInAt } from '../test/logout.ts'
import { ISSUER, PASSWORD, startServer } from '../test/server.ts'
import { ENDPOINTS } from './index.ts'

/** Pages that take a form of ours. With SameSite=None the cookie goes along from everywhere: the form itself must tell. */
const FORMS: Readonly<Record<string, string>> = {
  '/interaction/*': '/interaction/',
  '/approve': '/approve',
  '/device': '/device',
  '/device/decision': '/device/decision',
  '/end-session/confirm': '/end-session/confirm',
  '/account/sessions': '/account/sessions',
  '/account/applications': '/account/applications',
  '/account/factors': '/account/factors',
  '/account/authenticator-app': '/account/authenticator-app',
  '/account/passkey': '/account/passkey',
}
/** Where the token of a form stands, when that is another page. */
const SHOWN_ON: Readonly<Record<string, string>> = {
  '/end-session/confirm': '/end-session',
  '/account/sessions': '/account',
  '/account/applications': '/account',
}
/** Answered to a form of another site as well, by their standards: the one asks, the other wants a hint or asks. */
const OPEN = ['/authorize', '/end-session']

test('OIDC-22 every endpoint with a cookie that takes a form is looked at here', () => {
  const pages = ENDPOINTS.filter(({ cors, page, methods }) => cors === 'never' && page !== false && methods.POST !== undefined)
  expect(pages.map(({ path }) => path).toSorted()).toEqual([...OPEN, ...Object.keys(FORMS)].toSorted())
})

test.each(Object.entries(FORMS))(
  'OIDC-22 LOGO-22 %s: with a cookie that goes along everywhere, a form of another site changes nothing',
  async (name, path) => {
    const as = await startServer([plain()], { sessions: { thirdPartyFrames: true } })
    const { app } = await signedInAt(as, plain())
    const { person } = app
    const opened =
      name === '/interaction/*'
        ? ((
            await person.authorize(
              'client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&response_type=code&scope=openid&code_challenge=' +
                'a'.repeat(43) +
                '&code_challenge_method=S256&prompt=consent',
            )
          ).location?.href ?? '')
        : ISSUER + path
    const token =
      /name="csrf" value="([^"]+)"/.exec(
        (await person.arrive(SHOWN_ON[name] === undefined ? opened : ISSUER + SHOWN_ON[name])).text,
      )?.[1] ?? ''
    const request = /name="request" value="([^"]+)"/.exec((await person.go(endSessionUrl())).text)?.[1] ?? ''
    const fields = {
      answer: 'allow',
      user_code: 'WDJB-MJHT',
      username: 'ada',
      password: PASSWORD,
      request: name === '/end-session/confirm' ? request : 'x',
    }
    const commit = as.store.commit.bind(as.store)
    let written = 0
    as.store.commit = (changes) => (written++, commit(changes))
    for (const [csrf, headers] of [
      ['', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
      ['', {}],
      ['x', { origin: 'null' }],
      // Even with the right token, should it leak: the browser says where the form is from.
      [token, { origin: 'https://evil.example' }],
      [token, { 'sec-fetch-site': 'cross-site' }],
      [token, { 'sec-fetch-site': 'same-site' }],
    ] as const)
      expect((await person.post(opened, { ...fields, csrf }, headers)).status).toBe(403)
    expect(written).toBe(0)
    expect(await isSignedIn(person)).toBe(true)
  },
)

test('LOGO-04 LOGO-22 a hidden frame or form of another site signs nobody out without a hint', async () => {
  const as = await startServer([plain()], { sessions: { thirdPartyFrames: true } })
  const { app } = await signedInAt(as, plain())
  const page = await app.person.post(
    endSessionUrl(),
    { client_id: 'web' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  )
  expect([page.status, page.headers.get('x-frame-options')]).toEqual([200, 'DENY'])
  expect(await isSignedIn(app.person)).toBe(true)
  expect((await confirm(app.person, page, 'allow')).text).toContain('You are signed out')
})
