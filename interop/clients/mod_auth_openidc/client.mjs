/** mod_auth_openidc in an Apache of this run: two hosts, one for each channel of logout. */
import { backchannelLogout, frontchannelLogout, rpLogout, signingIn, visit } from '../relying-party.mjs'
import { expect, run, say, world } from '../feature.mjs'
import { startApache } from './apache.mjs'

const application = (origin) => ({
  origin,
  home: '/private/',
  silent: '/oidc?session=check',
  session: '/oidc?info=json',
  read: ({ id_token: { sub }, userinfo, access_token: token }) => ({ sub, name: userinfo?.name, token }),
  logout: `/oidc?logout=${encodeURIComponent(`${origin}/goodbye.html`)}`,
  goodbye: `${origin}/goodbye.html`,
  // It wants the access token as a proof that the application asks.
  refresh: async (browser, { token }) => {
    const back = `${origin}/goodbye.html`
    const query = new URLSearchParams({ refresh: back, access_token: token })
    expect((await visit(browser, `${origin}/oidc?${query}`)).url, back, 'where the refresh ended')
  },
})
const back = application(world.parties.mod_auth_openidc)
const front = application(world.parties['mod_auth_openidc-front'])

const apache = await startApache()
try {
  say({ versions: apache.versions })
  await run({
    ...signingIn(back),
    rp_logout: rpLogout(back),
    backchannel_logout: backchannelLogout(back),
    frontchannel_logout: frontchannelLogout(front),
    session: 'TODO',
  })
} finally {
  await apache.stop()
}
