import { newSecret } from '@holdfast/protocol/secret'
import { describe, expect, test } from 'vitest'
import type { Passkeys } from '../interaction/accounts.ts'
import { Application } from '../test/application.ts'
import { claimsOf } from '../test/details.ts'
import { ADA as ADA_ACCOUNT, CodePeople, GRACE as GRACE_ACCOUNT } from '../test/one-time-codes.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { ACCOUNTS_API, client, ISSUER, PASSWORD, startServer, type TestServer } from '../test/server.ts'

const PWD = 'urn:x:pwd'
const MFA = 'urn:x:mfa'
const PHR = 'urn:x:phr'
const LEVELS = [
  { acr: PWD, methods: ['pwd'] },
  { acr: MFA, methods: ['mfa'] },
  { acr: PHR, methods: ['phr'] },
]
const GRACE = { username: 'grace', password: PASSWORD }

interface Scene {
  readonly as: TestServer
  readonly people: CodePeople
  readonly app: Application
  readonly person: Person
}

/** Levels are configured, and a second factor is asked for by them alone. */
async function scene(over: Parameters<typeof startServer>[1] = {}, registered = client()): Promise<Scene> {
  const people = new CodePeople()
  const as = await startServer([registered], { accounts: people, authenticationLevels: LEVELS, secondFactor: 'when-asked', ...over })
  const app = new Application(as, registered)
  return { as, people, app, person: app.person }
}

const asking = (over: Readonly<Record<string, string | undefined>>): URLSearchParams => authorizationParameters(over)
const errorOf = ({ location }: Seen): string | null | undefined => location?.searchParams.get('error')

/** Goes to the page of a request, and says which page it is. */
async function pageOf(
  person: Person,
  over: Readonly<Record<string, string | undefined>>,
): Promise<Seen & { readonly url: string; readonly step: string }> {
  const seen = await person.arrive(`${ISSUER}/authorize?${asking(over)}`)
  const step = ['login-submit', 'code-submit', 'consent-allow', 'account-other'].find((id) => seen.text.includes(id)) ?? 'none'
  return { ...seen, step }
}

async function signedIn({ person }: Scene, fields: Readonly<Record<string, string>> = GRACE): Promise<void> {
  const seen = await person.submit(await pageOf(person, {}), fields)
  await person.submit(await person.go(seen.location ?? ''), { answer: 'allow' })
}

