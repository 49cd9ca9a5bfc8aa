import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { GrantRecord } from '../records.ts'
import type { ReadAccessToken } from '../tokens/read-access-token.ts'

/**
 * Whether what an access token stands on is still there: its client, its grant, its person, and that it was not revoked
 * by itself. Revocation is immediate at home (design §6), so each is read every time.
 */
export async function isLive(as: AuthorizationServer, read: ReadAccessToken, now: EpochSeconds): Promise<boolean> {
  const [client, standing, person] = await Promise.all([
    as.clients.find(read.clientId),
    read.ofClient ? notRevoked(as, read) : liveGrant(as, read.grantId, now).then((grant) => grant !== undefined),
    read.ofClient && read.subject === read.clientId ? true : personIsThere(as, read.subject),
  ])
  return client !== undefined && standing && person
}

/** An opaque token that was revoked has no record any more, and was not read at all. */
async function notRevoked(as: AuthorizationServer, { jti, recordId }: ReadAccessToken): Promise<boolean> {
  return recordId !== undefined || (await as.store.read('revoked_token', jti)) === undefined
}

export async function liveGrant(as: AuthorizationServer, grantId: string | undefined, now: EpochSeconds): Promise<GrantRecord | undefined> {
  const grant = grantId === undefined ? undefined : await as.store.read('grant', grantId)
  return grant === undefined || (grant.expiresAt ?? Infinity) <= now ? undefined : grant.value
}

export async function personIsThere(as: AuthorizationServer, subject: string): Promise<boolean> {
  const account = await as.accounts.find(subject)
  return account !== undefined && !account.disabled
}
