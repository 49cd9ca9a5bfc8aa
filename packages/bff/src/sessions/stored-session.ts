import type { Stored } from '@holdfast/store'
import type { SessionRecord } from '../records.ts'
import type { Session } from './sessions.ts'

/** A session and the version of the record that it was read from. */
export interface StoredSession extends Session {
  readonly stored: Stored<SessionRecord>
}
