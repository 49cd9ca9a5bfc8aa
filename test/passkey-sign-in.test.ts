import { accountKinds, type AccountRecords, type BuiltInAccounts, createAccounts } from '@holdfast/accounts'
import { type Records, serverKinds } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { type Misbehaviour, SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { beforeEach, describe, expect, test } from 'vitest'
import { Application, times } from '../packages/server/src/test/application.ts'
import { claimsOf } from '../packages/server/src/test/details.ts'
import { authorizationParameters, Person, type Seen } from '../packages/server/src/test/person.ts'
import { client, ISSUER, startServer, type TestServer } from '../packages/server/src/test/server.ts'
import { codeAt, TOTP_SECRET } from './one-time-code.ts'

/** Passkeys on the pages of the sign-in, with the people of `@holdfast/accounts` and an authenticator in memory. */
const MASTER = { id: 's1', value: new Uint8Array(32).fill(1) }
const PLACE = { rpId: 'as.example', rpName: 'as.example', origin: ISSUER }
const PASSWORD = 'correct horse'
const LEVELS = [
  { acr: 'urn:x:pwd', methods: ['pwd'] },
  { acr: 'urn:x:phr', methods: ['phr'] },
]

let accounts: BuiltInAccounts
let as: TestServer
let app: Application
const devices = new Map<string, SoftwareAuthenticator>()

async function enrol(username: string): Promise<string> {
  const { sub = '' } = (await accounts.findByUsername?.(username)) ?? {}
  const device = devices.get(username) ?? new SoftwareAuthenticator(ISSUER)
  const { challenge, options } = (await accounts.passkeys?.creationOptions(PLACE, sub)) ?? { challenge: '', options: {} }
  const made = JSON.stringify(device.create(options))
  expect(await accounts.passkeys?.add(PLACE, sub, challenge, made, 'Laptop', as.clock.time)).toBe('added')
  devices.set(username, device)
  return sub
}

beforeEach(async () => {
  devices.clear()
  const store = openMemoryStore<Records & AccountRecords>({ ...serverKinds, ...accountKinds })
  accounts = createAccounts({ store, secrets: [MASTER] })
  await accounts.seed([
    { username: 'dana', password: PASSWORD, totpSecret: TOTP_SECRET },
    { username: 'erin', password: PASSWORD },
  ])
  as = await startServer([client()], {
    store: store as unknown as OpenStore<Records>,
    accounts,
    authenticationLevels: LEVELS,
    secondFactor: 'when-asked',
  })
  app = new Application(as, client())
})

const open = (person: Person, over: Readonly<Record<string, string>> = {}): Promise<Seen & { readonly url: string }> =>
  person.arrive(`${ISSUER}/authorize?${authorizationParameters(over)}`)

function asked({ text }: Seen): { readonly options: Readonly<Record<string, unknown>>; readonly ticket: string } {
  const attribute = (pattern: RegExp): string => (pattern.exec(text)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  return {
    options: JSON.parse(attribute(/data-options="([^"]*)"/)) as Readonly<Record<string, unknown>>,
    ticket: attribute(/name="passkey_ticket" value="([^"]*)"/),
  }
}

/** What the script of the page sends. */
function shown(page: Seen, device: SoftwareAuthenticator | undefined, knobs: Misbehaviour = {}): Readonly<Record<string, string>> {
  const { options, ticket } = asked(page)
  return { passkey: JSON.stringify(device?.get(options, knobs)), passkey_ticket: ticket }
}

async function idTokenOf(seen: Seen): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await app.redeem(seen.location?.searchParams.get('code') ?? '')
  return claimsOf(String(body['id_token']))
}

