import { StoreUnavailable } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import { revokeApplication } from '../../packages/server/src/interaction/revoke-application.ts'
import { Application, KEY, told } from '../../packages/server/src/test/application.ts'
import { asking, phoneApp } from '../../packages/server/src/test/challenged.ts'
import { answered, deviceOf, pollDevice, television } from '../../packages/server/src/test/device.ts'
import { authorizationParameters, type Person } from '../../packages/server/src/test/person.ts'
import { client, ISSUER, PASSWORD, publicClient } from '../../packages/server/src/test/server.ts'
import { eventsOf, listen, send, startWorld, subOf, visit, type World } from './world.ts'

const APPLICATIONS = '/account/applications'
const web = client({ clientUri: 'https://app.example/' })
const tv = television()

/** An application with tokens of ada, and her browser. */
async function withTokens(clients = [web, tv]): Promise<{ world: World; app: Application; access: string; refresh: string }> {
  const world = await startWorld(clients)
  const app = new Application(world.as, web)
  return { world, app, ...(await app.tokens({ scope: 'openid profile accounts:read' })) }
}

/** Holds the next commit that issues a code, until it is released. */
function holdCode({ as: { store } }: World): { readonly reached: Promise<void>; release(): void } {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { commit } = store
  Object.assign(store, {
    async commit(changes: Parameters<typeof commit>[0]) {
      if (changes.some(({ op, kind }) => op === 'insert' && kind === 'authorization_code')) {
        reached.resolve()
        await released.promise
      }
      return commit.call(store, changes)
    },
  })
  return { reached: reached.promise, release: () => released.resolve() }
}

const names = (text: string): readonly string[] => [...text.matchAll(/<h3[^>]*>(?:<bdi>)?([^<]+)/g)].map(([, name = '']) => name)
const takeBack = (person: Person, id: string): ReturnType<typeof send> => send(person, APPLICATIONS, { answer: 'revoke', client: id })

describe('which applications have access', () => {
  test('the page says which, what they were given in words, and leads to an operator’s own page', async () => {
    const { app } = await withTokens()
    const { text } = await app.person.go(`${ISSUER}/account`)
    expect(names(text)).toEqual(['Web application'])
    for (const words of ['Know who you are', 'See your profile', 'See your accounts', 'href="https://app.example/"'])
      expect(text).toContain(words)
  })

  test('REG-10 CIMD-11: nobody checked the name of one that came by itself, and its address is no link', async () => {
    const registered = client({ clientId: 'reg', clientName: 'Anybody', origin: 'machine', clientUri: 'https://evil.example/' })
    const { world, app } = await withTokens([web, registered])
    await new Application(world.as, registered, { person: app.person }).tokens({ scope: 'openid' })
    const { text } = await app.person.go(`${ISSUER}/account`)
    expect(text).toContain('This app registered itself here. Nobody has checked its name.')
    expect(text).not.toContain('evil.example')
  })

  test('a device that was allowed without a consent that lasts is here, too, and can be taken back', async () => {
    const world = await startWorld([web, tv])
    const device = deviceOf(world.as, tv)
    const { deviceCode } = await answered(device, 'allow')
    expect(names((await device.person.go(`${ISSUER}/account`)).text)).toEqual(['Television'])
    // Before the device has asked for its tokens: it gets none.
    expect((await takeBack(device.person, 'tv')).status).toBe(303)
    expect(told(await pollDevice(device, deviceCode))).toBe('400 invalid_grant')
    expect((await device.person.go(`${ISSUER}/account`)).text).toContain('No application has access')
  })

  test('what is over is not shown', async () => {
    const world = await startWorld([web, tv])
    const device = deviceOf(world.as, tv)
    await answered(device, 'allow')
    world.as.clock.advance(600)
    expect(names((await device.person.go(`${ISSUER}/account`)).text)).toEqual([])
  })

  test('a client that is gone leaves what it was given, without its name', async () => {
    const { world, app } = await withTokens()
    const { items } = await world.as.store.list('consent', 'clientId', 'web', { limit: 1 })
    const value = { ...items[0]?.value, clientId: 'gone' } as (typeof items)[0]['value']
    await world.as.store.commit([{ op: 'insert', kind: 'consent', id: 'of a client that is gone', value }])
    expect(names((await app.person.go(`${ISSUER}/account`)).text)).toContain('An application that was removed here')
  })
})

