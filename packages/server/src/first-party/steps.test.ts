import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, test } from 'vitest'
import { type Records, serverKinds } from '../index.ts'
import type { AuditEventRecord, ServerChange } from '../records.ts'
import { times, told } from '../test/application.ts'
import { asking, phone } from '../test/challenged.ts'
import { GRACE } from '../test/one-time-codes.ts'
import { Person } from '../test/person.ts'
import { PASSWORD } from '../test/server.ts'

describe('the steps', () => {
  test('A56 nothing sent skips nothing, and counts like a wrong answer', async () => {
    const own = await phone()
    await own.start({ login_hint: 'grace' })
    for (let tries = 0; tries < 2; tries++) {
      const answer = await own.send({ otp: own.people.deal() })
      expect([told(answer), answer.body['next']]).toEqual(['400 insufficient_authorization', ['password']])
    }
    await own.password()
    const answer = await own.send({ password: PASSWORD })
    expect([told(answer), answer.body['next']]).toEqual(['400 insufficient_authorization', ['otp']])
    expect(told(await own.send({}))).toBe('400 redirect_to_web')
    expect(own.people.shown).toEqual([])
  })
  test('A54 the password alone gives no code to somebody who has a second factor, and five minutes later it is asked again', async () => {
    const own = await phone()
    await own.start({ login_hint: 'grace' })
    expect((await own.password()).body).not.toHaveProperty('authorization_code')
    own.app.as.clock.advance(300)
    const answer = await own.otp()
    expect([told(answer), answer.body['next']]).toEqual(['400 insufficient_authorization', ['password']])
    expect(own.people.shown).toEqual([])
  })
  test('A58 FIPA-26 an unknown name and a wrong password get the same answer, and whether there is a second factor is told to nobody', async () => {
    const answers = []
    for (const [login_hint, password] of [
      ['ada', 'wrong'],
      ['nobody', 'wrong'],
      ['grace', 'wrong'],
    ] as const) {
      const own = await phone()
      await own.start({ login_hint })
      const { status, body } = await own.password(password)
      answers.push([status, { ...body, auth_session: '' }])
    }
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })
  test('a person who was disabled is refused like a wrong password, at either step', async () => {
    const own = await phone()
    await own.start({ login_hint: 'grace' })
    await own.password()
    own.people.people.set('u_grace', { ...GRACE, disabled: true })
    expect(told(await own.otp())).toBe('400 insufficient_authorization')
    await own.start({ login_hint: 'grace' })
    expect(told(await own.password())).toBe('400 insufficient_authorization')
  })
  test('an application whose people have a factor that it cannot check signs nobody of them in', async () => {
    const own = await phone()
    Object.assign(own.people, { verifyOneTimeCode: undefined })
    await own.start({ login_hint: 'grace' })
    await own.password()
    expect(told(await own.otp())).toBe('400 insufficient_authorization')
  })
  test('a one-time code counts once: the second sign-in with it is refused', async () => {
    const own = await phone()
    await own.start({ login_hint: 'grace' })
    await own.password()
    const otp = own.people.deal()
    expect(told(await own.otp(otp))).toBe('200')
    await own.start({ login_hint: 'grace' })
    await own.password()
    expect(told(await own.otp(otp))).toBe('400 insufficient_authorization')
  })
})

