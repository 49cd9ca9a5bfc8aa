import { expect } from 'vitest'
import { type Answer, type Application, KEY, tally, told } from '../../packages/server/src/test/application.ts'
import { asking, PATH, phoneApp } from '../../packages/server/src/test/challenged.ts'
import { VERIFIER } from '../../packages/server/src/test/person.ts'
import { codeAt } from '../one-time-code.ts'
import { both, DANA, type Nodes, type SingleUse, winner } from './nodes.ts'

const PHONE = phoneApp()
const SIGNED_IN_PHONE = phoneApp({ clientId: 'signed-in-phone' })
const CODES_PHONE = phoneApp({ clientId: 'codes-phone' })

const session = ({ body }: Answer): string => String(body['auth_session'])
const NEXT = '400 insufficient_authorization'

/** The next code that counts: of a later step than the one before. */
function nextCode({ clock }: Nodes): string {
  clock.advance(90)
  return codeAt(clock.now())
}

async function afterPassword(app: Application): Promise<string> {
  const auth_session = session(await app.post(PATH, asking({ login_hint: 'dana' })))
  const answer = await app.post(PATH, { auth_session, password: DANA.password })
  expect(told(answer)).toBe(NEXT)
  return session(answer)
}

/** The sign-in that an app leads: each `auth_session` is good for one step, and each one-time code for one sign-in. */
export const FIRST_PARTY: readonly SingleUse[] = [
  {
    name: 'FIPA-23 an auth_session: one password is looked at, then one one-time code, and one code is given',
    client: PHONE,
    async race(nodes) {
      const apps = nodes.apps(PHONE, { dpop: KEY })
      const begun = session(await apps[0].post(PATH, asking({ login_hint: 'dana' })))
      const passwords = await both(apps, (app) => app.post(PATH, { auth_session: begun, password: DANA.password }))
      expect(tally(passwords)).toEqual({ [NEXT]: 1, '400 invalid_session': 49 })
      const next = passwords.find((answer) => told(answer) === NEXT) as Answer
      expect(next.body['next']).toEqual(['otp'])

      const otp = nextCode(nodes)
      const codes = await both(apps, (app) => app.post(PATH, { auth_session: session(next), otp }))
      expect(tally(codes)).toEqual({ '200': 1, '400 invalid_session': 49 })
      expect(await nodes.standing(PHONE)).toEqual({ grants: 1, families: 0 })
      const code = String(winner(codes).body['authorization_code'])
      const redeemed = await apps[1].post('/token', { grant_type: 'authorization_code', code, code_verifier: VERIFIER })
      expect(told(redeemed)).toBe('200')
    },
  },
  {
    name: 'FIPA-23 the auth_session of a device where somebody signed in: of fifty new requests one gets a code',
    client: SIGNED_IN_PHONE,
    async race(nodes) {
      const apps = nodes.apps(SIGNED_IN_PHONE, { dpop: KEY })
      const done = await apps[0].post(PATH, { auth_session: await afterPassword(apps[0]), otp: nextCode(nodes) })
      expect(told(done)).toBe('200')
      const answers = await both(apps, (app) => app.post(PATH, asking({ auth_session: session(done) })))
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid_session': 49 })
      expect(await nodes.standing(SIGNED_IN_PHONE)).toEqual({ grants: 2, families: 0 })
    },
  },
  {
    // Fifty sign-ins at once would meet the limit of guesses for one person, so the accounts are asked themselves.
    name: 'FIPA-40 RFC 6238 §5.2 a one-time code: right once for all nodes, and used for every sign-in after',
    client: CODES_PHONE,
    async race(nodes) {
      const apps = nodes.apps(CODES_PHONE, { dpop: KEY })
      const { sub = '' } = (await nodes.accounts[1].findByUsername?.('dana')) ?? {}
      const otp = nextCode(nodes)
      const right = await both(nodes.accounts, (accounts) => accounts.verifyOneTimeCode(sub, otp, nodes.clock.now()))
      expect(right.filter(Boolean)).toHaveLength(1)
      const late = await apps[1].post(PATH, { auth_session: await afterPassword(apps[0]), otp })
      expect(told(late)).toBe(NEXT)
      expect(told(await apps[0].post(PATH, { auth_session: session(late), otp: nextCode(nodes) }))).toBe('200')
    },
  },
]
