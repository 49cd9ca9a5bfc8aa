import { newRecordId } from '@holdfast/protocol/secret'
import type { Stored } from '@holdfast/store'
import type { Client } from '../config/client.ts'
import type { Log } from '../config/options.ts'
import { event } from '../events.ts'
import type { EndedSessionRecord, GrantRecord, LogoutDeliveryRecord, ServerChange, ServerReader, SessionClientRecord } from '../records.ts'

export type Delivery = Stored<LogoutDeliveryRecord>

/** A client to be told in a frame of the person's browser. */
export interface Frame {
  readonly clientName: string
  readonly uri: string
  /** As the client knows the session. */
  readonly sid: string
}

/** Where what stands under a session is looked up. */
export interface Ground {
  readonly store: ServerReader
  readonly log: Log
  readonly clients: { find(clientId: string): Promise<{ readonly client: Client } | undefined> }
  readonly subjects: { sidFor(client: Client, sid: string): string }
  /** Back-Channel Logout §2.7: refresh tokens without `offline_access` end with the session (LOGO-14). */
  readonly endsRefreshTokens: boolean
}

export interface UnderSession {
  readonly changes: readonly ServerChange[]
  readonly deliveries: readonly Delivery[]
  readonly frames: readonly Frame[]
  /** Whether there was more than a page of anything, so that this must be asked again, from `after`. */
  readonly more: boolean
  readonly after: string | undefined
}

/** Of each kind in one commit. */
const PAGE = 100
/** How long a client is tried to be told, in seconds. */
const KEPT = 4 * 60 * 60

/**
 * One page of what ends with a session: its grants, and the clients to be told, each of which is told once. All that has its
 * `sid` is of it: that goes on only in a session which is there at the commit (`Sessions.open`). When something was made is
 * not asked: clocks of servers differ, and what the fastest of them gave would outlive the sign-out.
 */
export async function below(ground: Ground, ended: EndedSessionRecord, after: string | undefined): Promise<UnderSession> {
  const { sid } = ended
  const { store } = ground
  const [grants, parties] = await Promise.all([
    store.list('grant', 'sid', sid, { limit: PAGE, ...(after !== undefined && { after }) }),
    store.list('session_client', 'sid', sid, { limit: PAGE }),
  ])
  const found = await Promise.all(parties.items.map((party) => toldOf(ground, party, ended)))
  return {
    changes: [
      ...found.flatMap(({ changes }) => changes),
      ...grants.items.filter((grant) => endsWith(ground, grant)).flatMap((grant) => grantEnd(grant, ended)),
    ],
    deliveries: found.flatMap(({ delivery }) => delivery),
    frames: found.flatMap(({ frame }) => frame),
    more: grants.next !== undefined || parties.next !== undefined,
    after: grants.next ?? grants.items.at(-1)?.id ?? after,
  }
}

/**
 * A code that waits to be redeemed ends whatever was granted: its first tokens would be those of a session that is over.
 * Redeemed, with `offline_access`, a grant was made to outlive the session.
 */
function endsWith({ endsRefreshTokens }: Ground, { version, value }: Stored<GrantRecord>): boolean {
  return version === 1 || (endsRefreshTokens && !value.scopes.includes('offline_access'))
}

function grantEnd({ id, value }: Stored<GrantRecord>, { endedAt }: EndedSessionRecord): readonly ServerChange[] {
  const { clientId, subject } = value
  return [
    { op: 'delete', kind: 'grant', id },
    { op: 'deleteBy', kind: 'refresh_family', index: 'grantId', value: id },
    event('grant.revoked', endedAt, { clientId, subject }, { by: 'session' }),
  ]
}

interface Told {
  readonly changes: readonly ServerChange[]
  readonly delivery: readonly Delivery[]
  readonly frame: readonly Frame[]
}

async function toldOf({ clients, subjects }: Ground, party: Stored<SessionClientRecord>, { endedAt }: EndedSessionRecord): Promise<Told> {
  const { clientId, sid, subject, backchannel, frontchannel } = party.value
  const client = frontchannel ? (await clients.find(clientId))?.client : undefined
  const gone: readonly ServerChange[] = [
    { op: 'require', kind: 'session_client', id: party.id, expected: party.version },
    { op: 'delete', kind: 'session_client', id: party.id },
  ]
  const frame =
    client?.frontchannelLogoutUri === undefined
      ? []
      : [{ clientName: client.clientName, uri: client.frontchannelLogoutUri, sid: subjects.sidFor(client, sid) }]
  if (!backchannel) return { changes: gone, delivery: [], frame }
  const value: LogoutDeliveryRecord = { state: 'waiting', clientId, subject, sid, attempts: 0, dueAt: endedAt }
  const delivery: Delivery = { id: newRecordId(), version: 1, value, expiresAt: endedAt + KEPT }
  const { id, expiresAt } = delivery
  return { changes: [...gone, { op: 'insert', kind: 'logout_delivery', id, value, expiresAt }], delivery: [delivery], frame }
}
