import { newRecordId } from '@holdfast/protocol/secret'
import { describe, expect, test } from 'vitest'
import { csrfToken } from '../interaction/csrf.ts'
import { DerivedKeys, seal } from '../keys/derived.ts'
import { Application, times, told } from '../test/application.ts'
import {
  answerApproval,
  askPerson,
  bank,
  fieldsOf,
  NOTIFICATION_TOKEN,
  NOTIFIED,
  openApprovals,
  pingedBank,
  pollAnswer,
} from '../test/backchannel.ts'
import { Person } from '../test/person.ts'
import { Places } from '../test/places.ts'
import { ISSUER, PASSWORD, startServer } from '../test/server.ts'

const registered = bank()

async function counter(): Promise<Application> {
  const as = await startServer([registered])
  as.people.set('u_bob', { sub: 'u_bob', username: 'bob', displayName: 'Bob', claims: {}, disabled: false })
  return new Application(as, registered)
}

const BOB = { username: 'bob', password: PASSWORD }

describe('the page of requests', () => {
  test('CIBA-09 CIBA Core §8: shows the client, the message, the time and the permissions of each, and asks for each', async () => {
    const app = await counter()
    await askPerson(app, { scope: 'openid accounts:read' })
    await askPerson(app, { binding_message: 'Till 8' })
    const { text } = await openApprovals(app.person)
    for (const words of [
      'Bank counter',
      'Till 7',
      'Till 8',
      '08:00 UTC',
      'See your accounts',
      'Ada',
      'allow-1',
      'deny-2',
      'the message is the one you see there',
    ])
      expect(text).toContain(words)
  })

  test('CIBA-09 hostile messages are text', async () => {
    const app = await counter()
    await askPerson(app, { binding_message: '"><script>alert(1)</script>' })
    expect((await openApprovals(app.person)).text).not.toContain('<script')
  })

  test('A28 a request is shown to the person it is addressed to, and to nobody else', async () => {
    const app = await counter()
    await askPerson(app)
    expect((await app.person.go(`${ISSUER}/approve`)).location?.pathname).toBe('/sign-in/approve')
    const bob = await openApprovals(new Person(app.as), BOB)
    expect([bob.text.includes('Bank counter'), bob.text.includes('No requests')]).toEqual([false, true])
    expect((await openApprovals(app.person)).text).toContain('Bank counter')
  })

  test('what is over, answered or of a client that is gone is not shown', async () => {
    const app = await counter()
    await askPerson(app, { requested_expiry: '60' })
    await askPerson(app, { binding_message: 'Till 8' })
    await answerApproval(app.person, await openApprovals(app.person), 'deny', 'Till 8')
    expect((await openApprovals(app.person)).text).toContain('Till 7')
    expect((await openApprovals(app.person)).text).not.toContain('Till 8')
    app.as.clock.advance(60)
    expect((await openApprovals(app.person)).text).toContain('No requests')
    await askPerson(app)
    const without = new Person(await startServer([bank({ disabled: true })], { store: app.as.store, clock: app.as.clock }))
    expect((await openApprovals(without)).text).toContain('No requests')
  })

  test('three hundred requests that have expired hide none that waits', async () => {
    const app = await counter()
    const { authReqId } = await askPerson(app)
    const record = await app.as.store.read('backchannel_request', authReqId.slice(0, 26))
    if (record === undefined) throw new Error('there is a record')
    const value = { ...record.value, endsAt: app.as.clock.now() - 1 }
    for (let past = 0; past < 300; past++)
      await app.as.store.commit([{ op: 'insert', kind: 'backchannel_request', id: newRecordId(1_000 + past), value }])
    expect((await openApprovals(app.person)).text).toContain('Till 7')
  })

  test('DEV-16 OA-37 it cannot be framed or cached', async () => {
    const { headers } = await openApprovals((await counter()).person)
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect([headers.get('x-frame-options'), headers.get('cache-control')]).toEqual(['DENY', 'no-store'])
  })
})

