import { describe, expect, test } from 'vitest'
import { Application, KEY, OTHER_KEY, tally, times, told } from '../test/application.ts'
import { ATTESTERS, attestedClient, INSTANCE, STRANGER, Wallet } from '../test/attested.ts'
import { asking, PATH, Phone, phone } from '../test/challenged.ts'
import { CodePeople } from '../test/one-time-codes.ts'
import { PASSWORD, startServer } from '../test/server.ts'

describe('§5.3.1: auth_session', () => {
  test('FIPA-20 it is a handle: 256 random bits, of which the store has a hash', async () => {
    const own = await phone()
    await own.start()
    const first = own.session ?? ''
    await own.start()
    expect([first.length, first === own.session]).toEqual([69, false])
    const record = await own.app.as.store.read('auth_session', first.slice(0, 26))
    expect(JSON.stringify(record?.value)).not.toContain(first.slice(26))
  })
  test.each([
    ['unknown', 'x'],
    ['of the right form', `${'0'.repeat(26)}${'A'.repeat(43)}`],
  ])('FIPA-11 one that is %s is invalid_session', async (_name, session) => {
    const own = await phone()
    own.session = session
    expect(told(await own.password())).toBe('400 invalid_session')
    expect(own.people.passwords).toEqual([])
  })
  test('FIPA-11 FIPA-24 it ends half an hour after the start of the sign-in', async () => {
    const own = await phone()
    await own.start()
    own.app.as.clock.advance(1799)
    expect(told(await own.password('wrong'))).toBe('400 insufficient_authorization')
    own.app.as.clock.advance(1)
    expect(told(await own.password())).toBe('400 invalid_session')
  })
  test('FIPA-12 FIPA-23 every step replaces it, and what was shown once is worth nothing', async () => {
    const own = await phone()
    const seen: (string | undefined)[] = []
    const step = async (): Promise<void> => void seen.push(own.session)
    await own.start({ login_hint: 'grace' }).then(step)
    await own.password('wrong').then(step)
    await own.password().then(step)
    await own.otp().then(step)
    expect(new Set(seen).size).toBe(4)
    const newest = own.session
    for (const session of seen.slice(0, 3)) {
      own.session = session
      expect(told(await own.send({ otp: own.people.deal() }))).toBe('400 invalid_session')
    }
    own.session = newest
    expect(told(await own.send(asking()))).toBe('200')
  })
  test('FIPA-12 a client may repeat its request with every step', async () => {
    const own = await phone()
    await own.start({ login_hint: 'grace' })
    expect(told(await own.send({ ...asking({ login_hint: 'grace' }), password: PASSWORD }))).toBe('400 insufficient_authorization')
    expect(told(await own.send({ ...asking({ login_hint: 'grace' }), otp: own.people.deal() }))).toBe('200')
  })
  test('A56 another request in the middle starts the sign-in over: the password that was typed before does not count for it', async () => {
    const own = await phone()
    await own.start({ login_hint: 'grace' })
    await own.password()
    const answer = await own.send(asking({ login_hint: 'grace', scope: 'openid accounts:write' }))
    expect([told(answer), answer.body['next']]).toEqual(['400 insufficient_authorization', ['password']])
    expect(told(await own.otp())).toBe('400 insufficient_authorization')
  })
  test('A36 one request gives one code: its session asks for the next request', async () => {
    const own = await phone()
    await own.code()
    const answer = await own.password()
    expect(told(answer)).toBe('400 invalid_request')
    expect(answer.body['error_description']).toContain('response_type')
  })
})

