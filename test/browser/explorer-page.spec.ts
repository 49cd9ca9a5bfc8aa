import { expect, type Page, test } from '@playwright/test'
import { type RunningDemo, startDemo } from './demo.ts'
import { goOn, tryAttack } from './explorer/person.ts'
import { expectGoodLooks, LOOKS } from './looks.ts'

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

test(`the first page, “Your issuer” and a flow that has not begun: ${LOOKS}`, async ({ page }, info) => {
  await open(page, '')
  await expectGoodLooks(page, info, { name: 'start', shows: '.cards' })
  await open(page, 'issuer')
  await page.click('#issuer-go')
  await expectGoodLooks(page, info, { name: 'issuer', shows: '.field-fault' })
  await page.setViewportSize({ width: 1280, height: 800 })
  await open(page, 'code-dpop')
  await expectGoodLooks(page, info, { name: 'begin', shows: '#next' })
})

test(`a person's turn, and a run that stopped: ${LOOKS}`, async ({ page }, info) => {
  await open(page, 'code-par')
  await goOn(page, demo, 2)
  await page.click('#next')
  await expectGoodLooks(page, info, { name: 'waiting', shows: '#waiting' })
  await page.click('#give-up')
  await expectGoodLooks(page, info, { name: 'failed', shows: '#failed' })
})

test(`a run at its end, with a thief who got in and one who did not: ${LOOKS}`, async ({ page }, info) => {
  await open(page, 'code-pkce')
  await goOn(page, demo, 2)
  await tryAttack(page, demo, 'code-wrong-verifier')
  await expect(page.locator('.result.refused')).toBeVisible()
  await goOn(page, demo, 4)
  await tryAttack(page, demo, 'stolen-bearer')
  await expect(page.locator('#score')).toHaveText('2 tried, 1 refused, 1 got in')
  await expectGoodLooks(page, info, { name: 'end', shows: '.result.won' })
})

test(`a run as text, with a proof taken apart, and what was checked of it: ${LOOKS}`, async ({ page }, info) => {
  await open(page, 'code-dpop')
  await goOn(page, demo, 5)
  await expect(page.locator('.cord')).toBeAttached()
  await page.click('#as-text')
  const jwt = page.locator('#detail .jwt').filter({ hasText: 'Take apart: DPoP proof' })
  await jwt.locator('> summary').click()
  await jwt.locator('.made > summary').click()
  await expect(jwt.locator('.made ol')).toContainText('Thumbprint')
  await expectGoodLooks(page, info, { name: 'detail', shows: '#twin' })
  await page.click('#tab-checked')
  await page.click('#as-text')
  await expectGoodLooks(page, info, { name: 'checked', shows: '#detail .findings >> nth=0' })
})
