import { describe, expect, test } from 'vitest'
import { userCodeIds } from '../interaction/user-code.ts'
import { DerivedKeys } from '../keys/derived.ts'
import { type Application, times, told } from '../test/application.ts'
import { answered, askDevice, decide, deviceOf, hidden, openDevicePage, pollDevice, television, typeCode } from '../test/device.ts'
import { Person, type Seen } from '../test/person.ts'
import { ISSUER, startServer, type TestServer } from '../test/server.ts'

const tv = television({ scopes: ['openid', 'profile', 'accounts:read'] })

async function device(): Promise<{ readonly as: TestServer; readonly app: Application; readonly person: Person }> {
  const as = await startServer([tv])
  const app = deviceOf(as, tv)
  return { as, app, person: app.person }
}

describe('the page for the code', () => {
  test('DEV-11 RFC 8628 §3.3: sign-in, code, question, answer, and the device goes on', async () => {
    const { app, person } = await device()
    const { deviceCode, userCode } = await askDevice(app)
    const first = await person.go(`${ISSUER}/device`)
    expect([first.status, first.location?.pathname]).toEqual([303, '/sign-in/device'])
    const entry = await openDevicePage(person)
    expect(entry.text).toContain('name="user_code"')
    const question = await person.submit(entry, { user_code: userCode })
    expect(question.text).toContain('device-allow')
    expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
    expect((await decide(person, question, 'allow')).text).toContain('Your device is connected')
    expect(told(await pollDevice(app, deviceCode))).toBe('200')
  })

  test('DEV-11 nothing about a request is shown to somebody who is not signed in', async () => {
    const { app } = await device()
    const { userCode } = await askDevice(app)
    const stranger = new Person(app.as)
    const seen = await stranger.go(`${ISSUER}/device?user_code=${userCode}`)
    expect([seen.status, seen.text]).toEqual([303, ''])
    expect((await stranger.go(seen.location ?? '')).text).not.toContain('Television')
    const sent = await stranger.post(`${ISSUER}/device`, { user_code: userCode })
    expect([sent.status, sent.location?.pathname]).toEqual([303, '/sign-in/device'])
  })

  test('DEV-12 RFC 8628 §6.1: the code is taken as people type it', async () => {
    const { app, person } = await device()
    const { userCode } = await askDevice(app)
    const bare = userCode.replace('-', '')
    for (const typed of [userCode.toLowerCase(), bare, ` ${bare.slice(0, 2)} ${bare.slice(2)}. `, bare.split('').join('_'), `${bare}1`])
      expect((await typeCode(person, typed)).text).toContain('device-allow')
    for (const typed of [bare.slice(1), `${bare}B`, '', '--------']) expect((await typeCode(person, typed)).status).toBe(400)
  })

  test('DEV-14 RFC 8628 §3.3.1: with the code in the address it is shown and still sent by hand; a GET approves nothing', async () => {
    const { app, person } = await device()
    const { deviceCode, userCode } = await askDevice(app)
    const page = await openDevicePage(person, `?user_code=${userCode.toLowerCase()}`)
    expect(page.text).toMatch(new RegExp(`id="user-code"[^>]* value="${userCode}"`))
    expect(page.text).not.toContain('Television')
    const question = await person.submit(page, { user_code: userCode })
    expect(question.text).toContain(`<code id="confirm-code">${userCode}</code>`)
    for (const query of [`?user_code=${userCode}&answer=allow`, `/decision?request=${hidden(question, 'request')}&answer=allow`])
      await person.go(`${ISSUER}/device${query}`)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
  })

  test('DEV-14 what stands in the address and is no code goes nowhere', async () => {
    const { person } = await device()
    const seen = await person.go(`${ISSUER}/device?user_code=${encodeURIComponent('"><script>')}&next=https://evil.example`)
    expect(seen.location?.href).toBe(`${ISSUER}/sign-in/device`)
    expect((await openDevicePage(person, '?user_code=%22%3E%3Cscript%3E')).text).not.toContain('<script')
  })

  test('DEV-15 RFC 8628 §5.4: the question names the client, the place, the time and each permission, and warns', async () => {
    const { app, person } = await device()
    const { userCode } = await askDevice(app, { scope: 'openid accounts:read' })
    const { text } = await typeCode(person, userCode)
    for (const words of [
      'Television',
      'Ada',
      '192.0.2.1',
      'the network address that you use now',
      '08:00 UTC',
      'See your accounts',
      'If somebody sent you the code',
    ])
      expect(text).toContain(words)
    expect((await openDevicePage(person)).text).toContain('Do not type a code that somebody sent or told you')
  })

  test('DEV-16 OA-37 the pages cannot be framed or cached', async () => {
    const { app, person } = await device()
    const { userCode } = await askDevice(app)
    const signIn = await person.arrive(`${ISSUER}/sign-in/device`)
    const entry = await openDevicePage(person)
    const question = await person.submit(entry, { user_code: userCode })
    for (const seen of [signIn, entry, question, await decide(person, question, 'deny')]) {
      expect(seen.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect([seen.headers.get('x-frame-options'), seen.headers.get('cache-control')]).toEqual(['DENY', 'no-store'])
    }
  })
})

describe('one answer', () => {
  test('DEV-18 after the answer the code is dead, like one that never was', async () => {
    const { app, person } = await device()
    const strip = ({ status, text }: Seen): unknown => [status, text.replace(/value="[^"]*"/g, '')]
    const unknown = strip(await typeCode(person, 'BBBB-BBBB'))
    for (const answer of ['allow', 'deny'] as const) {
      const { userCode } = await answered(app, answer)
      expect(strip(await typeCode(person, userCode))).toEqual(unknown)
      const [id = ''] = userCodeIds(new DerivedKeys([{ id: 's1', value: new Uint8Array(32).fill(1) }]), userCode.replace('-', ''))
      expect(await app.as.store.read('user_code', id)).toBeUndefined()
    }
    const { userCode } = await askDevice(app)
    app.as.clock.advance(600)
    expect(strip(await typeCode(person, userCode))).toEqual(unknown)
  })

  test('DEV-18 of fifty answers at once, half of them no, exactly one counts', async () => {
    const { as, app, person } = await device()
    const { deviceCode, userCode } = await askDevice(app)
    const page = await typeCode(person, userCode)
    const all = await Promise.all(times(50, (index) => decide(person, page, index % 2 === 0 ? 'allow' : 'deny')))
    expect(all.filter((seen) => seen.status === 200)).toHaveLength(1)
    expect(all.filter((seen) => seen.text.includes('This request is over'))).toHaveLength(49)
    const allowed = all.some((seen) => seen.text.includes('Your device is connected'))
    expect((await as.store.list('grant', 'subject', 'u_ada', { limit: 100 })).items).toHaveLength(allowed ? 1 : 0)
    expect(told(await pollDevice(app, deviceCode))).toBe(allowed ? '200' : '400 access_denied')
  })

  test('DEV-17 an answer that comes too late is none', async () => {
    const { as, app, person } = await device()
    const { userCode } = await askDevice(app)
    const page = await typeCode(person, userCode)
    as.clock.advance(600)
    expect((await decide(person, page, 'allow')).text).toContain('This request is over')
  })

  test('an answer that is neither yes nor no changes nothing', async () => {
    const { app, person } = await device()
    const { deviceCode, userCode } = await askDevice(app)
    const page = await typeCode(person, userCode)
    for (const answer of ['', 'ALLOW', 'yes']) expect((await decide(person, page, answer)).status).toBe(303)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
  })

  test('a device approval is not remembered: the next one asks again, and so does the authorization endpoint', async () => {
    const { as, app, person } = await device()
    await answered(app, 'allow')
    const { userCode } = await askDevice(app)
    expect((await typeCode(person, userCode)).text).toContain('device-allow')
    expect((await as.store.list('consent', 'subject', 'u_ada', { limit: 1 })).items).toEqual([])
  })
})

describe('whose answer', () => {
  test('DEV-16 the form is good in the browser session that typed the code, and in no other', async () => {
    const { as, app, person } = await device()
    const { deviceCode, userCode } = await askDevice(app)
    const page = await typeCode(person, userCode)
    const other = new Person(as)
    await openDevicePage(other)
    expect((await decide(other, page, 'allow')).status).toBe(403)
    const own = await typeCode(other, (await askDevice(app)).userCode)
    const mixed = await other.submit(own, { request: hidden(page, 'request'), answer: 'allow' })
    expect(mixed.status).toBe(403)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
  })

  test('DEV-16 RFC 9700 §4.7: a form without its token, with that of another request, or from another site is refused', async () => {
    const { app, person } = await device()
    const first = await askDevice(app)
    const second = await askDevice(app)
    const page = await typeCode(person, first.userCode)
    const request = hidden(page, 'request')
    const crossed = await typeCode(person, second.userCode)
    const url = `${ISSUER}/device/decision`
    expect((await person.post(url, { request, answer: 'allow' })).status).toBe(403)
    expect((await person.post(url, { request, csrf: hidden(crossed, 'csrf'), answer: 'allow' })).status).toBe(403)
    const fields = { request, csrf: hidden(page, 'csrf'), answer: 'allow' }
    expect((await person.post(url, fields, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await person.post(url, fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    const entry = await openDevicePage(person)
    expect((await person.submit(entry, { user_code: first.userCode, csrf: 'x'.repeat(43) })).status).toBe(403)
    expect(told(await pollDevice(app, first.deviceCode))).toBe('400 authorization_pending')
  })

  test('A39 a person who was disabled while the page was open approves nothing', async () => {
    const { as, app, person } = await device()
    const { deviceCode, userCode } = await askDevice(app)
    const page = await typeCode(person, userCode)
    const ada = as.people.get('u_ada')
    if (ada !== undefined) as.people.set('u_ada', { ...ada, disabled: true })
    expect((await decide(person, page, 'allow')).status).toBe(303)
    expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
  })

  test.each([
    ['was disabled', television({ disabled: true })],
    ['lost the grant', television({ grantTypes: ['authorization_code'] })],
    ['lost a scope', television({ scopes: ['openid'] })],
  ])('A39 A40 a client that %s while the page was open gets no approval', async (_name, changed) => {
    const { as, app, person } = await device()
    const { userCode, deviceCode } = await askDevice(app)
    const page = await typeCode(person, userCode)
    const later = new Person(await startServer([changed], { store: as.store, clock: as.clock }))
    for (const [name, value] of person.cookies) later.cookies.set(name, value)
    const seen = await decide(later, page, 'allow')
    expect([seen.status, seen.text.includes('not available')]).toEqual([400, true])
    expect((await as.store.read('device_request', deviceCode.slice(0, 26)))?.value.state).toBe('pending')
  })
})

describe('the audit trail', () => {
  test('DEV-18 tells who answered which client, and who tried too many codes', async () => {
    const as = await startServer([tv])
    const commit = as.store.commit.bind(as.store)
    const trail: unknown[] = []
    Object.assign(as.store, {
      async commit(changes: Parameters<typeof commit>[0]) {
        const outcome = await commit(changes)
        for (const change of outcome === 'committed' ? changes : [])
          if (change.op === 'insert' && change.kind === 'audit_event')
            trail.push([change.value.type, change.value.clientId, change.value.subject])
        return outcome
      },
    })
    const app = deviceOf(as, tv)
    await answered(app, 'allow')
    await answered(app, 'deny')
    const page = await openDevicePage(app.person)
    for (let tries = 0; tries < 8; tries++) await app.person.submit(page, { user_code: 'BBBB-BBBB' })
    expect(trail).toEqual([
      ['person.signed_in', undefined, 'u_ada'],
      ['device.approved', 'tv', 'u_ada'],
      ['device.refused', 'tv', 'u_ada'],
      ['device.entry_locked', undefined, 'u_ada'],
    ])
  })
})

describe('guessing', () => {
  test('DEV-13 RFC 8628 §5.1: after five wrong codes in a session no code is looked up, the right one neither', async () => {
    const { app, person } = await device()
    const { userCode } = await askDevice(app)
    const page = await openDevicePage(person)
    for (let tries = 0; tries < 5; tries++) expect((await person.submit(page, { user_code: 'BBBB-BBBB' })).status).toBe(400)
    expect((await person.submit(page, { user_code: userCode })).status).toBe(429)
    app.as.clock.advance(900)
    expect((await person.submit(await openDevicePage(person), { user_code: (await askDevice(app)).userCode })).status).toBe(200)
  })

  test('DEV-13 a new session is no way around: the person has ten, the address thirty', async () => {
    const { as } = await device()
    let looked = 0
    for (let sessions = 0; sessions < 4; sessions++) {
      const person = new Person(as)
      const page = await openDevicePage(person)
      for (let tries = 0; tries < 5; tries++) if ((await person.submit(page, { user_code: 'BBBB-BBBB' })).status === 400) looked++
    }
    expect(looked).toBe(10)
    for (let person = 0; person < 10; person++) {
      as.people.set('u_ada', { sub: `u_${person}`, username: 'ada', displayName: 'A', claims: {}, disabled: false })
      as.people.set(`u_${person}`, { sub: `u_${person}`, username: 'ada', displayName: 'A', claims: {}, disabled: false })
      const browser = new Person(as)
      const page = await openDevicePage(browser)
      for (let tries = 0; tries < 5; tries++) if ((await browser.submit(page, { user_code: 'BBBB-BBBB' })).status === 400) looked++
    }
    // Ten of them were over the person's limit, and counted at the address all the same.
    expect(looked).toBe(20)
  })

  test('DEV-13 of forty codes at once five are looked up', async () => {
    const { person } = await device()
    const page = await openDevicePage(person)
    const all = await Promise.all(times(40, () => person.submit(page, { user_code: 'BBBB-BBBB' })))
    expect(all.filter((seen) => seen.status === 400)).toHaveLength(5)
  })

  test('a right code gives the attempt back: a person with many devices is not locked out', async () => {
    const { app, person } = await device()
    for (let devices = 0; devices < 12; devices++) {
      const { userCode } = await askDevice(app)
      expect((await decide(person, await typeCode(person, userCode), 'allow')).status).toBe(200)
    }
  })
})