describe('a level that a client asks for', () => {
  test('STEP-11 STEP-12 who is signed in by password proves what is missing and nothing else, then comes back with the code', async () => {
    const all = await scene()
    await signedIn(all)
    const { person, people, app, as } = all
    as.clock.advance(600)
    const page = await pageOf(person, { acr_values: MFA })
    expect(page.step).toBe('code-submit')
    const back = await person.submit(page, { code: people.deal() })
    const code = back.location?.searchParams.get('code') ?? ''
    const { body } = await app.redeem(code)
    expect(claimsOf(String(body['id_token']))).toMatchObject({ acr: MFA, amr: ['pwd', 'otp', 'mfa'], auth_time: as.clock.time })
  })

  test('STEP-11 also without openid: the access token carries acr and auth_time (STEP-13)', async () => {
    const { app, people, as } = await scene()
    const { person } = app
    const asked = { scope: 'accounts:read', resource: ACCOUNTS_API.identifier, acr_values: MFA }
    const second = await person.go((await person.submit(await pageOf(person, asked), GRACE)).location ?? '')
    expect(second.text).toContain('code-submit')
    const consent = await person.go((await person.submit(second, { code: people.deal() })).location ?? '')
    const answered = await person.submit(consent, { answer: 'allow' })
    const { body } = await app.redeem(answered.location?.searchParams.get('code') ?? '')
    expect(claimsOf(String(body['access_token']))).toMatchObject({ acr: MFA, auth_time: as.clock.time, amr: ['pwd', 'otp', 'mfa'] })
    expect(body).not.toHaveProperty('id_token')
  })

  test('STEP-17 the session is stepped up: the next request for the level asks for nothing, and a new session id was made', async () => {
    const all = await scene()
    await signedIn(all)
    const before = all.person.cookies.get('__Host-holdfast-as')
    await all.person.submit(await pageOf(all.person, { acr_values: MFA }), { code: all.people.deal() })
    expect(all.person.cookies.get('__Host-holdfast-as')).not.toBe(before)
    expect((await all.person.authorize(asking({ acr_values: MFA, prompt: 'none' }))).location?.searchParams.has('code')).toBe(true)
    const { items } = await all.as.store.list('session', 'subject', 'u_grace', { limit: 5 })
    expect(items).toHaveLength(1)
  })

  test('STEP-26 STEP-12 a level that nobody configured, or that the person cannot reach, fails: no code with less', async () => {
    const all = await scene()
    expect(errorOf(await all.person.authorize(asking({ acr_values: 'urn:unknown' })))).toBe('unmet_authentication_requirements')
    await signedIn(all)
    expect(errorOf(await all.person.authorize(asking({ acr_values: PHR })))).toBe('unmet_authentication_requirements')
    expect(errorOf(await all.person.authorize(asking({ acr_values: PHR, prompt: 'none' })))).toBe('unmet_authentication_requirements')
    const stranger = new Person(all.as)
    const answered = await stranger.submit(await pageOf(stranger, { acr_values: PHR }), GRACE)
    const unmet = answered.location?.href.startsWith(ISSUER) === true ? await stranger.arrive(answered.location) : answered
    expect(errorOf(unmet)).toBe('unmet_authentication_requirements')
  })

  test('OIDC-20 STEP-12 an unknown value beside a known one is passed over, and any one of several will do', async () => {
    const all = await scene()
    await signedIn(all)
    for (const acr_values of [`urn:unknown ${PWD}`, `${PHR} ${PWD}`, `  ${PWD} `]) {
      const { location } = await all.person.authorize(asking({ acr_values }))
      const { body } = await all.app.redeem(location?.searchParams.get('code') ?? '')
      expect(claimsOf(String(body['id_token']))['acr']).toBe(PWD)
    }
  })

  test('OIDC-10 with prompt none a level that would need a factor is login_required', async () => {
    const all = await scene()
    await signedIn(all)
    expect(errorOf(await all.person.authorize(asking({ acr_values: MFA, prompt: 'none' })))).toBe('login_required')
  })

  test('STEP-14 STEP-27 TOK-06 RFC 9470 §6.1: a refresh keeps acr and auth_time, also after a step-up in the same browser', async () => {
    const all = await scene()
    await signedIn(all)
    const { person, people, app, as } = all
    const first = await app.redeem((await person.authorize()).location?.searchParams.get('code') ?? '')
    const signed = as.clock.time
    as.clock.advance(100)
    await person.submit(await pageOf(person, { acr_values: MFA }), { code: people.deal() })
    as.clock.advance(100)
    const { body } = await app.refresh(String(first.body['refresh_token']))
    for (const token of [body['id_token'], body['access_token']])
      expect(claimsOf(String(token))).toMatchObject({ acr: PWD, auth_time: signed, amr: ['pwd'] })
  })

  test('STEP-16 STEP-14 max_age 0 signs in anew, and what it brings is now', async () => {
    const all = await scene()
    await signedIn(all)
    all.as.clock.advance(60)
    expect((await pageOf(all.person, { max_age: '0', acr_values: MFA })).step).toBe('login-submit')
  })

  test('STEP-15 discovery names the levels where there are some; elsewhere acr_values is a wish (OIDC-08)', async () => {
    const documentOf = async (as: TestServer): Promise<object> =>
      (await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()) as object
    expect(await documentOf((await scene()).as)).toMatchObject({ acr_values_supported: [PWD, MFA, PHR] })
    const plain = await scene({ authenticationLevels: [] })
    expect(await documentOf(plain.as)).not.toHaveProperty('acr_values_supported')
    await signedIn(plain)
    const { body } = await plain.app.redeem(
      (await plain.person.authorize(asking({ acr_values: 'urn:unknown' }))).location?.searchParams.get('code') ?? '',
    )
    expect(claimsOf(String(body['id_token']))).not.toHaveProperty('acr')
  })

  test('Registration §2: default_acr_values hold where the request names none', async () => {
    const all = await scene({}, client({ defaultAcrValues: [MFA] }))
    const { person, people } = all
    const page = await person.go((await person.submit(await pageOf(person, {}), GRACE)).location ?? '')
    expect(page.text).toContain('code-submit')
    await person.submit(page, { code: people.deal() })
    expect((await pageOf(person, { acr_values: PWD })).step).toBe('consent-allow')
  })
})