describe('FIPA-18 FIPA-26: on to the web', () => {
  test('FIPA-16 FIPA-26 the fifth wrong answer ends the session; its request goes on in a browser, once, for this client', async () => {
    const own = await phone()
    await own.start({ state: 's', scope: 'openid accounts:read' })
    for (const attempt of times(4, String)) expect(told(await own.password(attempt))).toBe('400 insufficient_authorization')
    const { session } = own
    const { status, body } = await own.password('5')
    expect([status, body['error'], body['expires_in'], 'auth_session' in body]).toEqual([400, 'redirect_to_web', 300, false])
    own.session = session
    expect(told(await own.password())).toBe('400 invalid_session')
    const web = new URLSearchParams({ client_id: 'phone', request_uri: String(body['request_uri']) })
    const person = new Person(own.app.as)
    const { location } = await person.through(web)
    expect([location?.protocol, location?.searchParams.get('state')]).toEqual(['com.example.phone:', 's'])
    expect(told(await own.redeem(location?.searchParams.get('code') ?? ''))).toBe('200')
    expect((await person.authorize(web)).status).toBe(400)
    expect((await person.authorize(new URLSearchParams({ client_id: 'app', request_uri: String(body['request_uri']) }))).status).toBe(400)
  })
  test('FIPA-26 the right answer may be the fifth, and a new request does not make it six', async () => {
    const own = await phone()
    await own.start()
    for (const attempt of times(4, String)) {
      await own.password(attempt)
      await own.send(asking({ login_hint: 'ada', state: attempt }))
    }
    expect(told(await own.password())).toBe('200')
    await own.start()
    for (const attempt of times(4, String)) await own.password(attempt)
    await own.send(asking({ login_hint: 'ada', scope: 'openid' }))
    expect(told(await own.password('5'))).toBe('400 redirect_to_web')
  })
  test('FIPA-18 prompt=consent is for our pages', async () => {
    const { body } = await (await phone()).start({ prompt: 'consent' })
    expect([body['error'], typeof body['request_uri']]).toEqual(['redirect_to_web', 'string'])
  })
  test('FIPA-16 no request_uri where the client has several redirect URIs and named none; with one it comes back there', async () => {
    const redirectUris = ['com.example.phone:/a', 'com.example.phone:/b']
    expect((await (await phone({ redirectUris })).start({ prompt: 'consent' })).body).not.toHaveProperty('request_uri')
    const own = await phone({ redirectUris })
    const { body } = await own.start({ prompt: 'consent', redirect_uri: 'com.example.phone:/b' })
    const web = new URLSearchParams({ client_id: 'phone', request_uri: String(body['request_uri']) })
    expect((await new Person(own.app.as).through(web)).location?.pathname).toBe('/b')
  })
})

describe('FIPA-25 §9.3: limits', () => {
  test('FIPA-25 account and address: the ten attempts of a name from an address are shared with the sign-in page', async () => {
    const own = await phone()
    for (let sessions = 0; sessions < 2; sessions++) {
      await own.start()
      for (let tries = 0; tries < 5; tries++) await own.password('wrong')
    }
    expect(own.people.passwords).toHaveLength(10)
    await own.start()
    expect(told(await own.password())).toBe('400 redirect_to_web')
    const person = new Person(own.app.as)
    const page = await person.submit(await person.go((await person.authorize(webAsking())).location ?? ''), {
      username: 'ada',
      password: PASSWORD,
    })
    expect(page.status).toBe(429)
    expect(own.people.passwords).toHaveLength(10)
    own.app.as.clock.advance(900)
    await own.start()
    expect(told(await own.password())).toBe('200')
  })
  test('FIPA-25 a name that nobody has is slowed like one that somebody has', async () => {
    const own = await phone()
    for (let sessions = 0; sessions < 2; sessions++) {
      await own.start({ login_hint: 'nobody' })
      for (let tries = 0; tries < 5; tries++) await own.password('wrong')
    }
    await own.start({ login_hint: 'nobody' })
    expect(told(await own.password())).toBe('400 redirect_to_web')
  })
  test('FIPA-25 one-time codes: ten in a quarter of an hour, thirty a day, whoever asks from wherever', async () => {
    const own = await phone()
    const guess = async (): Promise<string> => {
      await own.start({ login_hint: 'grace' })
      await own.password()
      return told(await own.otp('000000'))
    }
    for (let quarters = 0; quarters < 3; quarters++) {
      for (let tries = 0; tries < 10; tries++) expect(await guess()).toBe('400 insufficient_authorization')
      expect(await guess()).toBe('400 redirect_to_web')
      own.app.as.clock.advance(900)
    }
    expect(await guess()).toBe('400 redirect_to_web')
    expect(own.people.shown).toHaveLength(30)
  })
  test('FIPA-25 client: two thousand wrong passwords in a quarter of an hour, and everybody goes to the sign-in page', async () => {
    const own = await phone()
    const { clock, memory } = own.app.as
    const until = clock.time - (clock.time % 900) + 900
    for (let tries = 0; tries < 1999; tries++) await memory.increment(`first-party ${until} phone`, until)
    await own.start()
    expect(told(await own.password('wrong'))).toBe('400 insufficient_authorization')
    expect(told(await own.password())).toBe('400 redirect_to_web')
    expect(own.people.passwords).toHaveLength(1)
  })
  test('FIPA-25 strangers who use up a name do not lock out the device where that person signed in before', async () => {
    const own = await phone()
    await own.code()
    const device = own.session
    const { memory, clock } = own.app.as
    const until = clock.time - (clock.time % 900) + 900
    for (let tries = 0; tries < 40; tries++) await memory.increment(`sign-in ${until} at 192.0.2.1`, until)
    await own.start()
    expect(told(await own.password())).toBe('400 redirect_to_web')
    own.session = device
    await own.send(asking({ login_hint: 'ada', prompt: 'login' }))
    expect(told(await own.password())).toBe('200')
  })
})

