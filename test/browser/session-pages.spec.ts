import { expect, type Page, signInAt, type Sites, test, typePassword } from './sites-test.ts'
import { LEVELS } from './sites.ts'
import { enrolPasskey } from './virtual-authenticator.ts'
import { expectGoodLooks, LOOKS } from './looks.ts'

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

async function askMore({ page, sites, acr }: { page: Page; sites: Sites; acr: string }): Promise<void> {
  await page.goto(`${sites.parties.shop.origin}/login?acr_values=${encodeURIComponent(acr)}`)
}

async function toConfirmation(page: Page, sites: Sites): Promise<void> {
  await signInAt(page, sites, 'shop', await sites.person('Ada Lovelace'))
  await page.goto(`${sites.issuer}/end-session`)
  await expect(page.locator('#logout-people')).toContainText('Ada Lovelace')
}

/** A name, the heading that says that it is there, and the way. */
const pages: readonly [string, string, (page: Page, sites: Sites) => Promise<unknown>][] = [
  [
    'select-account',
    'Choose an account',
    async (page, sites) => {
      await signInAt(page, sites, 'shop', await sites.person('Ada Lovelace'))
      await page.goto(`${sites.parties.shop.origin}/login?prompt=select_account`)
      await page.click('#account-other')
      await typePassword(page, await sites.person('Maximiliane-Friederike von Hohenstein-Oberstaufenberg'))
      await page.click('#consent-allow')
      await page.waitForURL('**/me')
      await page.goto(`${sites.parties.shop.origin}/login?prompt=select_account`)
    },
  ],
  [
    'step-up-code',
    'Enter your one-time code',
    async (page, sites) => {
      await signInAt(page, sites, 'shop', await sites.person('Tao', SECRET))
      await askMore({ page, sites, acr: LEVELS.second })
    },
  ],
  [
    'step-up-code-or-passkey',
    'Enter your one-time code',
    async (page, sites) => {
      const person = await sites.person('Pia', SECRET)
      await enrolPasskey(page, sites, person)
      await signInAt(page, sites, 'shop', person)
      await askMore({ page, sites, acr: LEVELS.second })
      await expect(page.locator('#passkey-submit')).toBeVisible()
    },
  ],
  [
    'step-up-passkey',
    'Use your passkey',
    async (page, sites) => {
      const person = await sites.person('Uma')
      await enrolPasskey(page, sites, person)
      await signInAt(page, sites, 'shop', person)
      await askMore({ page, sites, acr: LEVELS.passkey })
      await expect(page.locator('#passkey-submit')).toBeVisible()
    },
  ],
  [
    'sign-up',
    'Create an account',
    async (page, sites) => {
      await page.goto(`${sites.parties.shop.origin}/login?prompt=create`)
      await page.fill('#username', 'somebody new')
      await page.fill('#password', 'short')
      await page.click('#sign-up-submit')
      await expect(page.locator('#sign-up-fault')).toContainText('The password must have 8')
    },
  ],
  ['sign-out', 'Sign out?', toConfirmation],
  [
    'signed-out',
    'You are signed out',
    async (page, sites) => {
      await toConfirmation(page, sites)
      await page.click('#logout-out')
    },
  ],
  [
    'signed-out-and-on',
    'You are signed out',
    async (page, sites) => {
      const asked = { client_id: 'shop', post_logout_redirect_uri: `${sites.parties.shop.origin}/signed-out` }
      await page.goto(`${sites.issuer}/end-session?${new URLSearchParams(asked)}`)
      await expect(page.locator('#logout-continue')).toBeVisible()
    },
  ],
]

for (const [name, heading, go] of pages) {
  test(`${name}: ${LOOKS}`, async ({ page, sites }, info) => {
    await go(page, sites)
    await expectGoodLooks(page, info, { name, shows: `h1:text-is("${heading}")` })
  })
}
