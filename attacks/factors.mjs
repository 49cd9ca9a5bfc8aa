/** People with a second factor, made when an attack needs one: one-time codes and passkeys are used up. */
import { createHmac, randomBytes } from 'node:crypto'
import { SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { PASSWORD } from './installation.mjs'
import { Browser } from './thief.mjs'
import { authorizeUrl } from './world.mjs'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
export const MFA = 'urn:example:mfa'
/** The second factor is asked for where a client asks for it. */
export const whenAsked = (written) => ({
  ...written,
  secondFactor: 'when-asked',
  authenticationLevels: [{ acr: MFA, methods: ['mfa'] }],
})

/** RFC 6238, as the person's app has it. */
function codeAt(secret, step) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', secret).update(counter).digest()
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

const base32 = (bytes) => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits
    .match(/.{5}/g)
    .map((five) => ALPHABET[Number.parseInt(five, 2)])
    .join('')
}

/** A person of that name; with an app for one-time codes unless `app` is false. */
export async function newPerson(world, username, { app = true } = {}) {
  const secret = randomBytes(20)
  const name = `${username} ${randomBytes(4).toString('hex')}`
  const account = { username: name, password: PASSWORD, claims: { name }, ...(app && { totpSecret: base32(secret) }) }
  const made = await world.operate(({ accounts }) => accounts.createAccount(account))
  if (made.sub === undefined) throw new Error(`no account: ${made.field} ${made.message}`)
  const step = () => Math.floor(Date.now() / 30_000)
  return {
    sub: made.sub,
    username: name,
    /** The code of now, or of so many steps away: a server takes one to either side. */
    code: (steps = 0) => codeAt(secret, step() + steps),
    wrong: () => {
      const right = [-2, -1, 0, 1, 2].map((steps) => codeAt(secret, step() + steps))
      return Array.from({ length: 40 }, (_, n) => String(n).padStart(6, '0')).filter((code) => !right.includes(code))
    },
  }
}

/** The server under a name, where passkeys are: an address has none. It is put back afterwards. */
export async function atName(world, work, change = (written) => written) {
  const { issuer } = world
  world.issuer = `http://localhost:${world.ports.as}`
  try {
    await world.restart((written) => change({ ...written, issuer: world.issuer }))
    return await work()
  } finally {
    world.issuer = issuer
    await world.restart()
  }
}

/** A passkey of the person, in an authenticator that holds nothing else. A synced one does not count its uses. */
export async function newPasskey(world, { sub }, { synced = false } = {}) {
  const authenticator = new SoftwareAuthenticator(world.issuer, { synced })
  const { hostname, host, origin } = new URL(world.issuer)
  const place = { rpId: hostname, rpName: host, origin }
  const added = await world.operate(async ({ accounts: { passkeys } }) => {
    const { challenge, options } = await passkeys.creationOptions(place, sub)
    const response = JSON.stringify(authenticator.create(options))
    return passkeys.add(place, sub, challenge, response, 'Key', Math.floor(Date.now() / 1000))
  })
  if (added !== 'added') throw new Error(`no passkey: ${added.field} ${added.message}`)
  return authenticator
}

const unescaped = (text) => text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

/** What a page asks the browser for. */
export function askedOf(page) {
  const options = /data-options="([^"]*)"/.exec(page.text)?.[1]
  const ticket = /name="passkey_ticket" value="([^"]*)"/.exec(page.text)?.[1]
  if (options === undefined || ticket === undefined) throw new Error(`the page asks for no passkey: ${page.status}`)
  return { options: JSON.parse(unescaped(options)), ticket: unescaped(ticket) }
}

/** What the page's script sends. `change` is of the attacker: to the options, and to what the authenticator does. */
export function passkeyAnswer(page, authenticator, { knobs = {}, options = {} } = {}) {
  const asked = askedOf(page)
  const response = authenticator.get({ ...asked.options, ...options }, knobs)
  return { passkey: JSON.stringify(response), passkey_ticket: asked.ticket }
}

/** The page of the first step of an authorization request. */
export async function begun(world, { browser = new Browser(), over = {} } = {}) {
  const { location: url } = await browser.go(authorizeUrl(world, over))
  return { browser, url, page: await browser.go(url) }
}

/** The page after the right password, in a new browser or where a sign-in has begun. */
export async function passwordGiven(world, { username }, where) {
  const { browser, url, page } = where ?? (await begun(world))
  const seen = await browser.submit(page, url, { username, password: PASSWORD })
  return { browser, url, page: seen.location === url ? await browser.go(url) : seen }
}

/** Whose names the page for signing out says: everybody who is signed in in this browser. */
export async function isSignedIn(world, browser, { username }) {
  const { text } = await browser.go(`${world.issuer}/end-session`)
  return text.includes('logout-people') && text.includes(username)
}
