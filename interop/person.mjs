/**
 * Ada and her browser, behind a small address on loopback, so that a client in any language needs no browser:
 * `POST /authorize {url}` → `{url}` where she was sent in the end; `POST /device {user_code}`; `POST /approve {binding_message}`.
 */
import { createServer } from 'node:http'
import { answerDevice, answerRequest } from '@holdfast/testing/approver'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import { remote } from '@holdfast/testing/remote'

const MOST_PAGES = 6

export async function startPerson({ issuer, username, password, port }) {
  const person = { issuer, username, password }
  const newBrowser = () => new Browser(new Internet().host(issuer, remote(issuer)))
  const deeds = {
    '/authorize': async ({ url }) => ({ url: await authorize(newBrowser(), person, url) }),
    '/device': async ({ user_code: code }) => {
      await answerDevice(newBrowser(), person, code, 'allow')
      return {}
    },
    '/approve': async ({ binding_message: message }) => {
      await answerRequest(newBrowser(), person, message, 'allow')
      return {}
    },
  }
  const server = createServer((incoming, outgoing) => {
    let text = ''
    incoming.on('data', (chunk) => (text += chunk))
    incoming.on('end', () => void answer(deeds[incoming.url ?? ''], text, outgoing))
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

async function answer(deed, text, outgoing) {
  const say = (status, body) => outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  try {
    if (deed === undefined) say(404, { error: 'she cannot do that' })
    else say(200, await deed(JSON.parse(text)))
  } catch (error) {
    say(500, { error: error.message })
  }
}

async function authorize(browser, { issuer, username, password }, url) {
  await browser.goto(url)
  for (let pages = 0; pages < MOST_PAGES && browser.url.startsWith(`${issuer}/`); pages++) {
    if (browser.has('#login-submit')) await browser.fill('#username', username).fill('#password', password).click('#login-submit')
    else if (browser.has('#consent-allow')) await browser.click('#consent-allow')
    else throw new Error(`the browser stands at ${browser.url} (${browser.status}): ${browser.text('main')}`)
  }
  return browser.url
}
