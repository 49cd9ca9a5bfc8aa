/** What a client in JavaScript needs to take part: the world, a person, and a line for each feature. */
import { readFileSync } from 'node:fs'

export const world = JSON.parse(readFileSync(process.argv[2], 'utf8'))

export const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

/** @param {readonly string[]} names npm packages */
export function sayVersions(names) {
  const versionOf = (name) => JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
  say({ versions: Object.fromEntries(names.map((name) => [name, versionOf(name)])) })
}

/** What a server may not have and its metadata do not tell. */
export class NotOffered extends Error {}

/** Runs what is there, one after the other; a feature that this server lacks is not tried. `{ note }` is what there is to say of one. */
export async function run(features) {
  for (const [feature, attempt] of Object.entries(features)) {
    if (typeof attempt === 'string') say({ feature, outcome: 'unsupported', detail: attempt })
    if (typeof attempt === 'string' || !world.features.includes(feature)) continue
    try {
      const said = await attempt()
      say({ feature, outcome: 'passed', detail: said?.note })
    } catch (error) {
      if (error instanceof NotOffered) {
        say({ feature, outcome: 'not run', detail: error.message })
        continue
      }
      const cause = error.cause instanceof Error ? error.cause.message : JSON.stringify(error.cause)
      say({ feature, outcome: 'failed', detail: [error.message, error.error, error.error_description, cause].filter(Boolean).join('; ') })
      console.error(feature, error)
    }
  }
}

/** Ada does something: see person.mjs. */
export async function ask(deed, body) {
  const response = await fetch(`${world.person}/${deed}`, { method: 'POST', body: JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}

/** @returns where her browser ended: a new one, or the one of this name */
export async function authorize(url, browser) {
  return new URL((await ask('authorize', { url: String(url), browser })).url)
}

/** She was sent here after a logout, and is signed in at the server no more. */
export async function expectSignedOut(ended, state, browser) {
  expect(ended.origin + ended.pathname, world.goodbye, 'where she was sent')
  expect(ended.searchParams.get('state'), state, 'state')
  expect((await ask('signed-in', { browser })).signedIn, false, 'signed in at the server')
}

/** What a library of requests alone leaves to its application, which has the addresses and the pages. */
export const NO_CHANNELS = {
  backchannel_logout: 'has no check of logout tokens',
  frontchannel_logout: 'leaves it to its application',
  session: 'has no page for it',
}

export function expect(seen, wanted, what) {
  if (seen !== wanted) throw new Error(`${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`)
}
