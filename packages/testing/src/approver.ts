import type { Browser } from './browser.ts'

/** A person of the server, and where its pages are. */
export interface ApprovingPerson {
  /** The server's issuer: its pages are below it. */
  readonly issuer: string
  readonly username: string
  readonly password: string
}

export type PersonsAnswer = 'allow' | 'deny'

/**
 * Answers a backchannel request (CIBA Core §8) as its person does: opens the page of requests, signs in when asked to,
 * finds the request by its message and presses a button.
 *
 * @throws {Error} no request with this message waits, several do, or the page says that the answer was not taken
 */
export async function answerRequest(
  browser: Browser,
  person: ApprovingPerson,
  bindingMessage: string,
  answer: PersonsAnswer,
): Promise<void> {
  await openSignedIn(browser, person, '/approve')
  const requests = browser.document.findAll('section.request').filter((one) => one.find('.binding-message')?.text === bindingMessage)
  const [request] = requests
  if (request === undefined || requests.length > 1)
    throw new Error(`${requests.length} requests say ${JSON.stringify(bindingMessage)} on ${browser.url}: ${browser.text('main')}`)
  const button = request.find(`button[value=${answer}]`)?.attribute('id')
  if (button === undefined) throw new Error(`the request has no button for ${answer}`)
  await browser.click(`#${button}`)
  expectNotice(browser)
}

/**
 * Connects a device (RFC 8628 §3.3) as its owner does: opens the page, signs in when asked to, types the code, compares
 * it and presses a button.
 *
 * @throws {Error} the code is not taken, another one is shown, or the page says that the answer was not taken
 */
export async function answerDevice(browser: Browser, person: ApprovingPerson, userCode: string, answer: PersonsAnswer): Promise<void> {
  await openSignedIn(browser, person, '/device')
  browser.fill('#user-code', userCode)
  await browser.click('#code-submit')
  if (!browser.has('#confirm-code')) throw new Error(`the code ${userCode} is not taken (${browser.status}): ${browser.text('main')}`)
  const shown = browser.text('#confirm-code')
  if (shown !== userCode) throw new Error(`the page shows the code ${shown}, not ${userCode}`)
  await browser.click(`#device-${answer}`)
  expectNotice(browser)
}

async function openSignedIn(browser: Browser, { issuer, username, password }: ApprovingPerson, path: string): Promise<void> {
  await browser.goto(issuer + path)
  if (!browser.has('#login-submit')) return
  browser.fill('#username', username)
  browser.fill('#password', password)
  await browser.click('#login-submit')
  if (browser.has('#login-submit')) throw new Error(`${username} could not sign in (${browser.status}): ${browser.text('main')}`)
}

function expectNotice(browser: Browser): void {
  if (browser.status !== 200 || !browser.has('#notice'))
    throw new Error(`the answer was not taken (${browser.status}): ${browser.text('main')}`)
}
