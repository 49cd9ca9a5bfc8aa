import { expect, type Page, test } from '@playwright/test'
import { type RunningDemo, startDemo } from './demo.ts'
import { tabTo, unseenFocus } from './explorer/keys.ts'
import { goOn } from './explorer/person.ts'

test.use({ actionTimeout: 10_000 })

let demo: RunningDemo
test.beforeAll(async () => {
  demo = await startDemo()
})
test.afterAll(() => demo.stop())

const focused = (page: Page): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id)

/** The person's part, by keys too. */
async function signInByKeys(page: Page): Promise<void> {
  const [opened] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')])
  await opened.waitForSelector('#password')
  if ((await opened.inputValue('#username')) === '') {
    await opened.focus('#username')
    await opened.keyboard.type('demo')
  }
  await opened.focus('#password')
  await opened.keyboard.type(demo.password)
  await opened.keyboard.press('Enter')
  await opened.waitForSelector('#consent-allow')
  await opened.focus('#consent-allow')
  await opened.keyboard.press('Enter')
  await opened.waitForEvent('close')
}

test('a flow is run, read and left by the keyboard alone, and the focus can always be seen', async ({ page }) => {
  await page.goto(`${demo.issuer}/explorer/`)
  await expect(page.locator('.cards')).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.locator('.skip')).toBeFocused()
  await expect(page.locator('.skip')).toBeInViewport()
  await page.keyboard.press('Enter')
  expect(await focused(page)).toBe('title')
  await tabTo(page, 'a[href="#/code-dpop"]')
  await page.keyboard.press('Enter')
  await expect(page.locator('h1')).toHaveText('Code with tokens bound to a key (DPoP)')
  expect(await focused(page)).toBe('title')

  await tabTo(page, '#run')
  await page.keyboard.press('Enter')
  await expect(page.locator('#person')).toBeVisible()
  expect(await focused(page)).toBe('run')
  await tabTo(page, '#person')
  await signInByKeys(page)
  await expect(page.locator('.pips .done')).toHaveCount(5)
  expect(await unseenFocus(page)).toBe('')

  await page.focus('#title')
  await tabTo(page, 'a[id^="arrow-"]')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  expect(await focused(page)).toBe('arrow-e2')
  expect(await unseenFocus(page)).toBe('')
  await page.keyboard.press('Enter')
  await expect(page.locator('#detail-title')).toBeFocused()
  await expect(page.locator('#detail-title')).toHaveText('The client hands in its request')
  expect(await unseenFocus(page)).toBe('')

  await tabTo(page, '#tab-sent')
  for (const [key, tab] of [
    ['ArrowRight', 'came'],
    ['ArrowRight', 'checked'],
    ['ArrowRight', 'sent'],
    ['End', 'checked'],
    ['Home', 'sent'],
    ['ArrowLeft', 'checked'],
  ] as const) {
    await page.keyboard.press(key)
    await expect(page.locator(`#tab-${tab}`)).toBeFocused()
    await expect(page.locator(`#tab-${tab}`)).toHaveAttribute('aria-selected', 'true')
    await expect(page.locator('#tab-panel')).toHaveAttribute('aria-labelledby', `tab-${tab}`)
  }
  await expect(page.locator('#tab-panel')).toContainText('proof')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('tab-panel')
  expect(await unseenFocus(page)).toBe('')
  // What Alt and the left arrow do, which is the browser's and not the page's.
  await page.goBack()
  await expect(page).toHaveURL(/#\/code-dpop$/)

  await page.focus('#title')
  await tabTo(page, '#export summary')
  await page.keyboard.press('Enter')
  await tabTo(page, '#export-har')
  await page.keyboard.press('Escape')
  await expect(page.locator('#export-har')).toBeHidden()
  await expect(page.locator('#export summary')).toBeFocused()
})

test('the text says of each message what the picture says, and a screen reader hears either once', async ({ page }) => {
  await page.goto(`${demo.issuer}/explorer/#/code-par`)
  await goOn(page, demo, 5)
  const heard = await page.locator('#diagram').ariaSnapshot()
  const drawn = await page.locator('#diagram a').all()
  const labels = await Promise.all(drawn.map(async (one) => (await one.ariaSnapshot()).replaceAll(/\s+/g, ' ')))
  expect(drawn.length).toBeGreaterThan(7)
  expect(heard.match(/- listitem/g)).toHaveLength(drawn.length)
  expect(heard.match(/- '?link "/g)).toHaveLength(drawn.length)

  await page.click('#as-text')
  const items = await page.locator('#twin > li').all()
  expect(items).toHaveLength(drawn.length)
  for (const [index, item] of items.entries()) {
    const title = await item.locator('.twin-title').innerText()
    const [method = '', path = ''] = (await item.locator('code').innerText()).split(' ')
    const [from = '', to = ''] = (await item.locator('.twin-way').innerText()).split(/→[\s\S]*?to\s+/).map((one) => one.trim())
    const came = await item.locator('.twin-came').innerText()
    const [outcome = '', checks = ''] = came.split('·').map((one) => one.trim())
    for (const part of [title, method, path, from, to, outcome]) expect(part).not.toBe('')
    expect(outcome).toMatch(/^(Passed: \d{3} |Arrived$)/)
    // The page is no server that could tell what it checked.
    if (outcome !== 'Arrived' && /authorize|\/par|\/token|\/api/.test(path)) expect(checks).toMatch(/^\d+ checks? passed$/)
    const label = labels[index] ?? ''
    expect(label).toContain(`${index + 1}. ${title}. ${method} ${path} from ${from} to ${to}. ${outcome}.`)
    expect(label).toContain(checks)
    expect(label.split(title)).toHaveLength(2)
  }
})
