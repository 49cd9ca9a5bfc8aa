import { expect, type Page } from '@playwright/test'
import type { RunningDemo } from '../demo.ts'

/** What a person may be asked in a window of hers, and what she does: in the order in which they are looked for. */
const PAGES: readonly { readonly shows: string; readonly act: (page: Page, password: string) => Promise<void> }[] = [
  {
    shows: '#login-submit',
    async act(page, password) {
      if ((await page.inputValue('#username')) === '') await page.fill('#username', 'demo')
      await page.fill('#password', password)
      await page.click('#login-submit')
    },
  },
  { shows: '#consent-allow', act: (page) => page.click('#consent-allow') },
  { shows: '#device-allow', act: (page) => page.click('#device-allow') },
  { shows: '#code-submit', act: (page) => page.click('#code-submit') },
  { shows: 'button[value="allow"]', act: (page) => page.locator('button[value="allow"]').last().click() },
]
/** What tells that there is nothing more to do: a page at which the way ends. */
const ENDS = '#arrived, #notice, #oauth-error, main > #done:not([hidden]), main > #nobody:not([hidden])'

/** Goes through the window that the explorer asks her to open, until it closes or leads nowhere. */
export async function actInWindow(page: Page, demo: RunningDemo): Promise<void> {
  const [opened] = await Promise.all([page.waitForEvent('popup'), page.click('#person')])
  const seen = [...PAGES.map(({ shows }) => shows), ENDS].join(', ')
  for (let pages = 0; pages < 8 && !opened.isClosed(); pages++) {
    try {
      await opened.waitForSelector(seen, { timeout: 10_000 })
      if (await opened.locator(ENDS).first().isVisible()) break
      for (const { shows, act } of PAGES) {
        if (!(await opened.locator(shows).first().isVisible())) continue
        const { length } = opened.url()
        await act(opened, demo.password)
        await opened.waitForLoadState('load')
        expect(length).toBeGreaterThan(0)
        break
      }
    } catch (error) {
      if (!opened.isClosed())
        throw new Error(`${opened.url()} shows ${(await opened.locator('body').innerText()).slice(0, 300)}`, { cause: error })
    }
  }
  if (!opened.isClosed()) await opened.close()
}

/** Runs a flow to its end, as somebody would who presses the buttons. */
export async function runToEnd(page: Page, demo: RunningDemo, steps = Infinity): Promise<void> {
  const ended = page.locator('#next[aria-disabled="true"]')
  for (let turn = 0; turn < 300; turn++) {
    if (await page.locator('#failed').isVisible()) throw new Error(`the run failed: ${await page.locator('#failed').innerText()}`)
    if ((await doneSteps(page)) >= Math.min(steps, await allSteps(page))) return
    if (await page.locator('#person').isVisible()) {
      await actInWindow(page, demo)
      // A client that asks again and again hears of it some seconds later.
      await expect(page.locator('#waiting')).toBeHidden({ timeout: 15_000 })
    } else if (await page.locator('#answer').isVisible()) {
      await page.fill('#answer', demo.password)
      await page.click('#answer-go')
    } else if ((await ended.count()) === 0) await page.click('#next')
    await page.waitForTimeout(100)
  }
  throw new Error('the run does not end')
}

async function doneSteps(page: Page): Promise<number> {
  return page.locator('.pips .done').count()
}

async function allSteps(page: Page): Promise<number> {
  return page.locator('.pips li').count()
}
