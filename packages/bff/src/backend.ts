import type { ServerLink } from './authorization-server/server-link.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { Settings } from './settings.ts'

/** What every endpoint works with. Nothing in it changes while requests are answered. */
export interface Backend {
  readonly settings: Settings
  readonly link: ServerLink
  readonly sessions: Sessions
}
