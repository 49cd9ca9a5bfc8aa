import { describe, expect, test } from 'vitest'
import { Person } from '../../packages/server/src/test/person.ts'
import { ISSUER } from '../../packages/server/src/test/server.ts'
import { codeAt } from '../one-time-code.ts'
import { addApp, APP, beginApp, eventsOf, FACTORS, listen, PASSKEY, passkeyForm, send, startWorld, subOf, visit } from './world.ts'

const TO_FRESH = `${ISSUER}/sign-in/account/factors?fresh=1`

describe('who changes how they sign in', () => {
  test.each([FACTORS, APP, PASSKEY])(
    'A54 %s: a sign-in of more than ten minutes ago is not enough, and the way leads back',
    async (path) => {
      const world = await startWorld()
      const { person } = await visit(world, FACTORS)
      world.as.clock.advance(600)
      expect((await person.go(ISSUER + FACTORS)).status).toBe(200)
      world.as.clock.advance(1)
      expect((await person.go(ISSUER + path)).location?.href).toBe(TO_FRESH)
      expect((await person.go(`${ISSUER}/account`)).status).toBe(200)
      const { page } = await visit(world, path, { person })
      expect(page.text).toContain('<h1>How you sign in</h1>')
    },
  )

  test.each([
    ['begin-app', FACTORS, { answer: 'begin-app' }],
    ['remove-app', FACTORS, { answer: 'remove-app', sure: 'yes' }],
    ['a code', APP, { code: '000000' }],
    ['a passkey', PASSKEY, { passkey_name: 'x', passkey_ticket: 'x', passkey: '{}' }],
  ])('A54 a form with %s that is sent too late changes nothing and leads to a sign-in', async (_name, path, fields) => {
    const world = await startWorld()
    const { person } = await visit(world)
    const secret = await addApp(world, person)
    world.as.clock.advance(30)
    const { page } = await visit(world, FACTORS, { person, code: () => codeAt(world.as.clock.now(), secret) })
    world.as.clock.advance(601)
    expect((await send(person, path, fields, page)).location?.href).toBe(TO_FRESH)
    const { authenticatorApps } = world.accounts
    const sub = await subOf(world)
    expect(await authenticatorApps?.has(sub)).toBe(true)
    expect(await authenticatorApps?.pending(sub, 'as.example', world.as.clock.now())).toBeUndefined()
  })

  test('A54 with second factors asked for when an application asks, who has one shows it before anything can be changed', async () => {
    const world = await startWorld(undefined, { secondFactor: 'when-asked' })
    const { person } = await visit(world)
    const secret = await addApp(world, person)
    const later = new Person(world.as)
    // Signed in by the password alone, just now: the page is there, and no more.
    expect((await visit(world, '/account', { person: later })).page.text).toContain('<h1>Your account</h1>')
    expect((await later.go(ISSUER + FACTORS)).location?.href).toBe(TO_FRESH)
    for (const answer of ['begin-app', 'remove-app'])
      expect((await send(later, FACTORS, { answer, sure: 'yes' })).location?.href).toBe(TO_FRESH)
    expect((await send(later, PASSKEY, {})).location?.href).toBe(TO_FRESH)
    expect(await world.accounts.authenticatorApps?.has(await subOf(world))).toBe(true)

    const asked = await later.arrive(ISSUER + FACTORS)
    expect(asked.text).toContain('Enter your one-time code')
    expect((await later.submit(asked, { code: '000000' })).status).toBe(400)
    world.as.clock.advance(30)
    const { page } = await visit(world, FACTORS, { person: later, code: () => codeAt(world.as.clock.now(), secret) })
    expect(page.text).toContain('<h1>How you sign in</h1>')
  })

  test('A54 a new factor raises nobody: the session stays what it was, and owes the factor; the others stay and owe it, too', async () => {
    const world = await startWorld()
    listen(world)
    const [{ person }, { person: other }] = [await visit(world), await visit(world)]
    const secret = await addApp(world, person)
    const { items } = await world.as.store.list('session', 'subject', await subOf(world), { limit: 10 })
    expect(items.map(({ value }) => [value.amr, value.acr])).toEqual([
      [['pwd'], undefined],
      [['pwd'], undefined],
    ])
    expect(await eventsOf(world, 'account.factor_added')).toMatchObject([{ subject: await subOf(world), detail: { factor: 'otp' } }])
    for (const browser of [person, other]) {
      expect((await browser.go(`${ISSUER}/account`)).location?.href).toBe(`${ISSUER}/sign-in/account`)
      expect((await browser.arrive(`${ISSUER}/account`)).text).toContain('Enter your one-time code')
      world.as.clock.advance(30)
      const { page } = await visit(world, '/account', { person: browser, code: () => codeAt(world.as.clock.now(), secret) })
      expect(page.text).toContain('<h1>Your account</h1>')
    }
  })
})

