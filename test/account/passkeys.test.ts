import { SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { describe, expect, test } from 'vitest'
import { ISSUER, startServer } from '../../packages/server/src/test/server.ts'
import { eventsOf, FACTORS, hiddenIn, listen, PASSKEY, passkeyForm, send, startWorld, subOf, visit, type World } from './world.ts'

const count = async (world: World, username?: string): Promise<number> =>
  (await world.accounts.passkeys.list(await subOf(world, username))).length

describe('adding a passkey', () => {
  test('A54 the person adds one, is told so, and is asked for it from then on', async () => {
    const world = await startWorld()
    listen(world)
    const { person } = await visit(world, FACTORS)
    const page = await person.go(ISSUER + PASSKEY)
    const authenticator = new SoftwareAuthenticator(ISSUER, { synced: true })
    const added = await send(person, PASSKEY, passkeyForm(page, authenticator), page)
    expect((await person.go(added.location ?? '')).text).toContain('Your passkey was added')
    expect(await eventsOf(world, 'account.factor_added')).toMatchObject([{ detail: { factor: 'passkey' } }])

    const asked = await person.arrive(`${ISSUER}/account`)
    expect(asked.text).toContain('<h1>Use your passkey</h1>')
    const options = JSON.parse((/data-options="([^"]*)"/.exec(asked.text)?.[1] ?? '').replaceAll('&quot;', '"')) as Record<string, unknown>
    const passkey = JSON.stringify(authenticator.get(options))
    const answered = await person.submit(asked, { passkey, passkey_ticket: hiddenIn(asked, 'passkey_ticket') })
    const account = await person.arrive(answered.location ?? '')
    expect(account.text).toContain('Laptop')
    expect(account.text).toContain('Kept by a password manager')
    expect(account.text).toContain('a password and a passkey')
  })

  test('A54 CVE-2026-37982: a page’s ticket is good once, whatever came of it', async () => {
    const world = await startWorld(undefined, { secondFactor: 'when-asked' })
    const { person } = await visit(world, FACTORS)
    const page = await person.go(ISSUER + PASSKEY)
    const form = passkeyForm(page)
    expect((await send(person, PASSKEY, { ...form, passkey: '{}' }, page)).status).toBe(400)
    expect((await send(person, PASSKEY, form, page)).status).toBe(400)
    expect(await count(world)).toBe(0)

    const next = await person.go(ISSUER + PASSKEY)
    const good = passkeyForm(next)
    expect((await send(person, PASSKEY, good, next)).status).toBe(303)
    await send(person, PASSKEY, good, next)
    expect(await count(world)).toBe(1)
  })

  test('A54 CVE-2026-37982: fifty at once with one ticket add one passkey', async () => {
    const world = await startWorld(undefined, { secondFactor: 'when-asked' })
    listen(world)
    const { person } = await visit(world, FACTORS)
    const page = await person.go(ISSUER + PASSKEY)
    const form = passkeyForm(page)
    await Promise.all(Array.from({ length: 50 }, () => send(person, PASSKEY, form, page)))
    expect([await count(world), (await eventsOf(world, 'account.factor_added')).length]).toEqual([1, 1])
  })

  test('A54 CVE-2026-37982: a ticket of another session or of another person is none', async () => {
    const world = await startWorld()
    const eve = await visit(world, FACTORS, { username: 'grace' })
    const hers = await eve.person.go(ISSUER + PASSKEY)
    const { person, page } = await visit(world, FACTORS)
    const here = await visit(world, FACTORS)
    const elsewhere = await here.person.go(ISSUER + PASSKEY)
    for (const foreign of [hers, elsewhere]) expect((await send(person, PASSKEY, passkeyForm(foreign), page)).status).toBe(400)
    expect([await count(world), await count(world, 'grace')]).toEqual([0, 0])
    // Where it belongs it was not used up by that.
    expect((await send(here.person, PASSKEY, passkeyForm(elsewhere), elsewhere)).status).toBe(303)
  })

  test('A54 a sign-in within the same browser ends what was begun before it', async () => {
    const world = await startWorld()
    const { person } = await visit(world, FACTORS)
    const before = await person.go(ISSUER + PASSKEY)
    world.as.clock.advance(601)
    const { page } = await visit(world, FACTORS, { person })
    expect((await send(person, PASSKEY, passkeyForm(before), before)).status).toBe(403)
    expect((await send(person, PASSKEY, passkeyForm(before), page)).status).toBe(400)
    expect(await count(world)).toBe(0)
  })

  test('a ticket is good for ten minutes', async () => {
    const world = await startWorld()
    const { person } = await visit(world, FACTORS)
    world.as.clock.advance(1)
    const page = await person.go(ISSUER + PASSKEY)
    world.as.clock.advance(599)
    expect((await send(person, PASSKEY, passkeyForm(page), page)).status).toBe(303)
  })

  test.each([
    ['no name', { passkey_name: ' ' }],
    ['a name that is too long', { passkey_name: 'x'.repeat(61) }],
    ['an answer of another page', { passkey: '{"id":"x"}' }],
    ['no answer', { passkey: '' }],
    ['no ticket', { passkey_ticket: '' }],
  ])('%s: the page says so, and nothing was added', async (_name, over) => {
    const world = await startWorld()
    const { person } = await visit(world, FACTORS)
    const page = await person.go(ISSUER + PASSKEY)
    const seen = await send(person, PASSKEY, { ...passkeyForm(page), ...over }, page)
    expect([seen.status, seen.text.includes('id="add-fault"')]).toEqual([400, true])
    expect(await count(world)).toBe(0)
  })

  test('where the accounts have neither passkeys nor apps, none are offered, and the pages say so', async () => {
    const as = await startServer()
    const { person } = await visit({ as }, FACTORS)
    const seen = await person.go(ISSUER + PASSKEY)
    expect([seen.status, seen.text.includes('There are no passkeys here')]).toEqual([404, true])
    expect((await person.go(ISSUER + FACTORS)).text).not.toMatch(/id="app-begin"|id="passkey-add"/)
    expect((await person.go(`${ISSUER}/account`)).text).not.toContain('id="change-factors"')
  })
})