describe('§9.6: the device', () => {
  test('FIPA-21 FIPA-22 FIPA-32 a session that began with a DPoP key is for that key alone', async () => {
    const own = await phone()
    await own.start()
    for (const key of [OTHER_KEY, undefined]) expect(told(await own.elsewhere(key).password())).toBe('400 invalid_dpop_proof')
    expect(own.people.passwords).toEqual([])
    expect(told(await own.password())).toBe('200')
  })
  test('FIPA-32 §9.5.1: a proof for another place is refused, and a proof counts once', async () => {
    const own = await phone()
    await own.app.learnNonce()
    expect(told(await own.start({}, { dpop: own.app.proof('/token') }))).toBe('400 invalid_dpop_proof')
    const proof = own.app.proof(PATH)
    expect(told(await own.start({}, { dpop: proof }))).toBe('400 insufficient_authorization')
    expect(told(await own.start({}, { dpop: proof }))).toBe('400 invalid_dpop_proof')
  })
  test('FIPA-33 RFC 9449 §8: asking for a nonce spends nothing: not the session, not an attempt, not the code', async () => {
    const own = await phone()
    await own.start({ login_hint: 'grace' })
    await own.password()
    const { session } = own
    const otp = own.people.deal()
    for (let tries = 0; tries < 8; tries++) {
      const answer = await own.send({ otp }, { dpop: own.app.proof(PATH, { nonce: 'old' }) })
      expect([told(answer), answer.headers.has('dpop-nonce')]).toEqual(['400 use_dpop_nonce', true])
    }
    expect([own.session, own.people.shown]).toEqual([session, []])
    expect(told(await own.otp(otp))).toBe('200')
  })
  test('FIPA-21 without a key it still works, and takes on the key of the first proof', async () => {
    const own = await phone({}, { unbound: true })
    await own.start()
    const keyed = own.elsewhere(KEY)
    await keyed.password('wrong')
    own.session = keyed.session
    expect(told(await own.password())).toBe('400 invalid_dpop_proof')
    const code = String((await keyed.password()).body['authorization_code'])
    expect(told(await own.redeem(code))).toBe('400 invalid_grant')
    expect(told(await keyed.redeem(code))).toBe('200')
  })
  test('FIPA-36 FIPA-21 ABCA-14 an attested app: its session and its code are for that instance alone', async () => {
    const registered = attestedClient({ firstParty: true })
    const people = new CodePeople()
    const as = await startServer([registered], { attestation: { attesters: ATTESTERS }, dpopNonce: 'off', accounts: people })
    const wallet = new Wallet(new Application(as, registered))
    await wallet.learnChallenge()
    const own = new Phone(wallet.application, people)
    const mine = { instance: INSTANCE, key: INSTANCE }
    const other = { instance: STRANGER, key: STRANGER }
    const by = (who: typeof mine): { readonly credentials: ReturnType<Wallet['credentials']> } => ({
      credentials: wallet.credentials(wallet.attestation({ instance: who.instance }), wallet.pop({ key: who.key })),
    })
    expect(told(await own.start({}, by(mine)))).toBe('400 insufficient_authorization')
    expect(told(await own.send({ password: PASSWORD }, by(other)))).toBe('400 invalid_session')
    const code = String((await own.send({ password: PASSWORD }, by(mine))).body['authorization_code'])
    expect(told(await own.redeem(code, {}, by(other)))).toBe('400 invalid_grant')
    expect(told(await own.redeem(code, {}, by(mine)))).toBe('200')
  })
})

describe('fifty at once', () => {
  test('FIPA-23 one handle, the right password: one code, one verification', async () => {
    const own = await phone({}, { dpopNonce: 'off' })
    await own.start()
    const { session } = own
    const answers = await Promise.all(times(50, () => own.send({ auth_session: session, password: PASSWORD })))
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_session': 49 })
    expect(own.people.passwords).toHaveLength(1)
  })
  test('FIPA-25 one handle, fifty guesses: a single one is looked at, whichever it is', async () => {
    const own = await phone({}, { dpopNonce: 'off' })
    await own.start({ login_hint: 'grace' })
    await own.password()
    const { session } = own
    const right = own.people.deal()
    const answers = await Promise.all(
      times(50, (n) => own.send({ auth_session: session, otp: n === 30 ? right : String(n).padStart(6, '0') })),
    )
    expect(tally(answers)['400 invalid_session']).toBe(49)
    expect(own.people.shown).toHaveLength(1)
  })
})
