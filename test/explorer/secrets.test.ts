import { ATTACKS, FLOWS } from '@holdfast/explorer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Demo } from './world.ts'

/** Long, and of signs that no word has together: codes, tokens, handles, hashes, keys and each part of a JWT. */
const RANDOM = /[A-Za-z0-9_-]{16,}/g
const isRandom = (text: string): boolean => /[A-Z]/.test(text) && /[a-z]/.test(text) && /[0-9]/.test(text)

/** What goes over the wire by the names of public values: names of clients, hashes of secrets and of styles, the thumbprint of a key, the name of an entry of the trace. */
const PUBLIC = /(?:(?:client_id|code_challenge|dpop_jkt|holdfast-trace)["=:\\, ]+|sha256-[\w+]*\/?)([A-Za-z0-9_-]{16,43})/g
/** Names of cookies: that of a sign-in has a piece of a hash in it. */
const COOKIE_NAME = /^(?:__Host-)?holdfast-bff-t-/

let demo: Demo
beforeAll(async () => void (demo = await Demo.start()))
afterAll(() => demo.stop())

async function told(): Promise<string> {
  const { requests } = (await (await fetch(`${demo.issuer}/explorer/trace?after=0`)).json()) as { requests: readonly { id: string }[] }
  // Whoever reads the list may ask for each.
  const findings = await Promise.all(requests.map(async ({ id }) => (await fetch(`${demo.issuer}/explorer/trace/${id}`)).text()))
  expect(requests.length).toBeGreaterThan(0)
  return JSON.stringify(requests) + findings.join('\n')
}

function secretsOf(wire: readonly string[]): ReadonlySet<string> {
  const open = new Set(wire.flatMap((text) => [...text.matchAll(PUBLIC)].map(([, value]) => value ?? '')))
  const plain = wire.map(decoded)
  const found = plain
    .flatMap((text) => text.match(RANDOM) ?? [])
    .filter((text) => isRandom(text) && !open.has(text) && !COOKIE_NAME.test(text))
  const typed = plain.flatMap((text) =>
    [...text.matchAll(/"user_code":"([^"]+)"/g)].flatMap(([, code = '']) => [code, code.replace('-', '')]),
  )
  return new Set([demo.password, ...typed, ...found])
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll(/%(?![0-7][0-9A-Fa-f])/g, '%25'))
}

test.each(FLOWS.map(({ id, steps }) => [id, steps.length]))('%s: no secret that went over the wire is in the trace', async (id, steps) => {
  const run = await demo.run(id, steps)
  expect(run.view.failed).toBeUndefined()
  // What a thief sends is refused, and a refusal says why.
  for (const attack of ATTACKS) await run.attack(attack.id)
  const trace = await told()
  const texts = [trace, decoded(trace)]
  const secrets = secretsOf(demo.wire)
  expect(secrets.size).toBeGreaterThan(5)
  expect([...secrets].filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([])
})
