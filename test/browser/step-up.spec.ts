import { codeAt } from '../one-time-code.ts'
import { expect, type Page, type PartyName, shownSession, signInAt, type Sites, test, typePassword } from './sites-test.ts'
import { LEVELS, type SomePerson } from './sites.ts'
import { enrolPasskey } from './virtual-authenticator.ts'

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const RETURN = '/me?order=7'

/** Signed in with a password alone, and then back with a request that needs more. */
async function toStepUp(page: Page, sites: Sites, name: PartyName, person: SomePerson, acr: string): Promise<void> {
  const before = await signInAt(page, sites, name, person)
  expect([before.acr, before.amr]).toEqual([LEVELS.password, ['pwd']])
  await page.goto(`${sites.parties[name].origin}/login?${new URLSearchParams({ acr_values: acr, return_to: RETURN })}`)
}

/** Where cookies of third parties are blocked the way is the same: there, two kinds of relying parties are enough. */
const modes = [
  { cookies: 'allowed', byCode: ['shop', 'clinic', 'vault', 'bank'], byPasskey: ['shop', 'bank'] },
  { cookies: 'blocked', byCode: ['shop', 'bank'], byPasskey: ['bank'] },
] as const

for (const { cookies, byCode, byPasskey } of modes) {
  test.describe(`third-party cookies ${cookies}`, () => {
    test.use({ thirdPartyCookies: cookies })

    for (const name of byCode) {
      test(`from password to a code, and back to the request, at the ${name}`, async ({ page, sites }) => {
        await toStepUp(page, sites, name, await sites.person('Tao', SECRET), LEVELS.second)
        await expect(page.locator('.lede')).toContainText('which asks for more than your password')
        await expect(page.locator('#password')).toHaveCount(0)
        await page.fill('#code', '000000')
        await page.click('#code-submit')
        await expect(page.getByRole('alert')).toContainText('wrong')
        await page.fill('#code', codeAt(Date.now() / 1000, SECRET))
        await page.click('#code-submit')
        await page.waitForURL(sites.parties[name].origin + RETURN)
        expect(await shownSession(page)).toMatchObject({
          acr: LEVELS.second,
          amr: expect.arrayContaining(['pwd', 'otp', 'mfa']),
          name: 'Tao',
        })
        // What was proven counts for the session: the next request that needs it asks nothing.
        await page.goto(`${sites.parties[name].origin}/login?prompt=none&silent=1&acr_values=${encodeURIComponent(LEVELS.second)}`)
        await expect(page.locator('#outcome')).toContainText('signed in as')
      })
    }

    for (const name of byPasskey) {
      test(`from password to a passkey, and back to the request, at the ${name}`, async ({ page, sites }) => {
        const person = await sites.person('Pia')
        const authenticator = await enrolPasskey(page, sites, person)
        await toStepUp(page, sites, name, person, LEVELS.passkey)
        await expect(page.locator('h1')).toHaveText('Use your passkey')
        await authenticator.agrees(true)
        await page.click('#passkey-submit')
        await page.waitForURL(sites.parties[name].origin + RETURN)
        expect(await shownSession(page)).toMatchObject({ acr: LEVELS.passkey, amr: expect.arrayContaining(['pwd', 'mfa']), name: 'Pia' })
      })
    }
  })
}

test('an authenticator without the passkey leads nowhere, and the page says so', async ({ page, sites }) => {
  const person = await sites.person('Uma')
  const authenticator = await enrolPasskey(page, sites, person)
  await authenticator.loseAll()
  await authenticator.agrees(true)
  await toStepUp(page, sites, 'shop', person, LEVELS.passkey)
  await page.click('#passkey-submit')
  await expect(page.locator('#passkey-fault')).toContainText('did not give a passkey')
  await page.click('#code-restart')
  await typePassword(page, person)
  await expect(page.locator('h1')).toHaveText('Use your passkey')
})
