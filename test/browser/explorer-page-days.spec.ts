import { expect, type Page, test } from '@playwright/test'
import { type RunningDemo, startDemo } from './demo.ts'
import { goOn } from './explorer/person.ts'

test.use({ actionTimeout: 10_000 })

let demo: RunningDemo
test.beforeAll(async () => {
  demo = await startDemo()
})
test.afterAll(() => demo.stop())

async function open(page: Page, place: string): Promise<void> {
  await page.goto(`${demo.issuer}/explorer/#/${place}`)
  await expect(page.locator('#title')).toBeVisible()
}

test.describe('links', () => {
  test('lead to a message, back and forward, and to nothing that did not take place', async ({ page }) => {
    await open(page, 'code-par')
    await goOn(page, demo, 2)
    const title = page.locator('#detail-title')
    await page.goto(`${demo.issuer}/explorer/#/code-par/e1`)
    await expect(title).toHaveText('The client reads the server’s metadata')
    await page.click('#arrow-e2')
    await expect(title).toHaveText('The client hands in its request')
    await page.goBack()
    await expect(title).toHaveText('The client reads the server’s metadata')
    await page.goForward()
    await expect(title).toHaveText('The client hands in its request')

    await page.goto(`${demo.issuer}/explorer/#/code-par/e99`)
    await expect(page.locator('#gone')).toContainText('There is no such message in this run')
    await expect(title).toHaveText('No message is chosen')
    await expect(page.locator('#diagram a')).toHaveCount(2)

    await page.goto(`${demo.issuer}/explorer/#/code-par/e2`)
    await page.reload()
    await expect(page.locator('#gone')).toContainText('The run ended with the page')
    await expect(page.locator('#diagram a')).toHaveCount(0)
    await expect(page.locator('.pips .done')).toHaveCount(0)
    await page.click('#gone-again')
    await expect(page.locator('#gone')).toHaveCount(0)
    await expect(page).toHaveURL(/#\/code-par$/)

    await page.goto(`${demo.issuer}/explorer/#/code-magic`)
    await expect(page.locator('#title')).toHaveText('There is no such flow')
    await page.click('text=See all flows')
    await expect(page.locator('.cards')).toBeVisible()
  })

  test('a run leaves nothing behind in the browser', async ({ page, context }) => {
    await open(page, 'code-dpop')
    await goOn(page, demo, 5)
    const kept = await page.evaluate(async () => ({
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases: (await indexedDB.databases()).map(({ name }) => name),
      cookies: document.cookie,
      caches: await caches.keys(),
      history: history.state as unknown,
      address: location.search,
      workers: (await navigator.serviceWorker.getRegistrations()).length,
    }))
    expect(kept).toEqual({ local: {}, session: {}, databases: [], cookies: '', caches: [], history: null, address: '', workers: 0 })
    // What the server's own pages set for themselves no script of this origin reads.
    const cookies = await context.cookies(demo.issuer)
    expect(cookies.length).toBeGreaterThan(0)
    expect(cookies.filter(({ httpOnly }) => !httpOnly)).toEqual([])
  })
})

test.describe('bad days', () => {
  test('the server goes away in the middle: it is said with a remedy, and what was shown stays', async ({ page }) => {
    await open(page, 'code-par')
    await goOn(page, demo, 1)
    await page.route('**/par', (route) => route.abort())
    await page.click('#next')
    await expect(page.locator('#failed')).toContainText(`No answer came from ${demo.issuer}.`)
    await expect(page.locator('#failed')).toContainText('See that it is running')
    await expect(page.locator('#diagram a')).toHaveCount(2)
    await expect(page.locator('#arrow-e2')).toContainText('No answer')
    await page.click('#arrow-e1')
    await expect(page.locator('.verdict')).toContainText('Passed: 200 OK')
    await page.unroute('**/par')
    await page.click('#failed-again')
    await goOn(page, demo, 2)
    await expect(page.locator('#failed')).toHaveCount(0)
  })

  test('a blocked window: a hint, and a link that leads there without leading back', async ({ page }) => {
    await page.addInitScript(() => {
      window.open = () => null
    })
    await open(page, 'code-pkce')
    await goOn(page, demo, 1)
    await page.click('#next')
    await page.click('#person')
    const hint = page.locator('#waiting [role="alert"]')
    await expect(hint).toContainText('Your browser blocked the window. Allow pop-ups')
    const [opened] = await Promise.all([page.waitForEvent('popup'), hint.locator('a').click()])
    await expect(opened.locator('h1')).toHaveText('Sign in')
    expect(await opened.evaluate(() => window.opener as unknown)).toBe(null)
    await opened.close()
  })

  test('the window is closed without going on: the run waits until she gives up, and shows what took place and no more', async ({
    page,
  }) => {
    await open(page, 'code-pkce')
    await goOn(page, demo, 1)
    await page.click('#next')
    await page.click('#give-up')
    await expect(page.locator('#failed')).toContainText('Nobody came back')
    await expect(page.locator('#diagram a')).toHaveCount(1)
    await page.click('#failed-again')
    await goOn(page, demo, 1)
    await page.click('#next')
    const [opened] = await Promise.all([page.waitForEvent('popup'), page.click('#person')])
    await opened.waitForSelector('#login-submit')
    await opened.close()
    await expect(page.locator('#waiting')).toBeVisible()
    await page.click('#give-up')
    await expect(page.locator('#failed')).toContainText('Nobody came back')
    await expect(page.locator('#diagram a')).toHaveCount(3)
    await expect(page.locator('#diagram')).toContainText('The server shows a page')
  })

  test('a client that asks again and again does not take out of sight what she has to do', async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 600 })
    await open(page, 'device')
    await goOn(page, demo, 2)
    await page.click('#next')
    await expect(page.locator('#person')).toBeInViewport()
    await expect(page.locator('#detail-title')).toHaveText(/asks whether she has answered.*\(2\)/, { timeout: 15_000 })
    await expect(page.locator('#waiting-title')).toBeInViewport()
  })

  test('the callback page: nobody listens, somebody else listens, nothing came', async ({ page, context }) => {
    await page.goto(`${demo.issuer}/explorer/callback.html?code=c&state=s`)
    await expect(page).toHaveURL(`${demo.issuer}/explorer/callback.html`)
    await expect(page.locator('#nobody')).toContainText('The run ended with the page')
    await expect(page.locator('#telling')).toBeHidden()
    await page.goto(`${demo.issuer}/explorer/callback.html`)
    await expect(page.locator('#nothing')).toContainText('Nothing came with this address')
    await page.click('#nothing a')
    await expect(page.locator('.cards')).toBeVisible()

    await page.goto(`${demo.issuer}/explorer/#/code-pkce`)
    await goOn(page, demo, 1)
    await page.click('#next')
    await expect(page.locator('#person')).toBeVisible()
    const stranger = await context.newPage()
    await stranger.goto(`${demo.issuer}/explorer/callback.html?code=c&state=of-another-run`)
    await expect(stranger.locator('#nobody')).toBeVisible()
    await expect(page.locator('#person')).toBeVisible()
  })

  for (const [way, minutes] of [
    ['ahead of', 60],
    ['behind', -60],
  ] as const)
    test(`this clock an hour ${way} the server's: it is said`, async ({ page }) => {
      await page.addInitScript((off) => {
        const { now } = Date
        Date.now = () => now() + off
      }, minutes * 60_000)
      await open(page, 'code-dpop')
      await goOn(page, demo, 1)
      await page.click('#next')
      await expect(page.locator('#failed')).toContainText(new RegExp(`This clock is 3[56]\\d\\d s ${way} the server’s`))
      await expect(page.locator('#failed')).toContainText('Set this clock right')
    })
})
