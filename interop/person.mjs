/**
 * Ada and her browsers, behind a small address on loopback, so that a client in any language needs no browser:
 * `POST /authorize {url, browser?}` → `{url, asked}` where she was sent in the end, and the texts she allowed; `POST /device {user_code}`;
 * `POST /approve {binding_message}`; and of a browser that is kept, by its name:
 * `POST /visit {browser, url}` → `{url, status, body, visited}`; `POST /signed-in {browser}` → `{signedIn}` at the server;
 * `POST /sign-out {browser}`, which she does at the server herself.
 */
import { createServer } from 'node:http'
import { answerDevice, answerRequest } from '@holdfast/testing/approver'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import { remote } from '@holdfast/testing/remote'
import { request } from 'undici'
import { walk } from './pages.mjs'

export async function startPerson({ issuer, username, password, port, parties, callback, endSession }) {
  const person = { issuer, username, password }
  const browsers = new Map()
  const newBrowser = () => {
    const internet = new Internet()
    for (const origin of [issuer, ...Object.values(parties)]) internet.host(origin, remote(origin, send))
    return new Browser(internet)
  }
  const named = (name) => {
    if (!browsers.has(name)) browsers.set(name, newBrowser())
    return browsers.get(name)
  }
  const visit = async ({ browser: name, url }) => {
    const browser = name === undefined ? newBrowser() : named(name)
    const { visited, asked } = await walk(browser, person, url)
    return { url: browser.url, status: browser.status, body: browser.body, visited, asked }
  }
  const deeds = {
    '/authorize': async (where) => {
      const { url, asked } = await visit(where)
      return { url, asked }
    },
    '/visit': visit,
    '/signed-in': async ({ browser }) => {
      const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
      const asked = { client_id: 'web', response_type: 'code', scope: 'openid', redirect_uri: callback, prompt: 'none', state: 's' }
      const query = new URLSearchParams({ ...asked, code_challenge: challenge, code_challenge_method: 'S256' })
      const { url } = await visit({ browser, url: `${issuer}/authorize?${query}` })
      return { signedIn: new URL(url).searchParams.get('error') !== 'login_required' }
    },
    '/sign-out': ({ browser }) => visit({ browser, url: endSession }),
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

/** `fetch` would write its own Sec-Fetch-Mode, and an application sends no script to sign in. */
async function send(url, { method, headers, body }) {
  const answered = await request(url, { method, headers: headers.flat(), body })
  const lines = Object.entries(answered.headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
  const text = await answered.body.text()
  return new Response([204, 304].includes(answered.statusCode) ? null : text, { status: answered.statusCode, headers: lines })
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
