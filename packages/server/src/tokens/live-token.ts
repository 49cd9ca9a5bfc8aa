import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { Client } from '../config/client.ts'
import type { Accounts } from '../interaction/accounts.ts'
import type { GrantRecord, ServerReader } from '../records.ts'
import type { ReadAccessToken } from './read-access-token.ts'
import { isPairwise } from './subjects.ts'

/** Where what a token stands on is looked up. */
export interface Ground {
  readonly store: ServerReader
  readonly accounts: Pick<Accounts, 'find'>
  /** A client that is unknown, removed or disabled is not found. */
  readonly clients: { find(clientId: string): Promise<{ readonly client: Client } | undefined> }
}

/** What a token stands on, as it was read. */
export interface Standing {
  /** Whom it is about, by our own name: a person, or a client that acts for itself. */
  readonly subject: string
  /** The client it was issued to. */
  readonly client: Client
  /** Undefined for a token that a client got for itself. */
  readonly grant: Stored<GrantRecord> | undefined
}

/**
 * Whether what an access token stands on is still there: its client, its grant, its person, and that neither it nor one
 * that it was exchanged from was revoked by itself. Revocation is immediate at home (design §6), so each is read every time.
 *
 * @returns undefined when something of it is gone
 */
export async function liveStanding(ground: Ground, read: ReadAccessToken, now: EpochSeconds): Promise<Standing | undefined> {
  // By two reads at once, but for a pairwise client, whose token does not say whom it is about.
  const known = isPairwise(read.sub) ? undefined : subjectIsThere(ground, read, read.sub)
  const [standing, there] = await Promise.all([standingOf(ground, read, now), known])
  if (standing === undefined) return undefined
  return (there ?? (await subjectIsThere(ground, read, standing.subject))) ? standing : undefined
}

/** All but the person: for who reads the account anyway. */
export async function standingOf(ground: Ground, read: ReadAccessToken, now: EpochSeconds): Promise<Standing | undefined> {
  const [client, grant, revoked] = await Promise.all([
    ground.clients.find(read.clientId),
    read.ofClient ? undefined : liveGrant(ground, read.grantId, now),
    isRevoked(ground, read),
  ])
  if (client === undefined || revoked || (grant === undefined && !read.ofClient)) return undefined
  const subject = isPairwise(read.sub) ? grant?.value.subject : read.sub
  if (subject === undefined) return undefined
  // An exchanged token stands under the grant of another client, which may be gone while the one that exchanged it is there.
  if (grant !== undefined && grant.value.clientId !== read.clientId && (await ground.clients.find(grant.value.clientId)) === undefined)
    return undefined
  return { grant, subject, client: client.client }
}

/** By itself, not by the end of its grant: only what has no grant, or not one of its own, is marked. */
async function isRevoked({ store }: Ground, read: ReadAccessToken): Promise<boolean> {
  const { jti, recordId, ofClient, exchangedFrom } = read
  // An opaque token that was revoked has no record any more, and was not read at all.
  const own = recordId === undefined && (ofClient || exchangedFrom.length > 0) ? [jti] : []
  const marks = await Promise.all([...own, ...exchangedFrom].map((name) => store.read('revoked_token', name)))
  return marks.some((mark) => mark !== undefined)
}

async function subjectIsThere(ground: Ground, { ofClient, clientId }: ReadAccessToken, subject: string): Promise<boolean> {
  if (ofClient && (subject === clientId || (await ground.clients.find(subject)) !== undefined)) return true
  return personIsThere(ground, subject)
}

export async function liveGrant(
  { store }: Pick<Ground, 'store'>,
  grantId: string | undefined,
  now: EpochSeconds,
): Promise<Stored<GrantRecord> | undefined> {
  const grant = grantId === undefined ? undefined : await store.read('grant', grantId)
  return grant === undefined || (grant.expiresAt ?? Infinity) <= now ? undefined : grant
}

export async function personIsThere({ accounts }: Pick<Ground, 'accounts'>, subject: string): Promise<boolean> {
  const account = await accounts.find(subject)
  return account !== undefined && !account.disabled
}
