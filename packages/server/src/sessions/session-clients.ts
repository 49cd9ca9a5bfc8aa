import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'
import type { Lifetimes } from '../config/options.ts'
import type { ServerChange, ServerReader } from '../records.ts'
import type { Session } from './session.ts'

const NONE: readonly ServerChange[] = []

export function sessionClientId(sid: string, clientId: string): string {
  return secretHash(`${sid}\n${clientId}`)
}

/**
 * What a code that is issued in a session writes beside, for a client that wants to know of its end (LOGO-10): once in a
 * session, and not at all for other clients, which cost no read either. The commit must also require the session.
 */
export function sessionClient(
  { store, lifetimes }: { readonly store: ServerReader; readonly lifetimes: Lifetimes },
  client: Client,
  session: Session,
  now: EpochSeconds,
): readonly ServerChange[] | Promise<readonly ServerChange[]> {
  return client.backchannelLogoutUri === undefined && client.frontchannelLogoutUri === undefined
    ? NONE
    : remembered(store, client, session, session.value.createdAt + lifetimes.sessionAbsolute, now)
}

async function remembered(
  store: ServerReader,
  { clientId, backchannelLogoutUri, frontchannelLogoutUri }: Client,
  { value: { sid, subject } }: Session,
  expiresAt: EpochSeconds,
  now: EpochSeconds,
): Promise<readonly ServerChange[]> {
  if (subject === undefined) return NONE
  const id = sessionClientId(sid, clientId)
  const known = await store.read('session_client', id)
  const ways = { backchannel: backchannelLogoutUri !== undefined, frontchannel: frontchannelLogoutUri !== undefined }
  if (known === undefined)
    return [{ op: 'insert', kind: 'session_client', id, value: { sid, clientId, subject, ...ways, createdAt: now }, expiresAt }]
  const same = known.value.backchannel === ways.backchannel && known.value.frontchannel === ways.frontchannel
  if (same && (known.expiresAt ?? Infinity) >= expiresAt) return NONE
  // The person proved anew who they are, and the session ends later than it did; or the client wants to be told another way.
  return [{ op: 'replace', kind: 'session_client', id, expected: known.version, value: { ...known.value, ...ways }, expiresAt }]
}
