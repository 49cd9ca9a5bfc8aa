import type { Browser } from '@holdfast/testing/browser'

const CSRF = { 'x-holdfast-csrf': '1' }

/**
 * Does in the page of a backend for frontend what its script and a person do: the browser here runs no scripts. The page asks who is signed
 * in whenever it is loaded.
 *
 * @param say what she is asked to do: a button between quotes, or nothing but to look
 * @param signIn answers the pages of the server, until the browser is at the page again
 */
export async function useBffPage(browser: Browser, url: string, say: string, signIn: () => Promise<void>): Promise<void> {
  await browser.goto(url)
  const { origin, pathname } = new URL(url)
  if (pathname !== '/') return
  await loaded(browser, origin)
  const press = /“([^”]+)”/.exec(say)?.[1]
  if (press === 'Sign in') {
    await browser.click('#sign-in')
    await signIn()
    if (browser.has('#continue')) await browser.click('#continue')
    await loaded(browser, origin)
  } else if (press === 'Call the API') await browser.fetch(`${origin}/api/accounts`, { headers: CSRF })
  else if (press === 'Sign out') {
    const answer = await browser.fetch(`${origin}/bff/logout`, { method: 'POST', headers: CSRF })
    const { location } = (await answer.json()) as { readonly location: string }
    await browser.goto(origin + location)
    if (browser.has('#logout-out')) await browser.click('#logout-out')
    await loaded(browser, origin)
  }
}

async function loaded(browser: Browser, origin: string): Promise<void> {
  if (new URL(browser.url).origin === origin && browser.has('#who')) await browser.fetch(`${origin}/bff/session`, { headers: CSRF })
}
