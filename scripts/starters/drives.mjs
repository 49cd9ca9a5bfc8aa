/** From a running application to what it is for: a signed-in page, or the first call that is let in. */
import { findChromium } from '../chromium.mjs'
import { run } from '../run.mjs'

const SLOWEST = 30_000

/** Runs one of the application's own commands. @returns what it printed */
async function npmRun({ folder, env }, name) {
  const { code, output, error } = await run('npm', ['run', '--silent', name], { cwd: folder, env, quiet: true })
  if (code !== 0) throw new Error(`npm run ${name} ended with ${code}:\n${output}${error}`)
  return output
}

/** An API has a program that calls it; it prints one line a call. */
async function calls(app, ...lines) {
  const output = await npmRun(app, 'call')
  const missing = lines.find((line) => !output.includes(line))
  if (missing !== undefined) throw new Error(`npm run call did not print "${missing}":\n${output}`)
}

/**
 * Signs in in a real browser, calls the API, is asked for more and proves it, and signs out. What a script of the page could
 * steal is looked at on the way: no token, no cookie, nothing stored.
 */
async function inBrowser(app, times) {
  const { chromium } = await import('@playwright/test')
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  const faults = []
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(SLOWEST)
    page.on('console', (message) => message.type() === 'error' && !/status of 40\d/.test(message.text()) && faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(String(error)))
    await page.goto(app.url)
    await page.click('#sign-in')
    await page.fill('#username', app.person.username)
    await page.fill('#password', app.person.password)
    await page.click('#login-submit')
    await page.click('#consent-allow')
    await shows(page, '#who', 'Demo Person')
    times.signedIn()
    await page.click('#call')
    await shows(page, '#status', '200')
    const stealable = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }))
    if (stealable !== '{}') faults.push(`a script can read ${stealable}`)
    await page.click('#delete')
    await shows(page, '#status', '401')
    await page.click('#step-up')
    await page.fill('#code', (await npmRun(app, 'code')).trim())
    await page.click('#code-submit')
    await shows(page, '#who', 'Demo Person')
    await page.click('#delete')
    await shows(page, '#status', '200')
    await page.click('#sign-out')
    await page.waitForSelector('#sign-in')
    if (faults.length > 0) throw new Error(`the browser complains:\n${faults.join('\n')}`)
  } finally {
    await browser.close()
  }
}

async function shows(page, selector, text) {
  await page.locator(selector, { hasText: text }).waitFor()
}

export const DRIVES = {
  'express-api': (app) => calls(app, 'GET /notes: 200', 'DELETE /notes: 401', 'insufficient_user_authentication'),
  'mcp-server': (app) => calls(app, 'whoami: agent'),
  'spa-bff': inBrowser,
  nextjs: inBrowser,
}