describe('signing in with a passkey', () => {
  test('a passkey alone signs in, names nobody before, and counts for two factors', async () => {
    const sub = await enrol('erin')
    const page = await open(app.person)
    expect(page.text).toContain('autocomplete="username webauthn"')
    expect(asked(page).options).not.toHaveProperty('allowCredentials.0')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    const consent = await app.person.go((await app.person.submit(page, shown(page, devices.get('erin')))).location ?? '')
    expect(await idTokenOf(await app.person.submit(consent, { answer: 'allow' }))).toMatchObject({
      sub,
      acr: 'urn:x:phr',
      amr: ['hwk', 'mfa'],
    })
  })

  test('A54 an answer is good once, for the page that asked, in the browser that asked', async () => {
    await enrol('erin')
    const page = await open(app.person)
    const other = await open(app.person, { state: 'other tab' })
    const answer = shown(page, devices.get('erin'))
    const thief = new Person(as)
    const theirs = await open(thief)
    for (const [who, on] of [
      [thief, theirs],
      [app.person, other],
    ] as const)
      expect((await who.submit(on, answer)).status).toBe(400)
    expect((await app.person.submit(page, answer)).status).toBe(303)
    expect((await thief.submit(theirs, { ...answer, passkey_ticket: asked(theirs).ticket })).status).toBe(400)
  })

  test('A54 of fifty at once with one answer one signs in', async () => {
    const sub = await enrol('erin')
    const page = await open(app.person)
    const answer = shown(page, devices.get('erin'))
    await Promise.all(times(50, () => app.person.submit(page, answer)))
    expect((await as.store.list('session', 'subject', sub, { limit: 100 })).items).toHaveLength(1)
  })

  test.each([
    ['no user verification', { userVerified: false }],
    ['another origin', { origin: 'https://as.example.evil' }],
    ['another site', { rpId: 'evil.example' }],
    ['a wrong signature', { wrongSignature: true }],
  ])('A54 %s is refused with one sentence, and nobody is signed in', async (_name, knobs) => {
    const sub = await enrol('erin')
    const page = await open(app.person)
    const seen = await app.person.submit(page, shown(page, devices.get('erin'), knobs))
    expect([seen.status, seen.text.includes('This passkey was not accepted'), seen.text.includes('login-submit')]).toEqual([
      400,
      true,
      true,
    ])
    expect((await as.store.list('session', 'subject', sub, { limit: 5 })).items).toEqual([])
  })

  test('a page that was open for more than ten minutes takes none', async () => {
    await enrol('erin')
    const page = await open(app.person)
    const answer = shown(page, devices.get('erin'))
    as.clock.advance(601)
    expect((await app.person.submit(page, answer)).status).toBe(400)
  })

  test('a disabled person is not let in', async () => {
    const sub = await enrol('erin')
    const page = await open(app.person)
    const answer = shown(page, devices.get('erin'))
    await accounts.setDisabled(sub, true)
    expect((await app.person.submit(page, answer)).status).toBe(400)
  })
})

describe('a passkey as the second factor', () => {
  async function steppingUp(): Promise<Seen & { readonly url: string }> {
    const signed = await app.person.submit(await open(app.person), { username: 'dana', password: PASSWORD })
    await app.person.submit(await app.person.go(signed.location ?? ''), { answer: 'allow' })
    return open(app.person, { acr_values: 'urn:x:phr' })
  }

  test('STEP-12 STEP-17 from the password to the passkey, and back to the request that asked for it', async () => {
    await enrol('dana')
    const page = await steppingUp()
    expect([page.text.includes('passkey-submit'), page.text.includes('code-submit')]).toEqual([true, false])
    expect(await idTokenOf(await app.person.submit(page, shown(page, devices.get('dana'))))).toMatchObject({
      acr: 'urn:x:phr',
      amr: ['pwd', 'hwk', 'mfa'],
    })
  })

  test('A54 somebody else’s passkey, and a code where a passkey is asked for, prove nothing', async () => {
    await enrol('dana')
    const erin = await enrol('erin')
    const page = await steppingUp()
    const mine = await open(new Person(as))
    const { passkey = '' } = shown(mine, devices.get('erin'))
    expect((await app.person.submit(page, { passkey, passkey_ticket: asked(page).ticket })).status).toBe(400)
    expect((await app.person.submit(page, { code: codeAt(as.clock.time) })).text).toContain('Use your passkey')
    expect((await as.store.list('session', 'subject', erin, { limit: 5 })).items).toEqual([])
    expect(
      (await app.person.authorize(authorizationParameters({ acr_values: 'urn:x:phr', prompt: 'none' }))).location?.searchParams.get(
        'error',
      ),
    ).toBe('login_required')
  })

  test('A54 a passkey that was enrolled after the sign-in raises nothing by itself', async () => {
    const signed = await app.person.submit(await open(app.person), { username: 'erin', password: PASSWORD })
    await app.person.submit(await app.person.go(signed.location ?? ''), { answer: 'allow' })
    await enrol('erin')
    const silent = await app.person.authorize(authorizationParameters({ prompt: 'none' }))
    expect(await idTokenOf(silent)).toMatchObject({ acr: 'urn:x:pwd', amr: ['pwd'] })
    expect(
      (await app.person.authorize(authorizationParameters({ acr_values: 'urn:x:phr', prompt: 'none' }))).location?.searchParams.get(
        'error',
      ),
    ).toBe('login_required')
  })
})
