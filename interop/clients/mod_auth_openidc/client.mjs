/** mod_auth_openidc in an Apache of this run: a host for each channel of logout, and one that has none and looks for itself. */
import { backchannelLogout, frontchannelLogout, rpLogout, signingIn, visit } from '../relying-party.mjs'
import { goThrough, signOutElsewhere, startChromium } from '../chromium.mjs'
import { expect, run, say, world } from '../feature.mjs'
import { startApache } from './apache.mjs'

/** Milliseconds for some questions of the frame, which asks four times a second. */
const POLLS = 2000

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
const watching = application(world.parties['mod_auth_openidc-monitored'])

/** A real browser with somebody signed in at this page, and how the application answers about her session. */
async function withChromium({ origin, session }, path, work) {
  const chromium = await startChromium()
  try {
    const context = await chromium.newPerson()
    const page = await context.newPage()
    await page.goto(origin + path)
    await goThrough(page, origin)
    await work({ page, context, session: async () => (await context.request.get(origin + session)).status() })
  } finally {
    await chromium.close()
  }
}

/** A real browser also heeds what the server's page says of its frames: `sandbox`, and the policies in its headers. */
const framed = () =>
  withChromium(front, front.home, async ({ context, session }) => {
    expect(await session(), 200, 'the session before')
    await signOutElsewhere(context)
    expect(await session(), 401, 'the session after she signed out at the server')
  })

/** Its two frames, as its manual has them: the server's and its own, which asks the first one all the time. */
const monitored = () =>
  withChromium(watching, '/private/monitored.html', async ({ page, context, session }) => {
    await page.waitForTimeout(POLLS)
    expect(await session(), 200, 'the session while nothing changed')
    await signOutElsewhere(context)
    // It leads the page out and back to itself, where nobody is signed in.
    await page.waitForSelector('#login-submit')
    expect(await session(), 401, 'the session after she signed out elsewhere')
  })

const apache = await startApache()
try {
  say({ versions: apache.versions })
  await run({
    ...signingIn(back),
    rp_logout: rpLogout(back),
    backchannel_logout: backchannelLogout(back),
    frontchannel_logout: async () => {
      await frontchannelLogout(front)()
      await framed()
    },
    session: monitored,
  })
} finally {
  await apache.stop()
}
