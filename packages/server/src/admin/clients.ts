import type { Clock } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'
import { event } from '../events.ts'
import { moved } from '../keys/followed.ts'
import type { ServerStore } from '../records.ts'
import { removal } from '../registration/registered-clients.ts'

/** Stored clients, which an operator adds and removes while servers run; configured ones are not here. */
export async function listStoredClients(store: ServerStore): Promise<readonly Client[]> {
  const found: Client[] = []
  let after: string | undefined
  do {
    const page = await store.list('client', 'kind', 'client', { limit: 1000, ...(after !== undefined && { after }) })
    found.push(...page.items.map((item) => item.value.client))
    after = page.next
  } while (after !== undefined)
  return found
}

/** @returns `exists` when a stored client has that client_id */
export async function addStoredClient(store: ServerStore, client: Client, clock: Clock): Promise<'added' | 'exists'> {
  const now = clock.now()
  for (;;) {
    const outcome = await store.commit([
      { op: 'insert', kind: 'client', id: client.clientId, value: { kind: 'client', client, createdAt: now } },
      await moved(store, 'clients', now),
      event('client.added', now, { clientId: client.clientId }, { profile: client.profile }),
    ])
    if (outcome === 'committed') return 'added'
    if (outcome.conflict.kind === 'client') return 'exists'
  }
}

/** Removes the client; every running server refuses it within a second. Grants, refresh tokens and consents go in the same commit. */
export async function removeStoredClient(store: ServerStore, clientId: string, clock: Clock): Promise<'removed' | 'unknown'> {
  const now = clock.now()
  for (;;) {
    const record = await store.read('client', clientId)
    if (record === undefined) return 'unknown'
    const registration = await store.read('registration', clientId)
    if (registration !== undefined) {
      if ((await store.commit(await removal(store, registration, now, 'operator'))) === 'committed') return 'removed'
      continue
    }
    const outcome = await store.commit([
      { op: 'require', kind: 'client', id: clientId, expected: record.version },
      { op: 'delete', kind: 'client', id: clientId },
      { op: 'deleteBy', kind: 'grant', index: 'clientId', value: clientId },
      { op: 'deleteBy', kind: 'refresh_family', index: 'clientId', value: clientId },
      // What people allowed was for that client: whoever gets its client_id next asks them anew.
      { op: 'deleteBy', kind: 'consent', index: 'clientId', value: clientId },
      await moved(store, 'clients', now),
      event('client.removed', now, { clientId }),
    ])
    if (outcome === 'committed') return 'removed'
  }
}
