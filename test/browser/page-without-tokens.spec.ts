import { expect, test } from '@playwright/test'
import { type RunningDemo, startDemo } from './demo.ts'
import { expectGoodLooks, LOOKS } from './looks.ts'

/** The example's page with a backend for frontend (examples/src/bff), as `npm start` serves it. */
test.use({ actionTimeout: 10_000 })

/** One for each test: what a person allowed before is not asked again. */
let demo: RunningDemo
test.beforeEach(async () => {
  demo = await startDemo()
})
test.afterEach(() => demo.stop())

test(`a person signs in, calls the API and signs out, and the page never has a token; ${LOOKS}`, async ({ page }, info) => {
  const faults: string[] = []
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.goto(demo.bff)
  await expect(page.locator('#who')).toHaveText('Nobody is signed in.')
  await expectGoodLooks(page, info, { name: 'signed-out', shows: '#sign-in' })
  await page.click('#sign-in')
  await page.fill('#username', 'demo')
  await page.fill('#password', demo.password)
  await page.click('#login-submit')
  await page.click('#consent-allow')
  await expect(page.locator('#who')).toHaveText('You are signed in as Demo Person.')
  await page.click('#call')
  await expect(page.locator('#answer')).toContainText('Everyday')
  await expectGoodLooks(page, info, { name: 'signed-in', shows: '#answer' })

  const within = await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length].join(' '))
  expect(within).toBe(' 0 0')
  const [session] = (await page.context().cookies(demo.bff)).filter(({ name }) => name === 'holdfast-bff')
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' })

  await page.click('#sign-out')
  await expect(page.locator('#who')).toHaveText('Nobody is signed in.')
  await expect(page.locator('#call')).toBeHidden()
  expect(faults).toEqual([])
})

test('a person who says no is told so at the page, and nobody is signed in', async ({ page }) => {
  await page.goto(demo.bff)
  await page.click('#sign-in')
  await page.fill('#username', 'demo')
  await page.fill('#password', demo.password)
  await page.click('#login-submit')
  await page.click('#consent-deny')
  await expect(page.locator('#who')).toHaveText('Nobody is signed in: the last sign-in did not work (access_denied).')
  await expect(page.locator('#sign-out')).toBeHidden()
})