describe('taking back', () => {
  test('its tokens are worth nothing at once, and it asks again the next time', async () => {
    const { world, app, access, refresh } = await withTokens()
    listen(world)
    const back = await takeBack(app.person, 'web')
    expect((await app.person.go(back.location ?? '')).text).toContain('Taken back.')
    expect((await app.userinfo(access)).status).toBe(401)
    expect((await app.post('/introspect', { token: access })).body).toEqual({ active: false })
    expect((await app.post('/introspect', { token: refresh })).body).toEqual({ active: false })
    expect(told(await app.refresh(refresh))).toBe('400 invalid_grant')
    const asked = await app.person.arrive((await app.person.authorize()).location ?? '')
    expect(asked.text).toContain('consent-allow')
    expect(await eventsOf(world, 'account.application_revoked')).toMatchObject([
      { clientId: 'web', subject: await subOf(world), detail: { grants: 1 } },
    ])
  })

  test('a code that was not redeemed yet gives nothing', async () => {
    const { world, app } = await withTokens()
    const code = await app.code()
    expect((await takeBack(app.person, 'web')).status).toBe(303)
    expect(told(await app.redeem(code))).toBe('400 invalid_grant')
    expect((await world.as.store.list('grant', 'clientId', 'web', { limit: 10 })).items).toEqual([])
  })

  test.each([
    ['without a page', ({ person }: Application) => person.authorize()],
    [
      'after a sign-in',
      async ({ person }: Application) => {
        const page = await person.arrive((await person.authorize(authorizationParameters({ prompt: 'login' }))).location ?? '')
        return person.submit(page, { username: 'ada', password: PASSWORD })
      },
    ],
  ])('A54 a code that is about to be issued %s for what was allowed before is not: the person is asked', async (_name, goOn) => {
    const { world, app } = await withTokens()
    const other = (await visit(world)).person
    const page = await other.go(`${ISSUER}/account`)
    const held = holdCode(world)
    const issued = goOn(app)
    await held.reached
    expect((await send(other, APPLICATIONS, { answer: 'revoke', client: 'web' }, page)).status).toBe(303)
    held.release()
    const seen = await issued
    expect(seen.location?.pathname).toMatch(/^\/interaction\//)
    expect((await app.person.go(seen.location ?? '')).text).toContain('consent-allow')
    expect((await world.as.store.list('grant', 'clientId', 'web', { limit: 10 })).items).toEqual([])
  })

  test('a consent that another tab widens in the same moment is no reason to ask', async () => {
    const { world, app } = await withTokens()
    const held = holdCode(world)
    const issued = app.person.authorize()
    await held.reached
    const [consent] = (await world.as.store.list('consent', 'clientId', 'web', { limit: 1 })).items
    if (consent === undefined) throw new Error('no consent')
    await world.as.store.commit([{ op: 'replace', kind: 'consent', id: consent.id, expected: consent.version, value: consent.value }])
    held.release()
    expect((await issued).location?.searchParams.has('code')).toBe(true)
  })

  test('what other people and other applications have stays', async () => {
    const other = publicClient()
    const { world, app } = await withTokens([web, other])
    const theirs = await new Application(world.as, other, { person: app.person, dpop: KEY }).tokens()
    const grace = new Application(world.as, web, { person: (await visit(world, '/account', { username: 'grace' })).person })
    const hers = await grace.tokens()
    await takeBack(app.person, 'web')
    expect(told(await grace.refresh(hers.refresh))).toBe('200')
    expect(told(await new Application(world.as, other, { dpop: KEY }).refresh(theirs.refresh))).toBe('200')
    expect(names((await app.person.go(`${ISSUER}/account`)).text)).toEqual(['Native application'])
  })

  test('FIPA-23 a first-party app that stays signed in is signed out with it', async () => {
    const phone = phoneApp()
    const world = await startWorld([web, phone])
    const app = new Application(world.as, phone, { dpop: KEY })
    const ask = async (fields: Record<string, string | undefined>): Promise<Readonly<Record<string, unknown>>> =>
      (await app.post('/authorize-challenge', fields)).body
    const begun = await ask(asking({ login_hint: 'ada' }))
    const done = await ask({ auth_session: String(begun['auth_session']), password: PASSWORD })
    expect(done['authorization_code']).toBeTypeOf('string')
    const { person } = await visit(world)
    expect((await takeBack(person, 'phone')).status).toBe(303)
    const again = await ask(asking({ auth_session: String(done['auth_session']) }))
    expect([again['error'], again['authorization_code']]).toEqual(['invalid_session', undefined])
  })

  test('more than fit into one commit: the consent goes first, and nothing is left', async () => {
    const { world } = await withTokens()
    const { store } = world.as
    const subject = await subOf(world)
    const [one] = (await store.list('grant', 'subject', subject, { limit: 1 })).items
    if (one === undefined) throw new Error('no grant')
    const id = (index: number): string => one.id.slice(0, -4) + String(index).padStart(4, '0')
    await store.commit(
      Array.from({ length: 700 }, (_, index) => ({ op: 'insert', kind: 'grant', id: id(index), value: one.value }) as const),
    )
    const sizes: number[] = []
    const commit = store.commit.bind(store)
    Object.assign(store, {
      commit: (changes: Parameters<typeof commit>[0]) => {
        sizes.push(changes.length)
        if (sizes.length === 1) expect(changes.some(({ op, kind }) => op === 'delete' && kind === 'consent')).toBe(true)
        return commit(changes)
      },
    })
    expect(await revokeApplication({ store, clock: world.as.clock }, subject, 'web')).toBe(true)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500)
    expect((await store.list('grant', 'subject', subject, { limit: 10 })).items).toEqual([])
    expect((await store.list('refresh_family', 'clientId', 'web', { limit: 10 })).items).toEqual([])
    expect(await revokeApplication({ store, clock: world.as.clock }, subject, 'web')).toBe(false)
  })

  test('a store that is down takes nothing back, and says that it is down', async () => {
    const { world, app, refresh } = await withTokens()
    const { commit } = world.as.store
    const page = await app.person.go(`${ISSUER}/account`)
    Object.assign(world.as.store, { commit: () => Promise.reject(new StoreUnavailable('locked')) })
    expect((await send(app.person, APPLICATIONS, { answer: 'revoke', client: 'web' }, page)).status).toBe(503)
    Object.assign(world.as.store, { commit })
    expect(told(await app.refresh(refresh))).toBe('200')
  })

  test.each([{}, { answer: 'revoke' }, { answer: 'revoke', client: 'nobody' }, { answer: 'x', client: 'web' }])(
    '%o takes nothing back',
    async (fields) => {
      const { app, refresh } = await withTokens()
      await send(app.person, APPLICATIONS, fields)
      expect(told(await app.refresh(refresh))).toBe('200')
    },
  )
})
