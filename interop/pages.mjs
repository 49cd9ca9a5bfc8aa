/** What Ada does on the server's pages, on her way from one address to where she is sent in the end. */
const MOST_PAGES = 8

/** @returns all addresses on the way, and what she was asked to allow */
export async function walk(browser, { issuer, username, password }, url) {
  await browser.goto(url)
  const visited = [...browser.visited]
  const asked = []
  for (let pages = 0; pages < MOST_PAGES && browser.url.startsWith(`${issuer}/`); pages++) {
    if (browser.has('#login-submit')) await browser.fill('#username', username).fill('#password', password).click('#login-submit')
    else if (browser.has('#consent-allow')) {
      asked.push(browser.text('main'))
      await browser.click('#consent-allow')
    } else if (browser.has('#logout-confirm')) await browser.click('#logout-out')
    else if (browser.has('#logout-result')) {
      await loadFrames(browser)
      if (!browser.has('#logout-continue')) return { visited, asked }
      await browser.click('#logout-continue')
    } else throw new Error(`the browser stands at ${browser.url} (${browser.status}): ${browser.text('main')}`)
    visited.push(...browser.visited)
  }
  return { visited, asked }
}

/** Front-Channel Logout §3: the page shows each address in a frame. All is one host here, so its cookies go along. */
async function loadFrames(browser) {
  for (const frame of browser.document.findAll('iframe')) {
    const url = new URL(frame.attribute('src'), browser.url)
    const cookie = browser.cookies.header(url, { sameSite: true, safeNavigation: true })
    const response = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html', ...(cookie && { cookie }) } })
    if (!response.ok) throw new Error(`the frame ${url} answered ${response.status}`)
    for (const line of response.headers.getSetCookie()) browser.cookies.set(url.href, line)
  }
}