describe('a step-up that goes wrong', () => {
  test('A56 five wrong codes end the trust in the session for this request: the password is asked for anew', async () => {
    const all = await scene()
    await signedIn(all)
    const page = await pageOf(all.person, { acr_values: MFA })
    for (let tries = 0; tries < 4; tries++) expect((await all.person.submit(page, { code: '000000' })).text).toContain('code-submit')
    expect((await all.person.submit(page, { code: '000000' })).text).toContain('login-submit')
    expect((await all.person.go(page.url)).text).toContain('login-submit')
    expect((await all.person.authorize(asking({ acr_values: MFA, prompt: 'none' }))).location?.searchParams.get('error')).toBe(
      'login_required',
    )
  })

  test('A56 a session that ended between the page and the code: the code alone signs nobody in', async () => {
    const all = await scene()
    await signedIn(all)
    const page = await pageOf(all.person, { acr_values: MFA })
    await all.person.submit(page, { code: '000000' })
    const { items } = await all.as.store.list('session', 'subject', 'u_grace', { limit: 5 })
    await all.as.store.commit(items.map(({ id }) => ({ op: 'delete', kind: 'session', id })))
    const late = await all.person.submit(page, { code: all.people.deal() })
    expect([late.status, late.text.includes('This page is no longer valid')]).toEqual([400, true])
    expect((await all.as.store.list('session', 'subject', 'u_grace', { limit: 5 })).items).toEqual([])
  })

  test('A56 nor with another person signed in in the same browser', async () => {
    const all = await scene()
    await signedIn(all)
    const page = await pageOf(all.person, { acr_values: MFA })
    const { items } = await all.as.store.list('session', 'subject', 'u_grace', { limit: 5 })
    const ada = await all.person.submit(await pageOf(all.person, { prompt: 'login' }), { username: 'ada', password: PASSWORD })
    expect(ada.status).toBe(303)
    await all.as.store.commit(items.map(({ id }) => ({ op: 'delete', kind: 'session', id })))
    const late = await all.person.submit(page, { code: all.people.deal() })
    expect(late.location?.searchParams.has('code') ?? false).toBe(false)
    expect((await all.as.store.list('session', 'subject', 'u_grace', { limit: 5 })).items).toEqual([])
  })

  test('STEP-18 the page says which client asks for more, and codes are counted for the person', async () => {
    const all = await scene()
    await signedIn(all)
    const page = await pageOf(all.person, { acr_values: MFA })
    expect(page.text).toMatch(/Web application.*asks for more than your password/s)
    for (let request = 0; request < 3; request++) {
      const { url, ...shown } = await pageOf(all.person, { acr_values: MFA, state: `s${request}` })
      for (let tries = 0; tries < 4; tries++) await all.person.submit(shown, { code: '000000' })
      expect(url).toContain('/interaction/')
    }
    expect(all.people.shown.length).toBeLessThanOrEqual(10)
  })
})

/** Passkeys that name whoever the answer names: what an application's own port may do. */
const TRUSTING: Passkeys = {
  requestOptions: () => Promise.resolve({ challenge: newSecret(), options: {} }),
  verify: (_place, _challenge, response) =>
    Promise.resolve({ account: response === 'grace' ? GRACE_ACCOUNT : ADA_ACCOUNT, amr: ['hwk', 'mfa'] }),
  creationOptions: () => Promise.resolve({ challenge: 'c', options: {} }),
  add: () => Promise.resolve('added'),
  list: () => Promise.resolve([]),
  remove: () => Promise.resolve(false),
}

describe('passkeys of an application’s own port', () => {
  async function asked(): Promise<Scene & { readonly page: Seen; readonly ticket: string }> {
    const people = Object.assign(new CodePeople(), { passkeys: TRUSTING })
    people.people.set(GRACE_ACCOUNT.sub, { ...GRACE_ACCOUNT, secondFactors: ['passkey'] })
    const all = { ...(await scene({ accounts: people })), people }
    await signedIn(all)
    const page = await pageOf(all.person, { acr_values: PHR })
    return { ...all, page, ticket: /name="passkey_ticket" value="([^"]*)"/.exec(page.text)?.[1] ?? '' }
  }

  test('A54 somebody else’s passkey is no second factor, and an answer without the ticket of the page is none', async () => {
    const { person, page, ticket } = await asked()
    expect((await person.submit(page, { passkey: 'ada', passkey_ticket: ticket })).status).toBe(400)
    expect((await person.submit(page, { passkey: 'grace', passkey_ticket: 'x' })).status).toBe(400)
    expect((await person.submit(page, { passkey: 'grace' })).status).toBe(400)
    expect(errorOf(await person.authorize(asking({ acr_values: PHR, prompt: 'none' })))).toBe('login_required')
  })

  test('A54 a ticket is good for one answer', async () => {
    const { person, page, ticket } = await asked()
    expect((await person.submit(page, { passkey: 'ada', passkey_ticket: ticket })).status).toBe(400)
    expect((await person.submit(page, { passkey: 'grace', passkey_ticket: ticket })).status).toBe(400)
    const again = await person.go(/action="([^"]+)"/.exec(page.text)?.[1] ?? '')
    const fresh = /name="passkey_ticket" value="([^"]*)"/.exec(again.text)?.[1] ?? ''
    expect((await person.submit(again, { passkey: 'grace', passkey_ticket: fresh })).location?.searchParams.has('code')).toBe(true)
  })
})
