/** What the victim does at the pages for devices and for requests of applications elsewhere. */
import { DESK_SECRET, PASSWORD } from './installation.mjs'
import { basic, Browser, post, VERIFIER } from './thief.mjs'
import { codeOf } from './world.mjs'

const hidden = (text, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? ''

/** Signs in at a page of ours, such as `/device`. @returns the page after it */
export async function signedInAt(world, path, browser, username = 'victim') {
  let url = `${world.issuer}${path}`
  let seen = await browser.go(url)
  for (let steps = 0; steps < 4 && seen.location !== undefined; steps++) {
    url = seen.location
    seen = await browser.go(url)
    if (seen.text.includes('login-submit')) seen = await browser.submit(seen, url, { username, password: PASSWORD })
  }
  return seen
}

/** Types the code, and gives the answer. @returns the last page, and the one on which it was asked */
export async function answerDevice(world, userCode, { browser = new Browser(), username = 'victim', page } = {}) {
  const entry = page ?? (await signedInAt(world, '/device', browser, username))
  const asked = await browser.submit(entry, `${world.issuer}/device`, { user_code: userCode })
  const request = hidden(asked.text, 'request')
  if (request === '') return { asked, last: asked }
  return { asked, last: await browser.submit(asked, `${world.issuer}/device/decision`, { request, answer: 'allow' }) }
}

/** Allows the newest of what applications ask the person elsewhere. */
export async function answerApproval(world, { browser = new Browser(), username = 'victim', page } = {}) {
  const asked = page ?? (await signedInAt(world, '/approve', browser, username))
  const request = hidden(asked.text, 'request')
  if (request === '') return { asked, last: asked }
  return { asked, last: await browser.submit(asked, `${world.issuer}/approve`, { request, answer: 'allow' }) }
}

export const desk = () => basic('desk', DESK_SECRET)

/** A code of the desk, for the person and with the parameters given. */
export function deskCode(world, over = {}, username = 'victim') {
  return codeOf(world, { client_id: 'desk', redirect_uri: 'https://desk.example.com/callback', ...over }, username)
}

export function redeemAtDesk(world, code, over = []) {
  return post(
    `${world.issuer}/token`,
    [...Object.entries({ grant_type: 'authorization_code', code, code_verifier: VERIFIER }), ...over],
    desk(),
  )
}

export async function askDevice(world, fields = { scope: 'openid accounts:read' }) {
  return post(`${world.issuer}/device_authorization`, [...Object.entries({ client_id: 'tv' }), ...Object.entries(fields)])
}
