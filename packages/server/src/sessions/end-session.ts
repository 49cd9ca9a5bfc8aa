import { newRecordId } from '@holdfast/protocol/secret'
import type { Clock, EpochSeconds } from '@holdfast/protocol/time'
import { type Stored, StoreUnavailable } from '@holdfast/store'
import { event } from '../events.ts'
import type { EndedSessionRecord, ServerChange, ServerStore } from '../records.ts'
import { below, type Delivery, type Frame, type Ground } from './under-session.ts'
import type { Session } from './session.ts'

/** Why sessions end, for the audit trail; `displaced` by another person, in a browser in which too many are signed in. */
export type EndReason = 'logout' | 'account' | 'operator' | 'displaced'

export interface EndingGround extends Ground {
  readonly store: ServerStore
  readonly clock: Clock
  /** Tells clients, in its own time: nobody waits for it. */
  readonly logouts: { begin(deliveries: readonly Delivery[]): void }
}

/** What the end of sessions writes, to travel in one commit with whatever else the caller writes. */
export interface Ending {
  readonly changes: readonly ServerChange[]
  readonly ended: readonly Stored<EndedSessionRecord>[]
  readonly deliveries: readonly Delivery[]
  /** Clients to be told through the browser (LOGO-20). */
  readonly frames: readonly Frame[]
}

/** Tries against others that change the same session; each one that loses means that another one won. */
const TRIES = 20

/**
 * Prepares the end of sessions. The session itself goes first and by its version: from then on no code is issued in it, so
 * what stands under it can only become less. A mark stays until nothing is left; a server that dies in between leaves the
 * rest to the next one (`resumeEndings`). After the commit call `finishEnding`.
 */
export async function endingOf(ground: Ground, sessions: readonly Session[], reason: EndReason, now: EpochSeconds): Promise<Ending> {
  const endings = await Promise.all(sessions.map((session) => endingOfOne(ground, session, reason, now)))
  return {
    changes: endings.flatMap(({ changes }) => changes),
    ended: endings.flatMap(({ ended }) => ended),
    deliveries: endings.flatMap(({ deliveries }) => deliveries),
    frames: endings.flatMap(({ frames }) => frames),
  }
}

async function endingOfOne(ground: Ground, session: Session, reason: EndReason, now: EpochSeconds): Promise<Ending> {
  const { id, version } = session
  const { sid, subject } = session.value
  const gone: readonly ServerChange[] = [
    { op: 'require', kind: 'session', id, expected: version },
    { op: 'delete', kind: 'session', id },
  ]
  if (subject === undefined) return { changes: gone, ended: [], deliveries: [], frames: [] }
  const mark: EndedSessionRecord = { state: 'ending', sid, subject, endedAt: now }
  const ended: Stored<EndedSessionRecord> = { id: newRecordId(), version: 1, value: mark, expiresAt: undefined }
  // What is there by now, one page of it: nearly always that is all, and then it ends in the very same commit.
  const under = await below(ground, mark, undefined)
  return {
    changes: [
      ...gone,
      ...under.changes,
      { op: 'insert', kind: 'ended_session', id: ended.id, value: mark },
      event('session.ended', now, { subject }, { reason, sid }),
    ],
    ended: [ended],
    deliveries: under.deliveries,
    frames: under.frames,
  }
}

/** Ends what came between the reading and the commit of an ending, and what did not fit into it; then clients are told. @returns more frames */
export async function finishEnding(ground: EndingGround, { ended, deliveries }: Ending): Promise<readonly Frame[]> {
  ground.logouts.begin(deliveries)
  const frames = await Promise.all(ended.map((one) => finishOne(ground, one)))
  return frames.flat()
}

async function finishOne(ground: EndingGround, { id, value }: Stored<EndedSessionRecord>): Promise<readonly Frame[]> {
  const frames: Frame[] = []
  let after: string | undefined
  for (let lost = 0; lost < TRIES;) {
    const under = await below(ground, value, after)
    const last: readonly ServerChange[] = under.more ? [] : [{ op: 'delete', kind: 'ended_session', id }]
    if ((await ground.store.commit([...under.changes, ...last])) !== 'committed') {
      // Another server is at it as well.
      lost++
      continue
    }
    ground.logouts.begin(under.deliveries)
    frames.push(...under.frames)
    if (!under.more) return frames
    after = under.after
  }
  return frames
}

export interface Ended {
  /** The records that are gone, ended by this call or by another tab meanwhile. */
  readonly ids: readonly string[]
  readonly frames: readonly Frame[]
}

/**
 * Ends sessions: one function for the person who signs out, for the account page and for operators.
 *
 * @throws {StoreUnavailable} nothing has ended; once the session itself is gone, what is left of it ends later and nothing is thrown
 */
export async function endSessions(ground: EndingGround, sessions: readonly Session[], reason: EndReason): Promise<Ended> {
  const ids = sessions.map(({ id }) => id)
  let left = sessions
  for (let tries = 0; tries < TRIES; tries++) {
    if (left.length === 0) return { ids, frames: [] }
    const ending = await endingOf(ground, left, reason, ground.clock.now())
    if ((await ground.store.commit(ending.changes)) === 'committed')
      return { ids, frames: [...ending.frames, ...(await finishedOrLater(ground, ending))] }
    // Another tab moved its idle end, signed out too, or was given a code for another client.
    const again = await Promise.all(left.map((session) => asItIsNow(ground, session)))
    left = again.filter((one) => one !== undefined)
    ids.push(...left.map(({ id }) => id).filter((id) => !ids.includes(id)))
  }
  throw new StoreUnavailable('a session changed again and again while it was to end')
}

/** A session that is gone has ended, or goes on by its `sid` in another one: the same person signed in anew in another tab. */
async function asItIsNow({ store }: EndingGround, { id, value: { sid, subject } }: Session): Promise<Session | undefined> {
  const same = await store.read('session', id)
  if (same !== undefined || subject === undefined) return same
  for (let after: string | undefined; ;) {
    const { items, next } = await store.list('session', 'subject', subject, { limit: 200, ...(after !== undefined && { after }) })
    const found = items.find(({ value }) => value.sid === sid)
    if (found !== undefined || next === undefined) return found
    after = next
  }
}

/** `finishEnding`, for whoever has more to do: what a store that fails now leaves behind is ended later. */
export async function finishedOrLater(ground: EndingGround, ending: Ending): Promise<readonly Frame[]> {
  try {
    return await finishEnding(ground, ending)
  } catch (fault) {
    ground.log.error('a session ended, and what stood under it ends later', { fault: String(fault) })
    return []
  }
}

/** After so many seconds, an ending that is not finished was left behind. */
const LEFT_BEHIND = 30

/** Finishes what a server began that is no more. */
export async function resumeEndings(ground: EndingGround): Promise<void> {
  const { items } = await ground.store.list('ended_session', 'state', 'ending', { limit: 100 })
  for (const one of items) if (one.value.endedAt + LEFT_BEHIND <= ground.clock.now()) await finishOne(ground, one)
}
