import { describe, expect, test } from 'vitest'
import { ACCOUNTS, details, PAY, PAYER, PAYMENT, SEE, startDetailsServer } from '../test/details.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { ISSUER, startServer, type TestServer } from '../test/server.ts'

const asking = (sent: string | undefined, over: Readonly<Record<string, string>> = {}): URLSearchParams =>
  authorizationParameters({ authorization_details: sent, ...over })

/** The consent page of a person who is signed in. */
async function consentPage(as: TestServer, sent: string): Promise<Seen> {
  const person = new Person(as)
  const opened = await person.authorize(asking(sent))
  await person.signIn(opened)
  return person.go(opened.location ?? '')
}
const words = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

describe('the consent page', () => {
  test('RAR-04 RFC 9396 §3.1: shows scopes and details together, each detail in words, and all of it to be opened', async () => {
    const page = await consentPage(await startDetailsServer(), details({ ...PAY, executionDate: '2027-02-01' }, SEE))
    const text = words(page.text)
    for (const part of [
      'Know who you are',
      'also asks you to allow:',
      'Pay 123.50 EUR to Merchant A',
      'On 2027-02-01',
      'Show all details',
      'creditorName Merchant A',
      'actions read, list',
    ])
      expect(text).toContain(part)
    expect(page.text).not.toContain('{&quot;')
    expect(page.text).not.toMatch(/type="hidden" name="(?!csrf)/)
  })

  test('RAR-13 RFC 9396 §12: hostile values stay text, cannot reorder or hide, and cannot leave their place', async () => {
    const hostile = '"><script>alert(1)</script>\u202e\u200b<img src=x onerror=alert(1)></bdi>'
    const page = await consentPage(await startDetailsServer(), details({ ...PAY, creditorName: hostile }))
    expect(page.text).not.toMatch(/<script|<img/)
    expect(page.text).not.toMatch(/[\u202e\u200b]/)
    expect(page.text).toContain('&lt;script')
    expect(page.text).toContain('[U+202E][U+200B]')
    expect(page.text.match(/<bdi/g)?.length).toBe(page.text.match(/<\/bdi>/g)?.length)
  })

  test('RAR-13 RFC 9396 §13: what was asked is shown to nobody before the sign-in, and not in another browser', async () => {
    const as = await startDetailsServer()
    const person = new Person(as)
    const { location } = await person.authorize(asking(details(PAY)))
    expect((await person.go(location ?? '')).text).not.toContain('Merchant A')
    expect((await new Person(as).go(location ?? '')).text).not.toContain('Merchant A')
  })

  test('RAR-04 a page without scopes does not say that nothing is asked', async () => {
    const as = await startDetailsServer()
    const person = new Person(as)
    const opened = await person.authorize(authorizationParameters({ scope: undefined, authorization_details: details(SEE) }))
    await person.signIn(opened)
    const { text } = await person.go(opened.location ?? '')
    expect([text.includes('and nothing else'), words(text).includes('asks you to allow: See your account (not said)')]).toEqual([
      false,
      true,
    ])
  })
})

describe('asking again', () => {
  /** `code`, `asked`, or the error that the client is told. */
  const ask = async (person: Person, sent: string | undefined, over: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { location } = await person.authorize(asking(sent, over))
    if (location?.href.startsWith(ISSUER) === true) return 'asked'
    return location?.searchParams.get('error') ?? (location?.searchParams.has('code') === true ? 'code' : 'nothing')
  }

  test('RAR-12 lasting access that is equal is not asked again, in any order of members; anything else is', async () => {
    const person = new Person(await startDetailsServer())
    await person.through(asking(details(SEE)))
    const { type, locations, actions } = SEE
    expect([
      await ask(person, details(SEE)),
      await ask(person, details({ actions, locations, type })),
      await ask(person, undefined),
    ]).toEqual(['code', 'code', 'code'])
    for (const other of [{ ...SEE, actions: ['read'] }, { ...SEE, actions: ['list', 'read'] }, { ...SEE, identifier: 'x' }, { type }])
      expect([await ask(person, details(other)), await ask(person, details(other), { prompt: 'none' })]).toEqual([
        'asked',
        'consent_required',
      ])
    await person.through(asking(details({ ...SEE, identifier: 'x' })))
    expect([await ask(person, details(SEE)), await ask(person, details({ ...SEE, identifier: 'x' }, SEE))]).toEqual(['code', 'code'])
  })

  test('RAR-04 a payment is asked every time, and nothing of it is remembered', async () => {
    const as = await startDetailsServer()
    const person = new Person(as)
    await person.through(asking(details(PAY, SEE)))
    expect(await ask(person, details(PAY))).toBe('asked')
    expect(await ask(person, details(PAY), { prompt: 'none' })).toBe('consent_required')
    const { items } = await as.store.list('consent', 'subject', 'u_ada', { limit: 10 })
    expect(items.map(({ value }) => value.authorizationDetails)).toEqual([[SEE]])
  })

  test('RAR-04 a consent to scopes alone covers no detail, and one to a detail no scope', async () => {
    const person = new Person(await startDetailsServer())
    await person.through(asking(undefined))
    expect(await ask(person, details(SEE))).toBe('asked')
    await person.through(asking(details(SEE)))
    expect(await ask(person, details(SEE), { scope: 'openid profile email' })).toBe('asked')
  })

  test('RAR-04 a type that is marked once later is asked again at once', async () => {
    const as = await startDetailsServer()
    await new Person(as).through(asking(details(SEE)))
    const stricter = await startServer([PAYER], {
      store: as.store,
      clock: as.clock,
      authorizationDetailsTypes: [PAYMENT, { ...ACCOUNTS, once: true }],
    })
    const person = new Person(stricter)
    const opened = await person.authorize(asking(details(SEE)))
    const answered = await person.signIn(opened)
    expect(answered.location?.href.startsWith(ISSUER)).toBe(true)
  })

  test('RAR-12 at most fifty details are remembered for one client; the oldest is asked again', async () => {
    const person = new Person(await startDetailsServer())
    const many = Array.from({ length: 51 }, (_, index) => ({ type: 'account_information', identifier: `account ${index}` }))
    for (let start = 0; start < many.length; start += 17) await person.through(asking(details(...many.slice(start, start + 17))))
    expect([
      await ask(person, details(many[50] ?? {})),
      await ask(person, details(many[1] ?? {})),
      await ask(person, details(many[0] ?? {})),
    ]).toEqual(['code', 'code', 'asked'])
  })

  test('RAR-13 the audit trail names types, never values', async () => {
    const as = await startDetailsServer()
    const commits: string[] = []
    const { commit } = as.store
    as.store.commit = (changes) => {
      commits.push(...changes.filter(({ kind }) => kind === 'audit_event').map((change) => JSON.stringify(change)))
      return commit.call(as.store, changes)
    }
    await new Person(as).through(asking(details(PAY, PAY)))
    const given = commits.find((text) => text.includes('consent.given')) ?? ''
    expect([given.includes('"detailTypes":["payment_initiation"]'), commits.join('').includes('Merchant')]).toEqual([true, false])
  })
})
