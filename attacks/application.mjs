/** What people do at the application whose backend keeps their tokens: as its page does, with a browser's headers. */
import { request } from 'node:http'
import { Browser } from './thief.mjs'
import { through } from './world.mjs'

/** A window that goes somewhere. */
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-origin' }
/** What the page's scripts send along. */
export const OWN = { 'x-holdfast-csrf': '1', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

/** A browser that says itself where a request comes from: `fetch` has words of its own for it, and takes no others. */
export class Window extends Browser {
  async go(url, { method = 'GET', headers = {}, body } = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const { status, lines, text } = await new Promise((resolve, reject) => {
      const [, origin, path] = /^(https?:\/\/[^/]+)(.*)$/.exec(url)
      // The path as it is written: a parser of URLs would tidy it up.
      const sent = request(origin, { path, method, headers: { ...(cookie && { cookie }), ...headers } }, (got) => {
        const chunks = []
        got.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
        got.on('end', () => resolve({ status: got.statusCode, lines: got.headers, text: Buffer.concat(chunks).toString() }))
      })
      sent.on('error', reject).end(body === undefined ? undefined : String(body))
    })
    for (const line of lines['set-cookie'] ?? []) {
      const [pair] = line.split(';')
      const name = pair.slice(0, pair.indexOf('='))
      if (/; *max-age=0/i.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, pair.slice(pair.indexOf('=') + 1))
    }
    return { status, location: lines.location, text }
  }
}

/** Signs somebody in at the application. @returns their browser */
export async function signedIn(world, username = 'victim', browser = new Window()) {
  await world.backend()
  const begun = await browser.go(`${world.app}/bff/login?return_to=/`, { headers: NAVIGATION })
  const { location } = await through(world, begun.location, browser, username)
  await browser.go(location, { headers: { ...NAVIGATION, 'sec-fetch-site': 'cross-site' } })
  const { claims } = await sessionOf(world, browser)
  if (claims === undefined) throw new Error(`${username} is not signed in at the application: ${location}`)
  return browser
}

export async function sessionOf(world, browser) {
  return JSON.parse((await browser.go(`${world.app}/bff/session`, { headers: OWN })).text)
}

/** What the page gets from the API: the subject of the token that the backend showed there. */
export function call(world, browser, { node = world.app, path = '/api/accounts', headers = OWN, ...init } = {}) {
  return browser.go(node + path, { headers, ...init })
}

/** The stage of a node: see bff.mjs. */
export async function stage(node, name, value) {
  return Number(await (await fetch(`${node}/harness/${name}${value === undefined ? '' : `?${value}`}`)).text())
}

/** Tokens that are at their end at once. */
export async function withShortTokens(world, work) {
  const nodes = await world.backend()
  for (const node of nodes) await stage(node, 'short', 1)
  try {
    return await work()
  } finally {
    for (const node of nodes) await stage(node, 'short', 0)
  }
}
