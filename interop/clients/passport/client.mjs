/** passport with passport-openidconnect, which knows neither discovery nor PKCE. */
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import Strategy from 'passport-openidconnect'
import { run, sayVersions, world } from '../feature.mjs'
import { signingIn } from '../relying-party.mjs'

sayVersions(['passport', 'passport-openidconnect'])
const origin = world.parties.passport
const metadata = await (await fetch(`${world.issuer}/.well-known/openid-configuration`)).json()
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))
passport.use(
  new Strategy(
    {
      issuer: metadata.issuer,
      authorizationURL: metadata.authorization_endpoint,
      tokenURL: metadata.token_endpoint,
      userInfoURL: metadata.userinfo_endpoint,
      clientID: 'passport',
      clientSecret: world.secret,
      callbackURL: `${origin}/callback`,
      scope: ['profile'],
      // It leaves it out where nothing is said.
      nonce: true,
      skipUserProfile: false,
    },
    (_issuer, { id, displayName }, done) => done(null, { sub: id, name: displayName }),
  ),
)
const server = express()
  .use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false }), passport.session())
  .get('/private', passport.authenticate('openidconnect'))
  .get('/silent', passport.authenticate('openidconnect', { prompt: 'none' }))
  .get('/callback', passport.authenticate('openidconnect'), (_request, response) => response.redirect('/welcome'))
  .get('/welcome', (_request, response) => response.send('signed in'))
  .get('/session', ({ user }, response) => (user === undefined ? response.status(401).end() : response.json(user)))
  .listen(new URL(origin).port, '127.0.0.1')

const signing = signingIn({ origin, home: '/private', session: '/session', silent: '/silent', pkce: false })
await run({
  ...signing,
  discovery: 'has none: its application writes the addresses down',
  code: async () => {
    await signing.code()
    return { note: 'without PKCE, and with `nonce`' }
  },
  refresh: 'has no request for it',
  rp_logout: 'has no request for it',
  backchannel_logout: 'has no address for it',
  frontchannel_logout: 'has no address for it',
  session: 'has no page for it',
})
server.close()
server.closeAllConnections()
