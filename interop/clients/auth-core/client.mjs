/** Auth.js without a framework: `Auth` takes a Request and gives a Response. */
import { createServer } from 'node:http'
import { randomBytes } from 'node:crypto'
import { Auth, skipCSRFCheck } from '@auth/core'
import { run, sayVersions, world } from '../feature.mjs'
import { signingIn } from '../relying-party.mjs'

sayVersions(['@auth/core'])
const origin = world.parties['auth-core']
const config = {
  basePath: '/auth',
  trustHost: true,
  secret: randomBytes(32).toString('hex'),
  providers: [
    {
      id: 'holdfast',
      name: 'Holdfast',
      type: 'oidc',
      issuer: world.issuer,
      clientId: 'auth-core',
      clientSecret: world.secret,
      // It expects RS256 where nothing is said.
      client: { id_token_signed_response_alg: 'ES256' },
      authorization: { params: { scope: 'openid profile' } },
      checks: ['pkce', 'state', 'nonce'],
      // Of the ID token the claims are checked; the profile is then what userinfo says.
      idToken: false,
      profile: ({ sub, name }) => ({ id: sub, name }),
    },
  ],
  callbacks: {
    jwt: ({ token, profile }) => (profile === undefined ? token : { ...token, subject: profile.sub }),
    session: ({ session, token }) => ({ ...session, subject: token.subject }),
  },
}

/** What `signIn()` of its framework packages does: the button's POST, without the form. */
const startAt = (path, headers) =>
  Auth(
    new Request(`${origin}/auth/signin/holdfast${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ callbackUrl: `${origin}/welcome` }),
    }),
    { ...config, skipCSRFCheck },
  )

async function respond({ method, url, headers: { cookie = '', host } }) {
  const headers = { cookie, host }
  if (url === '/private') return startAt('', headers)
  if (url === '/silent') return startAt('?prompt=none', headers)
  if (url === '/welcome') return new Response('signed in')
  if (url !== '/session') return Auth(new Request(origin + url, { method, headers }), config)
  const session = await (await Auth(new Request(`${origin}/auth/session`, { headers }), config)).json()
  return session === null ? new Response(null, { status: 401 }) : Response.json({ sub: session.subject, name: session.user.name })
}

const server = createServer((incoming, outgoing) => {
  void respond(incoming).then(async (response) => {
    for (const [name, value] of response.headers) outgoing.appendHeader(name, value)
    outgoing.writeHead(response.status).end(await response.text())
  })
}).listen(new URL(origin).port, '127.0.0.1')

await run({
  ...signingIn({ origin, home: '/private', session: '/session', silent: '/silent' }),
  refresh: 'leaves it to its application, whose callback makes the request',
  rp_logout: 'its sign-out ends its own session alone',
  backchannel_logout: 'has none: its sessions are cookies',
  frontchannel_logout: 'its sign-out is a POST with its own token',
  session: 'has no page for it',
})
server.close()
server.closeAllConnections()