describe('an authenticator app', () => {
  test('the page shows the secret once more, is never cached, and nothing of it is logged or in an address', async () => {
    const world = await startWorld()
    const { person, page } = await visit(world, FACTORS)
    const begun = await beginApp(person, page)
    expect(begun.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(begun.page.headers.get('cache-control')).toBe('no-store')
    expect(begun.page.text).toContain('<svg class="qr"')
    expect(begun.page.text).toContain('autocomplete="one-time-code"')
    expect((await person.go(ISSUER + APP)).text).toContain(begun.secret.slice(0, 4))
    expect(world.as.logged.join('\n')).not.toContain(begun.secret)
  })

  test('A54 a wrong code turns nothing on, and is told; the right one does, and says so in this browser', async () => {
    const world = await startWorld()
    const { person, page } = await visit(world, FACTORS)
    const { secret } = await beginApp(person, page)
    const wrong = await send(person, APP, { code: '000000' }, page)
    expect([wrong.status, wrong.text.includes('role="alert"'), wrong.text.includes('<svg')]).toEqual([400, true, true])
    expect(await world.accounts.authenticatorApps?.has(await subOf(world))).toBe(false)
    const right = await send(person, APP, { code: codeAt(world.as.clock.now(), secret) }, page)
    expect(right.status).toBe(303)
    expect((await person.go(right.location ?? '')).text).toContain('Your authenticator app is set up')
    // The same address says it to nobody else.
    expect((await (await visit(world, '/account', { username: 'grace' })).person.go(right.location ?? '')).text).not.toContain('is set up')
  })

  test('two clicks turn it on once, and the late one is not told that nothing happened', async () => {
    const world = await startWorld()
    listen(world)
    const { person, page } = await visit(world, FACTORS)
    const { secret } = await beginApp(person, page)
    const code = codeAt(world.as.clock.now(), secret)
    const clicks = await Promise.all([1, 2].map(() => send(person, APP, { code }, page)))
    const led = clicks.map(({ location }) => `${location?.pathname} ${location?.searchParams.get('done')?.split('.')[0]}`)
    expect(led.toSorted()).toEqual(['/account app-added', '/account/factors undefined'])
    expect(await eventsOf(world, 'account.factor_added')).toHaveLength(1)
  })

  test('codes are counted: after ten wrong ones the right one is not looked at', async () => {
    const world = await startWorld()
    const { person, page } = await visit(world, FACTORS)
    const { secret } = await beginApp(person, page)
    for (let tries = 0; tries < 10; tries++) expect((await send(person, APP, { code: '000000' }, page)).status).toBe(400)
    expect((await send(person, APP, { code: codeAt(world.as.clock.now(), secret) }, page)).status).toBe(429)
    expect(await world.accounts.authenticatorApps?.has(await subOf(world))).toBe(false)
  })

  test('a secret that waited for too long is none any more, and the page says so', async () => {
    const world = await startWorld()
    const { person, page } = await visit(world, FACTORS)
    const { secret } = await beginApp(person, page)
    world.as.clock.advance(600)
    const late = await send(person, APP, { code: codeAt(world.as.clock.now(), secret) }, page)
    expect((await person.go(late.location ?? '')).text).toContain('It took too long')
    expect(await world.accounts.authenticatorApps?.has(await subOf(world))).toBe(false)
  })
})

describe('removing', () => {
  test('the last factor goes when the person says that they are sure, and not before', async () => {
    const world = await startWorld()
    listen(world)
    const { person } = await visit(world)
    const secret = await addApp(world, person)
    world.as.clock.advance(30)
    const { page } = await visit(world, FACTORS, { person, code: () => codeAt(world.as.clock.now(), secret) })
    const asked = await send(person, FACTORS, { answer: 'remove-app' }, page)
    expect([asked.status, asked.text.includes('Remove your authenticator app?')]).toEqual([200, true])
    expect(await world.accounts.authenticatorApps?.has(await subOf(world))).toBe(true)
    const removed = await person.submit(asked, { answer: 'remove-app', sure: 'yes' })
    expect((await person.go(removed.location ?? '')).text).toContain('Your authenticator app was removed')
    expect(await world.accounts.authenticatorApps?.has(await subOf(world))).toBe(false)
    expect(await eventsOf(world, 'account.factor_removed')).toMatchObject([{ detail: { factor: 'otp' } }])
  })

  test('one of two goes at once; what is not the person’s stays', async () => {
    const world = await startWorld()
    const { person } = await visit(world)
    const secret = await addApp(world, person)
    world.as.clock.advance(30)
    const { page } = await visit(world, FACTORS, { person, code: () => codeAt(world.as.clock.now(), secret) })
    await send(person, PASSKEY, passkeyForm(await person.go(ISSUER + PASSKEY)), page)
    const grace = await visit(world, PASSKEY, { username: 'grace' })
    await send(grace.person, PASSKEY, passkeyForm(await grace.person.go(ISSUER + PASSKEY)), grace.page)
    const [[hers], [mine]] = [
      await world.accounts.passkeys.list(await subOf(world, 'grace')),
      await world.accounts.passkeys.list(await subOf(world)),
    ]
    const foreign = await send(person, FACTORS, { answer: 'remove-passkey', passkey: hers?.id ?? '', sure: 'yes' }, page)
    expect(foreign.location?.href).toBe(ISSUER + FACTORS)
    expect(await world.accounts.passkeys.list(await subOf(world, 'grace'))).toHaveLength(1)
    expect((await send(person, FACTORS, { answer: 'remove-passkey', passkey: mine?.id ?? '' }, page)).status).toBe(303)
    expect(await world.accounts.passkeys.list(await subOf(world))).toHaveLength(0)
  })
})
