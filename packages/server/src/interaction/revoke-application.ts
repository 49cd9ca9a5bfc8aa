import type { Clock } from '@holdfast/protocol/time'
import type { Listed } from '@holdfast/store'
import { event } from '../events.ts'
import type { Records, ServerChange, ServerStore } from '../records.ts'
import { consentId } from './consent-record.ts'

export interface RevokingGround {
  readonly store: ServerStore
  readonly clock: Clock
}

/** The most that one commit changes. */
const AT_ONCE = 500
const PAGE = 200

/**
 * Takes back what a person allowed a client: the consent, sessions of first-party apps, and every grant with what stands
 * under it. From the commit on no token of it works here and none comes of it.
 *
 * The consent goes with the first commit, and whoever issues a code without asking requires it in theirs: so a code was
 * issued before, and then the second look finds its grant, or it is not issued at all. A store that fails in between
 * leaves fewer grants and no consent; calling it again ends the rest.
 *
 * @returns false when there was nothing to take back
 */
export async function revokeApplication(ground: RevokingGround, subject: string, clientId: string): Promise<boolean> {
  const { store, clock } = ground
  const consent = await store.read('consent', consentId(subject, clientId))
  const ends = await endsOf(store, subject, clientId)
  if (consent === undefined && ends.length === 0) return false
  const first: readonly ServerChange[] = [
    { op: 'delete', kind: 'consent', id: consentId(subject, clientId) },
    event('account.application_revoked', clock.now(), { subject, clientId }, { grants: ends.length }),
  ]
  await commitAll(store, first, ends)
  // What was given between the reading and that commit.
  await commitAll(store, [], await endsOf(store, subject, clientId))
  return true
}

/** What stands between the person and the client, each with the changes that end it. */
async function endsOf(store: ServerStore, subject: string, clientId: string): Promise<readonly (readonly ServerChange[])[]> {
  const [sessions, grants] = [await idsOf(store, 'auth_session', subject, clientId), await idsOf(store, 'grant', subject, clientId)]
  return [
    ...sessions.map((id): readonly ServerChange[] => [{ op: 'delete', kind: 'auth_session', id }]),
    ...grants.map((id): readonly ServerChange[] => [
      { op: 'delete', kind: 'grant', id },
      { op: 'deleteBy', kind: 'refresh_family', index: 'grantId', value: id },
    ]),
  ]
}

async function idsOf(store: ServerStore, kind: 'auth_session' | 'grant', subject: string, clientId: string): Promise<readonly string[]> {
  const ids: string[] = []
  let after: string | undefined
  do {
    const page = { limit: PAGE, ...(after !== undefined && { after }) }
    const listed: Listed<Records['auth_session'] | Records['grant']> = await store.list(kind, 'subject', subject, page)
    ids.push(...listed.items.filter(({ value }) => value.clientId === clientId).map(({ id }) => id))
    after = listed.next
  } while (after !== undefined)
  return ids
}

/** In one commit where they fit. */
async function commitAll(store: ServerStore, first: readonly ServerChange[], ends: readonly (readonly ServerChange[])[]): Promise<void> {
  let changes = [...first]
  for (const end of ends) {
    if (changes.length + end.length > AT_ONCE) {
      await committed(store, changes)
      changes = []
    }
    changes.push(...end)
  }
  if (changes.length > 0) await committed(store, changes)
}

const TRIES = 20

/** Nothing in it is required, so there is nothing to lose against; an engine may still have lost a fight for locks. */
async function committed(store: ServerStore, changes: readonly ServerChange[]): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) if ((await store.commit(changes)) === 'committed') return
  throw new Error('an unconditional commit conflicts again and again')
}
