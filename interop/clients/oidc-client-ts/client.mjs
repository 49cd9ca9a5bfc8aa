/** oidc-client-ts in the pages of an application without a server of its own, in a real Chromium. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { goThrough, signOutElsewhere, startChromium } from '../chromium.mjs'
import { expect, run, sayVersions, world } from '../feature.mjs'

sayVersions(['oidc-client-ts'])
const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8')
const PAGE = '<!doctype html><title>Application</title><script src="/oidc-client-ts.js"></script><script src="/application.js"></script>'
const library = read('../../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js')

/** The pages of one client. @returns its settings, and how to end it */
function serve(name, more = {}) {
  const origin = world.parties[name]
  const settings = {
    authority: world.issuer,
    client_id: name,
    redirect_uri: `${origin}/callback.html`,
    silent_redirect_uri: `${origin}/silent.html`,
    post_logout_redirect_uri: `${origin}/goodbye.html`,
    scope: 'openid profile offline_access',
    loadUserInfo: true,
    automaticSilentRenew: false,
    monitorSession: world.features.includes('session'),
    checkSessionIntervalInSeconds: 1,
    ...more,
  }
  const files = {
    '/oidc-client-ts.js': ['text/javascript', library],
    '/application.js': ['text/javascript', `const settings = ${JSON.stringify(settings)}\n${read('application.js')}`],
  }
  const server = createServer((incoming, outgoing) => {
    const [type, body] = files[new URL(incoming.url, origin).pathname] ?? ['text/html', PAGE]
    outgoing.writeHead(200, { 'content-type': type }).end(body)
  }).listen(new URL(origin).port, '127.0.0.1')
  return { origin, settings, server }
}
const application = serve('oidc-client-ts')
const silent = serve('oidc-client-ts-silent', { client_secret: world.secret, scope: 'openid profile' })
const chromium = await startChromium()

/** The application's page with somebody signed in, and what the library knows of her. */
async function signedIn({ origin } = application) {
  const context = await chromium.newPerson()
  const page = await context.newPage()
  await page.goto(origin)
  await Promise.all([page.waitForNavigation(), page.evaluate(() => void manager.signinRedirect())])
  await goThrough(page, origin)
  return { context, page, user: await page.evaluate(() => answered) }
}

const features = {
  discovery: async () => {
    const page = await (await chromium.newPerson()).newPage()
    await page.goto(application.origin)
    expect(await page.evaluate(() => manager.metadataService.getIssuer()), world.issuer, 'issuer')
  },
  code: async () => expect((await signedIn()).user.token_type.toLowerCase(), 'bearer', 'token_type'),
  userinfo: async () => expect((await signedIn()).user.profile.name, 'Ada Lovelace', 'name'),
  refresh: async () => {
    const { page, user } = await signedIn()
    expect(typeof user.refresh_token, 'string', 'refresh_token')
    const again = await page.evaluate(() => manager.signinSilent())
    expect([again.profile.sub, again.access_token === user.access_token].join(), `${user.profile.sub},false`, 'sub, same token')
  },
  // Without a user in its store it has no refresh token, and asks in a frame.
  silent: async () => {
    const { page, user } = await signedIn(silent)
    const again = await page.evaluate(() => manager.removeUser().then(() => manager.signinSilent()))
    expect([again.profile.sub, again.access_token === user.access_token].join(), `${user.profile.sub},false`, 'sub, same token')
  },
  rp_logout: async () => {
    const { page } = await signedIn()
    await Promise.all([page.waitForNavigation(), page.evaluate(() => void manager.signoutRedirect())])
    await goThrough(page, application.settings.post_logout_redirect_uri)
    expect(await page.evaluate(() => answered.then(() => manager.getUser())), null, 'the user of the application')
    const refused = await page.evaluate(() => manager.signinSilent().catch((error) => error.error))
    expect(refused, 'login_required', 'what the server says')
  },
  // It asks its frame each second, and the server in a frame once that says `changed`.
  session: async () => {
    const { context, page, user } = await signedIn()
    expect(typeof user.session_state, 'string', 'session_state')
    const signedOut = page.evaluate(() => new Promise((resolve) => manager.events.addUserSignedOut(() => resolve('signed out'))))
    const early = page.evaluate(() => new Promise((resolve) => setTimeout(() => resolve('nothing'), 2500)))
    expect(await Promise.race([signedOut, early]), 'nothing', 'what it heard while she was signed in')
    await signOutElsewhere(context)
    const late = page.evaluate(() => new Promise((resolve) => setTimeout(() => resolve('nothing'), 8000)))
    expect(await Promise.race([signedOut, late]), 'signed out', 'what it heard then')
  },
  backchannel_logout: 'has no server',
  frontchannel_logout: 'has no address for it',
}
try {
  await run(features)
} finally {
  await chromium.close()
  for (const { server } of [application, silent]) {
    server.close()
    server.closeAllConnections()
  }
}
