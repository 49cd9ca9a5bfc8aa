import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { AccountModel } from '../pages/account-models.ts'
import { endSessions } from '../sessions/end-session.ts'
import type { Session } from '../sessions/session.ts'
import { readAccountForm, told } from './account-request.ts'
import { seeOther } from './answer.ts'
import { openReference, sealedReference } from './answer-waiting.ts'
import type { SignedInPerson } from './person.ts'

/** The most that the page shows. */
const SHOWN = 50
const KIND = 'account session'
const AT_ONCE = 5

/** RFC 8176 in words for a person; what has none is left out. */
const METHODS: Readonly<Record<string, string>> = {
  pwd: 'a password',
  otp: 'a code from an app',
  hwk: 'a passkey',
  swk: 'a passkey',
}

/** Where the person is signed in: this browser first, then the newest. */
export async function sessionsShown(
  as: AuthorizationServer,
  person: SignedInPerson,
): Promise<Pick<AccountModel, 'sessions' | 'moreSessions'>> {
  const others = (await othersOf(as, person)).toReversed()
  const shown = [person.session, ...others].slice(0, SHOWN)
  return {
    sessions: shown.map(({ id, value: { authTime, seenAt, amr } }) => ({
      reference: sealedReference(as, KIND, id, person.session.id),
      here: id === person.session.id,
      signedInAt: authTime === undefined ? undefined : new Date(authTime * 1000),
      seenAt: new Date(seenAt * 1000),
      methods: [...new Set(amr.map((method) => METHODS[method]).filter((words) => words !== undefined))].join(' and '),
    })),
    moreSessions: others.length >= SHOWN,
  }
}

/** The person's other sessions that are alive; in ascending order of their beginning. */
async function othersOf(as: AuthorizationServer, { account, session }: SignedInPerson): Promise<readonly Session[]> {
  const now = as.clock.now()
  const alive: Session[] = []
  let after: string | undefined
  do {
    const listed = await as.store.list('session', 'subject', account.sub, { limit: 200, ...(after !== undefined && { after }) })
    alive.push(...listed.items.filter((one) => one.id !== session.id && as.sessions.isAlive(one, now)))
    after = listed.next
  } while (after !== undefined)
  return alive
}

/** POST /account/sessions: ends one of them, or all but this browser's. */
export async function endAccountSessions(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const read = await readAccountForm(as, http)
  if ('status' in read) return read
  const { person, form } = read
  if (form.one('answer') === 'others') {
    // A few in one commit: each brings its grants and clients with it.
    const others = await othersOf(as, person)
    for (let at = 0; at < others.length; at += AT_ONCE) await endSessions(as, others.slice(at, at + AT_ONCE), 'account')
    return told(as, person, 'others-ended')
  }
  const id = openReference(as, KIND, form.one('session'), person.session.id)
  const session = id === undefined ? undefined : await as.store.read('session', id)
  // A reference opens in the browser session alone that was given it, for a session of the same person.
  if (form.one('answer') !== 'end' || session === undefined) return seeOther(endpointUrl(as.issuer, '/account'))
  await endSessions(as, [session], 'account')
  return told(as, person, 'session-ended')
}