describe('FIPA-25: a device of one person is no known device of another', () => {
  test('whoever signed in as themselves guesses the password of another like any stranger', async () => {
    const own = await phone()
    await own.code()
    const { memory, clock } = own.app.as
    const until = clock.time - (clock.time % 900) + 900
    await own.send(asking({ login_hint: 'grace', prompt: 'login' }))
    for (let tries = 0; tries < 39; tries++) await memory.increment(`sign-in ${until} at 192.0.2.1`, until)
    expect(told(await own.password('wrong'))).toBe('400 insufficient_authorization')
    expect(told(await own.password())).toBe('400 redirect_to_web')
  })
})

describe('FIPA-39: what is written down', () => {
  test('FIPA-39 each step of a sign-in is an event of its person, and no secret stands in event or log', async () => {
    const store = openMemoryStore(serverKinds)
    const told: AuditEventRecord[] = []
    const spied = { ...bound(store), commit: (changes: readonly ServerChange[]) => (keep(told, changes), store.commit(changes)) }
    const own = await phone({}, { store: spied })
    told.length = 0
    const code = await own.code({ login_hint: 'grace' })
    await own.send(asking())
    await own.start({ login_hint: 'grace' })
    await own.password('a wrong password')
    await own.password()
    await own.otp('246813')
    await own.app.as.server.close()
    expect(told.map(({ type, clientId, subject }) => [type, clientId, subject])).toEqual([
      ['person.password_verified', 'phone', 'u_grace'],
      ['person.signed_in', 'phone', 'u_grace'],
      ['auth_session.reused', 'phone', 'u_grace'],
      ['person.password_verified', 'phone', 'u_grace'],
      ['person.second_factor_refused', 'phone', 'u_grace'],
      ['requests.refused', undefined, undefined],
    ])
    expect(told[1]?.detail).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], scopes: ['openid', 'profile'], firstParty: true })
    expect(Object.keys(told[5]?.detail ?? {})).toEqual([
      expect.stringContaining('authorize-challenge insufficient_authorization FIPA-26 phone'),
    ])
    const written = JSON.stringify([told, own.app.as.logged])
    for (const secret of [PASSWORD, 'a wrong password', '246813', code, own.session ?? '']) expect(written).not.toContain(secret)
  })
})

function bound(store: OpenStore<Records>): OpenStore<Records> {
  return {
    read: (kind, id) => store.read(kind, id),
    list: (kind, index, value, page) => store.list(kind, index, value, page),
    commit: (changes) => store.commit(changes),
    purge: (now) => store.purge(now),
    close: () => store.close(),
  }
}

function keep(told: AuditEventRecord[], changes: readonly ServerChange[]): void {
  for (const change of changes) if (change.kind === 'audit_event' && change.op === 'insert') told.push(change.value)
}

function webAsking(): URLSearchParams {
  return new URLSearchParams(
    Object.entries({ ...asking(), client_id: 'phone', redirect_uri: 'com.example.phone:/callback' }) as [string, string][],
  )
}
