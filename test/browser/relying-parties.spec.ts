import { PARTY_NAMES, type PartyName } from './parties.ts'
import { expect, followAt, signInAt, type Page, type Sites, test, typePassword, whoAt } from './sites-test.ts'
import type { PartySession } from './relying-party.ts'
import type { SomePerson } from './sites.ts'

/** Signs in at the first one with a password, and at all others by the session of the server. */
async function signInEverywhere(page: Page, sites: Sites, person: SomePerson): Promise<Readonly<Record<PartyName, PartySession>>> {
  const [first, ...others] = PARTY_NAMES
  const sessions = [[first, await signInAt(page, sites, first, person)]] as [PartyName, PartySession][]
  for (const name of others) sessions.push([name, await followAt(page, sites, name)])
  return Object.fromEntries(sessions) as Record<PartyName, PartySession>
}

for (const cookies of ['allowed', 'blocked'] as const) {
  const allowed = cookies === 'allowed'
  test.describe(`third-party cookies ${cookies}`, () => {
    test.use({ thirdPartyCookies: cookies })

    test(`the browser ${allowed ? 'sends' : 'does not send'} a cookie into a frame of another site`, async ({ page, sites }) => {
      const { news, shop } = sites.parties
      await signInAt(page, sites, 'news', await sites.person('Nora'))
      await page.goto(`${shop.origin}/framing?src=${encodeURIComponent(`${news.origin}/me`)}`)
      await expect(page.frameLocator('#framed').locator('#me')).toContainText(allowed ? '"name":"Nora"' : 'nobody')
      await page.goto(`${news.origin}/framing?src=/me`)
      await expect(page.frameLocator('#framed').locator('#me')).toContainText('"name":"Nora"')
    })

    test('one password signs in at relying parties of every kind: single sign-on', async ({ page, sites }) => {
      const passwords: string[] = []
      page.on('request', (request) => {
        if (request.postData()?.includes('password=') === true) passwords.push(request.url())
      })
      const sessions = await signInEverywhere(page, sites, await sites.person('Sol'))
      expect(passwords).toHaveLength(1)
      const { shop, clinic } = sessions
      const subOf = (name: PartyName): string => sessions[name].sub
      expect(['shop', 'news', 'vault', 'bank'].map((name) => subOf(name as PartyName))).toEqual([shop.sub, shop.sub, shop.sub, shop.sub])
      // Neither person nor session can be told to be the same by a client with pairwise subjects and another one together.
      expect(clinic.sub).not.toBe(shop.sub)
      expect(clinic.sid).not.toBe(shop.sid)
      expect(PARTY_NAMES.map((name) => [sessions[name].alg, sessions[name].name, sessions[name].sid])).toEqual(
        PARTY_NAMES.map((name) => [name === 'bank' ? 'ES256' : 'RS256', 'Sol', name === 'clinic' ? clinic.sid : shop.sid]),
      )
      // Allowed once, nothing is asked any more: from /login straight back.
      await page.goto(`${sites.parties.clinic.origin}/login`)
      await page.waitForURL(`${sites.parties.clinic.origin}/me`)
      expect((await whoAt(page, sites, 'clinic')) as PartySession).toMatchObject({ sub: clinic.sub, sid: clinic.sid })
    })

    test(`prompt=none in a hidden frame answers ${allowed ? 'with a sign-in' : 'login_required'}`, async ({ page, sites }) => {
      const outcome = page.frameLocator('#silent').locator('#outcome')
      await page.goto(`${sites.parties.shop.origin}/silent`)
      await expect(outcome).toHaveText('login_required')
      const sessions = await signInEverywhere(page, sites, await sites.person('Hana'))
      for (const name of PARTY_NAMES) {
        await page.goto(`${sites.parties[name].origin}/silent`)
        await expect(outcome).toHaveText(allowed ? `signed in as ${sessions[name].sub}` : 'login_required')
      }
      // Not in a frame the session is there in either case.
      await page.goto(`${sites.parties.shop.origin}/login?prompt=none&silent=1`)
      await expect(page.locator('#outcome')).toHaveText(`signed in as ${sessions.shop.sub}`)
    })

    test('of two people who are signed in, the one who is chosen is who the relying party hears of', async ({ page, sites }) => {
      const [ada, ben] = [await sites.person('Ada'), await sites.person('Ben')]
      const first = await signInEverywhere(page, sites, ada)
      await page.goto(`${sites.parties.shop.origin}/login?prompt=select_account`)
      await page.click('#account-other')
      await typePassword(page, ben)
      await page.click('#consent-allow')
      await page.waitForURL(`${sites.parties.shop.origin}/me`)
      expect(await whoAt(page, sites, 'shop')).toMatchObject({ name: 'Ben' })
      for (const name of PARTY_NAMES) {
        await page.goto(`${sites.parties[name].origin}/login?prompt=select_account`)
        await expect(page.locator('.account')).toHaveCount(2)
        await page.getByRole('button', { name: /^Ada / }).click()
        await page.waitForURL(`${sites.parties[name].origin}/me`)
        expect(await whoAt(page, sites, name)).toMatchObject({ name: 'Ada', sub: first[name].sub, sid: first[name].sid })
      }
      // Whoever was chosen last is who is meant where nobody asks.
      await page.goto(`${sites.parties.shop.origin}/login`)
      await page.waitForURL(`${sites.parties.shop.origin}/me`)
      expect(await whoAt(page, sites, 'shop')).toMatchObject({ name: 'Ada' })
    })

    test(`a sign-out reaches all of them by the back channel, and by frames ${allowed ? 'with' : 'without'} their cookies`, async ({
      page,
      sites,
    }) => {
      const sessions = await signInEverywhere(page, sites, await sites.person('Lou'))
      await page.goto(`${sites.parties.shop.origin}/logout`)
      await page.waitForURL(`${sites.parties.shop.origin}/signed-out?state=out`)
      for (const name of PARTY_NAMES) {
        const { frames, notices } = sites.parties[name]
        const { sid } = sessions[name]
        await expect.poll(() => notices.filter((notice) => notice['sid'] === sid).map(({ sub }) => sub)).toEqual([sessions[name].sub])
        await expect.poll(() => frames.filter((frame) => frame.sid === sid)).toEqual([{ iss: sites.issuer, sid, known: allowed }])
        expect(await whoAt(page, sites, name)).toBe('nobody')
      }
      await page.goto(`${sites.parties.news.origin}/login`)
      await expect(page.locator('#username')).toBeVisible()
    })

    test(`the frame of the session says ${allowed ? 'unchanged, and changed after' : 'changed before and after'} a sign-out elsewhere`, async ({
      page,
      context,
      sites,
    }) => {
      await signInEverywhere(page, sites, await sites.person('Mia'))
      const tabs = await Promise.all(
        PARTY_NAMES.map(async (name) => {
          const tab = await context.newPage()
          await tab.goto(`${sites.parties[name].origin}/watch`)
          return tab
        }),
      )
      for (const tab of tabs) {
        await tab.click('#ask')
        await expect(tab.locator('#state')).toHaveText(allowed ? 'unchanged' : 'changed')
      }
      await page.goto(`${sites.parties.vault.origin}/logout`)
      await page.waitForURL(`${sites.parties.vault.origin}/signed-out?state=out`)
      for (const tab of tabs) {
        await tab.click('#ask')
        await expect(tab.locator('#state')).toHaveText('changed')
      }
      // A relying party without a session_state asks nonsense, and is told so in either case.
      const [tab] = tabs
      await tab?.reload()
      await tab?.click('#ask')
      await expect(tab?.locator('#state') ?? page.locator('#none')).toHaveText('error')
    })
  })
}
