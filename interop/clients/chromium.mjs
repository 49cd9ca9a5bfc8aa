/** A real browser for what only one has: scripts, frames and CORS. */
import { chromium } from '@playwright/test'
import { findChromium } from '../../scripts/chromium.mjs'
import { world } from './feature.mjs'

/** Milliseconds for one step of a page. */
const LONGEST = 15_000

/** @returns {Promise<{ newPerson(): Promise<import('@playwright/test').BrowserContext>, close(): Promise<void> }>} */
export async function startChromium() {
  // Chromium refuses its own sandbox when root starts it, as containers do.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath: findChromium(), args })
  const newPerson = async () => {
    const context = await browser.newContext()
    context.setDefaultTimeout(LONGEST)
    return context
  }
  return { newPerson, close: () => browser.close() }
}

/** Ada answers the server's pages until the browser is at an address that begins so. */
export async function goThrough(page, wanted) {
  const at = () => page.url().startsWith(wanted)
  const asked = page.locator('#login-submit, #consent-allow, #logout-out')
  while (!at()) {
    await Promise.race([asked.first().waitFor(), page.waitForURL((url) => url.href.startsWith(wanted))])
    if (at()) break
    if (await page.locator('#login-submit').count()) {
      await page.fill('#username', world.username)
      await page.fill('#password', world.password)
    }
    await Promise.all([page.waitForNavigation(), asked.first().click()])
  }
}

/** She signs out at the server, in another tab of the same browser. */
export async function signOutElsewhere(context) {
  const page = await context.newPage()
  const { end_session_endpoint: endSession } = await (await fetch(`${world.issuer}/.well-known/openid-configuration`)).json()
  await page.goto(endSession)
  await page.click('#logout-out')
  await page.waitForSelector('#logout-result')
  // Its frames are part of it.
  await page.waitForLoadState('load')
  await page.close()
}
