/** What every application that signs people in is asked, as Ada's browsers see it. Each feature has a browser of its own. */
import { ask, expect, NotOffered, world } from './feature.mjs'

/** Milliseconds within which a back-channel logout has to arrive: the server sends it at once. */
const LONGEST_DELIVERY = 3000
const BETWEEN = 50

/**
 * @typedef {object} Application
 * @property {string} origin
 * @property {string} home a page for people who are signed in
 * @property {string} session answers with what the application knows of the person, or 401
 * @property {(answer: object) => { sub: string, name?: string, token?: string }} [read] that answer
 * @property {(browser: string, known: object) => Promise<unknown>} [refresh]
 * @property {string} [logout] where a person leaves the application and the server
 * @property {string} [goodbye] where she is sent then
 * @property {boolean} [pkce]
 * @property {string} [silent] where it asks the server without a question to the person
 * @property {string} [forget] ends its own session, for an application that asks again only then
 * @property {boolean} [bySubject] a logout token ends all sessions of the person there
 */

export const visit = (browser, url) => ask('visit', { browser, url })

/** @returns what the application knows of the person in this browser; undefined without a session */
export async function sessionOf({ origin, session, read = (answer) => answer }, browser) {
  const { status, body } = await visit(browser, origin + session)
  if (status === 401) return undefined
  expect(status, 200, `the session: ${body.slice(0, 200)}`)
  return read(JSON.parse(body))
}

/** @returns the request for authorization, and what the application knows then */
export async function signIn(app, browser, path = app.home) {
  const { url, status, body, visited } = await visit(browser, app.origin + path)
  expect(new URL(url).origin, app.origin, `where the sign-in ended: ${body.slice(0, 300)}`)
  expect(status, 200, `${url}: ${body.slice(0, 300)}`)
  const known = await sessionOf(app, browser)
  if (known === undefined) throw new Error('no session after the sign-in')
  const asked = visited.find((one) => one.startsWith(`${world.issuer}/authorize`))
  if (asked === undefined) throw new Error('the server was not asked')
  const answer = visited
    .map((one) => new URL(one))
    .findLast(({ origin, searchParams }) => origin === app.origin && searchParams.has('state'))
  if (!answer?.searchParams.has('code')) refusedBy(answer?.searchParams.get('error_description') ?? 'nothing')
  return { asked: new URL(asked), known }
}

function refusedBy(description) {
  if (description.endsWith('is not supported yet')) throw new NotOffered(`the server: ${description}`)
  throw new Error(`the server answered ${description}`)
}

/** @param {Application} app */
export function signingIn(app) {
  return {
    discovery: async () => {
      const { asked } = await signIn(app, 'discovery')
      const metadata = await (await fetch(`${world.issuer}/.well-known/openid-configuration`)).json()
      expect(asked.origin + asked.pathname, metadata.authorization_endpoint, 'where the browser was sent')
    },
    code: async () => {
      const { asked, known } = await signIn(app, 'code')
      expect(asked.searchParams.get('code_challenge_method'), app.pkce === false ? null : 'S256', 'code_challenge_method')
      expect(typeof known.sub, 'string', 'sub')
    },
    userinfo: async () => expect((await signIn(app, 'userinfo')).known.name, 'Ada Lovelace', 'name'),
    silent: async () => {
      const { known: before } = await signIn(app, 'silent')
      if (app.forget !== undefined) await visit('silent', app.origin + app.forget)
      const { asked, known } = await signIn(app, 'silent', app.silent)
      expect(asked.searchParams.get('prompt'), 'none', 'prompt')
      expect(known.sub, before.sub, 'sub')
    },
    refresh: async () => {
      const { known } = await signIn(app, 'refresh')
      expect(typeof known.token, 'string', 'the access token')
      await app.refresh('refresh', known)
      const after = await sessionOf(app, 'refresh')
      expect([after?.sub, typeof after?.token].join(), [known.sub, 'string'].join(), 'the session after it')
      expect(after.token === known.token, false, 'the same token')
    },
  }
}

export const rpLogout = (app) => async () => {
  await signIn(app, 'rp_logout')
  expect((await ask('signed-in', { browser: 'rp_logout' })).signedIn, true, 'signed in at the server before')
  const { url } = await visit('rp_logout', app.origin + app.logout)
  expect(url.split('?')[0], app.goodbye, 'where she was sent')
  expect((await sessionOf(app, 'rp_logout'))?.sub, undefined, 'who is signed in at the application')
  expect((await ask('signed-in', { browser: 'rp_logout' })).signedIn, false, 'signed in at the server')
}

/** She signs out at the server; the application must hear of it without her browser. Another's session stays. */
export const backchannelLogout = (app) => async () => {
  await signIn(app, 'back')
  if (!app.bySubject) await signIn(app, 'back-other')
  await ask('sign-out', { browser: 'back' })
  const end = Date.now() + LONGEST_DELIVERY
  while ((await sessionOf(app, 'back')) !== undefined) {
    if (Date.now() > end) throw new Error(`the session is still there ${LONGEST_DELIVERY} ms later`)
    await new Promise((resolve) => setTimeout(resolve, BETWEEN))
  }
  if (!app.bySubject && (await sessionOf(app, 'back-other')) === undefined) throw new Error('the session of another browser ended too')
}

/** She signs out at the server, whose page shows the application's address in a frame. */
export const frontchannelLogout = (app) => async () => {
  await signIn(app, 'front')
  await ask('sign-out', { browser: 'front' })
  expect((await sessionOf(app, 'front'))?.sub, undefined, 'who is signed in at the application')
}
