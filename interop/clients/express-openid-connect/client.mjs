/** express-openid-connect, with sessions in memory so that the back channel can end them. */
import { createHash, randomBytes } from 'node:crypto'
import express from 'express'
import openid from 'express-openid-connect'
import session from 'express-session'
import { run, sayVersions, world } from '../feature.mjs'
import { backchannelLogout, rpLogout, signingIn, visit } from '../relying-party.mjs'

sayVersions(['express-openid-connect'])
const origin = world.parties['express-openid-connect']
const store = new session.MemoryStore()
const server = express()
  .use(
    openid.auth({
      issuerBaseURL: world.issuer,
      baseURL: origin,
      clientID: 'express-openid-connect',
      clientSecret: world.secret,
      secret: randomBytes(32).toString('hex'),
      // It expects RS256 where nothing is said.
      idTokenSigningAlg: 'ES256',
      authRequired: false,
      idpLogout: true,
      authorizationParams: { response_type: 'code', scope: 'openid profile offline_access' },
      session: { store },
      backchannelLogout: { store },
      routes: { postLogoutRedirect: '/goodbye' },
    }),
  )
  .get('/private', openid.requiresAuth(), (_request, response) => response.send('signed in'))
  .get('/session', async ({ oidc }, response) => {
    if (!oidc.isAuthenticated()) return response.status(401).end()
    const { name } = await oidc.fetchUserInfo()
    response.json({ sub: oidc.idTokenClaims.sub, name, token: mark(oidc.accessToken.access_token) })
  })
  .get('/refresh', async ({ oidc }, response) => response.json({ token: mark((await oidc.accessToken.refresh()).access_token) }))
  .get('/forget', (request, response) => {
    request.appSession = undefined
    response.send('forgotten')
  })
  .get('/silent', openid.attemptSilentLogin(), ({ oidc }, response) => response.send(String(oidc.isAuthenticated())))
  .get('/goodbye', (_request, response) => response.send('goodbye'))
  .listen(new URL(origin).port, '127.0.0.1')
const mark = (token) => createHash('sha256').update(token).digest('hex')

const app = {
  origin,
  home: '/private',
  session: '/session',
  logout: '/logout',
  goodbye: `${origin}/goodbye`,
  silent: '/silent',
  // It asks only for people whom it does not know.
  forget: '/forget',
  refresh: (browser) => visit(browser, `${origin}/refresh`),
  bySubject: true,
}

await run({
  ...signingIn(app),
  rp_logout: rpLogout(app),
  backchannel_logout: backchannelLogout(app),
  frontchannel_logout: 'has no address for it',
  session: 'has no page for it',
})
server.close()
server.closeAllConnections()