describe('the answer', () => {
  test('CIBA-05 of fifty answers at once exactly one counts', async () => {
    const app = await counter()
    const { authReqId } = await askPerson(app)
    const page = await openApprovals(app.person)
    const all = await Promise.all(times(50, (index) => answerApproval(app.person, page, index % 2 === 0 ? 'allow' : 'deny')))
    expect(all.filter((seen) => seen.status === 200)).toHaveLength(1)
    expect(all.filter((seen) => seen.text.includes('This request is over'))).toHaveLength(49)
    const allowed = all.some((seen) => seen.text.includes('You allowed it'))
    expect(told(await pollAnswer(app, authReqId))).toBe(allowed ? '200' : '400 access_denied')
  })

  test('A28 OIDC-22 the form of another person, of another request, or from another site answers nothing', async () => {
    const app = await counter()
    const { authReqId } = await askPerson(app)
    await askPerson(app, { binding_message: 'Till 8' })
    const page = await openApprovals(app.person)
    const bob = new Person(app.as)
    await openApprovals(bob, BOB)
    expect((await answerApproval(bob, page, 'allow')).status).toBe(403)
    const url = `${ISSUER}/approve`
    const own = fieldsOf(page, 'Till 7')
    const { csrf = '' } = fieldsOf(page, 'Till 8')
    expect((await app.person.post(url, { ...own, csrf, answer: 'allow' })).status).toBe(403)
    expect((await app.person.post(url, { request: own['request'] ?? '', answer: 'allow' })).status).toBe(403)
    expect((await app.person.post(url, { ...own, answer: 'allow' }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await app.person.post(url, { ...own, answer: 'yes' })).status).toBe(303)
    expect((await app.person.go(`${url}?answer=allow&request=${own['request']}`)).status).toBe(200)
    expect(told(await pollAnswer(app, authReqId))).toBe('400 authorization_pending')
  })

  test('A28 not even a form that this server sealed answers for another person', async () => {
    const app = await counter()
    const { authReqId } = await askPerson(app)
    const bob = new Person(app.as)
    await openApprovals(bob, BOB)
    const keys = new DerivedKeys([{ id: 's1', value: new Uint8Array(32).fill(1) }])
    const session = bob.cookies.get('__Host-holdfast-as')?.slice(0, 26) ?? ''
    const id = authReqId.slice(0, 26)
    const request = seal(keys.current('waiting-request'), id, `approve ${session}`)
    const seen = await bob.post(`${ISSUER}/approve`, { request, csrf: csrfToken(keys, session, `approve ${id}`), answer: 'allow' })
    expect(seen.text).toContain('This request is over')
    expect(told(await pollAnswer(app, authReqId))).toBe('400 authorization_pending')
  })

  test('CIBA-05 too late is too late', async () => {
    const app = await counter()
    await askPerson(app)
    const page = await openApprovals(app.person)
    app.as.clock.advance(300)
    expect((await answerApproval(app.person, page, 'allow')).text).toContain('This request is over')
  })

  test('A39 A40 a client that lost a scope meanwhile gets no approval', async () => {
    const app = await counter()
    await askPerson(app)
    const page = await openApprovals(app.person)
    const later = new Person(await startServer([bank({ scopes: ['openid'] })], { store: app.as.store, clock: app.as.clock }))
    for (const [name, value] of app.person.cookies) later.cookies.set(name, value)
    expect((await answerApproval(later, page, 'allow')).text).toContain('not available')
  })
})

describe('ping', () => {
  const pinged = pingedBank()
  const told204 = { status: 204, headers: {}, body: new Uint8Array() }

  test.each(['allow', 'deny'] as const)(
    'CIBA-07 CIBA Core §10.2: after %s the client is told, by its own token, that there is an answer',
    async (answer) => {
      const outbound = new Places().put(NOTIFIED, told204)
      const app = new Application(await startServer([pinged], { outbound }), pinged)
      const { authReqId } = await askPerson(app, { client_notification_token: NOTIFICATION_TOKEN })
      expect(outbound.asked).toEqual([])
      await answerApproval(app.person, await openApprovals(app.person), answer)
      expect(outbound.asked).toHaveLength(1)
      const [{ method, url, body, wanted } = {}] = outbound.asked as readonly Partial<(typeof outbound.asked)[number]>[]
      expect([method, url, JSON.parse(body ?? '')]).toEqual(['POST', NOTIFIED, { auth_req_id: authReqId }])
      expect(wanted).toMatchObject({ contentType: 'application/json', headers: { authorization: `Bearer ${NOTIFICATION_TOKEN}` } })
      expect(told(await pollAnswer(app, authReqId))).toBe(answer === 'allow' ? '200' : '400 access_denied')
      expect(app.as.logged.join('\n')).not.toContain(NOTIFICATION_TOKEN)
    },
  )

  test('CIBA-07 a client that does not answer holds nobody up, and polls', async () => {
    const outbound = new Places().put(NOTIFIED, () => new Promise<object>(() => {}))
    const app = new Application(await startServer([pinged], { outbound }), pinged)
    const { authReqId } = await askPerson(app, { client_notification_token: NOTIFICATION_TOKEN })
    expect((await answerApproval(app.person, await openApprovals(app.person), 'allow')).text).toContain('You allowed it')
    expect(told(await pollAnswer(app, authReqId))).toBe('200')
  })

  test('the token is gone from the store with the answer', async () => {
    const app = new Application(await startServer([pinged], { outbound: new Places().put(NOTIFIED, told204) }), pinged)
    const { authReqId } = await askPerson(app, { client_notification_token: NOTIFICATION_TOKEN })
    await answerApproval(app.person, await openApprovals(app.person), 'allow')
    expect((await app.as.store.read('backchannel_request', authReqId.slice(0, 26)))?.value.notificationToken).toBeUndefined()
  })
})
