import { formatHandle, newRecordId, newSecret, parseHandle, secretHash, secretMatches } from '@holdfast/protocol/secret'
import type { Clock, EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { ServerChange, ServerReader, ServerStore } from '../records.ts'

export interface NewInitialAccessToken {
  /** How many clients it may register: 1 to 10000. */
  readonly uses: number
  /** Seconds. */
  readonly lifetime: Seconds
}

/**
 * Makes an initial access token (RFC 7591 §3), for an operator to hand to who may register.
 *
 * @returns the token: shown once, kept as SHA-256
 */
export async function createInitialAccessToken(
  store: ServerStore,
  { uses, lifetime }: NewInitialAccessToken,
  clock: Clock,
): Promise<string> {
  const id = newRecordId()
  const secret = newSecret()
  const value = { secretHash: secretHash(secret), usesLeft: uses }
  await store.commit([{ op: 'insert', kind: 'initial_access_token', id, value, expiresAt: clock.now() + lifetime }])
  return formatHandle({ id, secret })
}

/** @returns the changes that use it once, of which one race has one winner; undefined when it is unknown, used up or over */
export async function useInitialAccessToken(
  store: ServerReader,
  token: string,
  now: EpochSeconds,
): Promise<readonly ServerChange[] | undefined> {
  const handle = parseHandle(token)
  const record = handle === undefined ? undefined : await store.read('initial_access_token', handle.id)
  if (!secretMatches(handle?.secret ?? '', record?.value.secretHash) || record === undefined) return undefined
  const { id, version: expected, value, expiresAt } = record
  if ((expiresAt ?? 0) <= now || value.usesLeft < 1) return undefined
  const kind = 'initial_access_token'
  return value.usesLeft === 1
    ? [
        { op: 'require', kind, id, expected },
        { op: 'delete', kind, id },
      ]
    : [{ op: 'replace', kind, id, expected, value: { ...value, usesLeft: value.usesLeft - 1 }, expiresAt }]
}
