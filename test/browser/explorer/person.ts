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
  { shows: '#logout-out', act: (page) => page.click('#logout-out') },
  { shows: 'button[value="allow"]', act: (page) => page.locator('button[value="allow"]').last().click() },
]
/** What tells that there is nothing more to do: a page at which the way ends. */
const ENDS = 'h1:text("Sign-in did not work"), #arrived, #notice, #oauth-error, main > #done:not([hidden]), main > #nobody:not([hidden])'

/** The page of the backend for the frontend, which asks who is signed in by itself, and what there is to press in it. */
const BFF_PAGE = '#who'
const BUTTONS: Readonly<Record<string, string>> = { 'Sign in': '#sign-in', 'Call the API': '#call', 'Sign out': '#sign-out' }

async function pressInBffPage(page: Page, button: string): Promise<void> {
  if (button === '#call') {
    await page.click(button)
    return page.locator('#answer').waitFor({ state: 'visible' })
  }
  await Promise.all([page.waitForEvent('framenavigated'), page.click(button)])
}

/** Goes through the window that the explorer asks her to open, until it closes or leads nowhere. */
export async function actInWindow(page: Page, demo: RunningDemo): Promise<void> {
  const press = /“([^”]+)”/.exec(await page.locator('#waiting').innerText())?.[1]
  let button = BUTTONS[press ?? '']
  const [opened] = await Promise.all([page.waitForEvent('popup'), page.click('#person')])
  const seen = [...PAGES.map(({ shows }) => shows), BFF_PAGE, ENDS].join(', ')
  for (let pages = 0; pages < 8 && !opened.isClosed(); pages++) {
    try {
      await opened.waitForSelector(seen, { timeout: 10_000 })
      if (await opened.locator(ENDS).first().isVisible()) break
      if (await opened.locator(BFF_PAGE).isVisible()) {
        await expect(opened.locator(BFF_PAGE)).toHaveText(/signed in/)
        if (button === undefined) break
        const now = button
        button = undefined
        await pressInBffPage(opened, now)
        continue
      }
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

/** Presses the button, and does what the person is asked, until so many steps are done. */
export async function goOn(page: Page, demo: RunningDemo, steps: number): Promise<void> {
  const done = page.locator('.pips .done')
  for (let before = await done.count(); before < steps; before++) {
    await page.click('#next:not([aria-disabled="true"])')
    for (let turn = 0; (await done.count()) === before; turn++) {
      if (await page.locator('#failed').isVisible()) throw new Error(`the run failed: ${await page.locator('#failed').innerText()}`)
      // The page may have moved under the pointer: who sees that nothing happens presses again.
      if (turn % 40 === 39) await pressAgain(page, '#next', before)
      if (turn > 600) throw new Error(`the step does not end: ${await page.locator('main').innerText()}`.slice(0, 3000))
      await answerFor(page, demo, 15_000)
      await page.waitForTimeout(50)
    }
  }
}

/** Plays the thief, and the person where the thief needs her. */
export async function tryAttack(page: Page, demo: RunningDemo, id: string): Promise<void> {
  await page.click(`#attack-${id}`)
  const result = page.locator('.attack', { has: page.locator(`#attack-${id}`) }).locator('.result')
  for (let turn = 0; turn < 300 && !(await result.isVisible()); turn++) {
    if (turn % 40 === 39) await pressAgain(page, `#attack-${id}`)
    await answerFor(page, demo, 3000)
    await page.waitForTimeout(50)
  }
}

/** In one go, so that nothing ends between the look and the press: only where nothing is under way, and no more steps are done than those. */
async function pressAgain(page: Page, selector: string, steps?: number): Promise<void> {
  await page.evaluate(
    ([button = '', done]) => {
      const found = document.querySelector<HTMLElement>(button)
      const same = done === undefined || document.querySelectorAll('.pips .done').length === Number(done)
      if (found?.getAttribute('aria-disabled') !== 'true' && same && document.querySelector('.spinner') === null) found?.click()
    },
    [selector, steps?.toString()] as const,
  )
}

/** @param patience how long what the person did may take to arrive, in milliseconds */
async function answerFor(page: Page, demo: RunningDemo, patience: number): Promise<void> {
  if (await page.locator('#person').isVisible()) {
    await actInWindow(page, demo)
    // A client that asks again and again hears of it some seconds later; from a thief's link nothing comes back.
    await page
      .locator('#waiting')
      .waitFor({ state: 'hidden', timeout: patience })
      .catch(() => page.click('#give-up'))
  } else if (await page.locator('#answer').isVisible()) {
    await page.fill('#answer', demo.password)
    await page.click('#answer-go')
  }
}
