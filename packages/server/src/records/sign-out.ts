import type { EpochSeconds } from '@holdfast/protocol/time'

/** A client that was given a code in a session and wants to know of its end (LOGO-10). */
export interface SessionClientRecord {
  readonly sid: string
  readonly clientId: string
  readonly subject: string
  /** Which way: what only the client's own document could tell is not asked while a person waits to be signed out. */
  readonly backchannel: boolean
  readonly frontchannel: boolean
  readonly createdAt: EpochSeconds
}

/** A session that ended, until all that stood under it has ended too: whoever finds it goes on where another stopped. */
export interface EndedSessionRecord {
  /** The same for all: they are listed by it. */
  readonly state: 'ending'
  readonly sid: string
  readonly subject: string
  readonly endedAt: EpochSeconds
}

/** A client that is to be told that a session ended (Back-Channel Logout §2.5); deleted when it was, or when it never will. */
export interface LogoutDeliveryRecord {
  /** The same for all: they are listed by it. */
  readonly state: 'waiting'
  readonly clientId: string
  /** As we call the person; the token says what the client calls them. */
  readonly subject: string
  readonly sid: string
  /** Tries that were begun. */
  readonly attempts: number
  /** Nobody tries before. Who tries moves it ahead first, so that of several servers one does. */
  readonly dueAt: EpochSeconds
}
