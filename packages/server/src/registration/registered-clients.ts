import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import { event } from '../events.ts'
import { moved } from '../keys/followed.ts'
import type { RegistrationRecord, ServerChange, ServerReader, ServerStore } from '../records.ts'

/** Where it is counted how many clients are registered: in the commit of each, so that no race exceeds the limit. */
const COUNTER = 'registered-clients'

/** @returns undefined when that would be more than `most` */
export async function countedIn(store: ServerReader, most: number): Promise<ServerChange | undefined> {
  const counter = await store.read('counter', COUNTER)
  const count = (counter?.value.count ?? 0) + 1
  if (count > most) return undefined
  return counter === undefined
    ? { op: 'insert', kind: 'counter', id: COUNTER, value: { count } }
    : { op: 'replace', kind: 'counter', id: COUNTER, expected: counter.version, value: { count } }
}

async function countedOut(store: ServerReader): Promise<readonly ServerChange[]> {
  const counter = await store.read('counter', COUNTER)
  if (counter === undefined) return []
  const value = { count: Math.max(counter.value.count - 1, 0) }
  return [{ op: 'replace', kind: 'counter', id: COUNTER, expected: counter.version, value }]
}

/** The end of a registered client: with its grants, refresh tokens and consents (REG-22), known to every server within a second. */
export async function removal(
  store: ServerReader,
  registration: Stored<RegistrationRecord>,
  now: EpochSeconds,
  by: 'client' | 'operator' | 'unused',
): Promise<readonly ServerChange[]> {
  const { id } = registration
  return [
    { op: 'require', kind: 'registration', id, expected: registration.version },
    { op: 'delete', kind: 'registration', id },
    { op: 'delete', kind: 'client', id },
    { op: 'deleteBy', kind: 'grant', index: 'clientId', value: id },
    { op: 'deleteBy', kind: 'refresh_family', index: 'clientId', value: id },
    { op: 'deleteBy', kind: 'consent', index: 'clientId', value: id },
    ...(await countedOut(store)),
    await moved(store, 'clients', now),
    event('client.removed', now, { clientId: id }, { by }),
  ]
}

/** Looked at in one sweep; the rest comes with the next one. */
const PAGE = 1000

/**
 * Ends open registrations that nobody used: strangers fill the store for a while at most. One that a person allowed
 * something is kept from then on. What another server changed meanwhile is left to the next sweep.
 */
export async function sweepUnused(store: ServerStore, now: EpochSeconds, unusedAfter: Seconds): Promise<number> {
  let removed = 0
  let after: string | undefined
  do {
    const page = await store.list('registration', 'standing', 'unproven', { limit: PAGE, ...(after !== undefined && { after }) })
    for (const one of page.items) {
      if (one.value.createdAt + unusedAfter > now) continue
      if (await isUsed(store, one.id)) {
        const value: RegistrationRecord = { ...one.value, standing: 'kept' }
        await store.commit([{ op: 'replace', kind: 'registration', id: one.id, expected: one.version, value }])
      } else if ((await store.commit(await removal(store, one, now, 'unused'))) === 'committed') removed++
    }
    after = page.next
  } while (after !== undefined)
  return removed
}

async function isUsed(store: ServerReader, clientId: string): Promise<boolean> {
  const [consents, grants] = await Promise.all([
    store.list('consent', 'clientId', clientId, { limit: 1 }),
    store.list('grant', 'clientId', clientId, { limit: 1 }),
  ])
  return consents.items.length > 0 || grants.items.length > 0
}
