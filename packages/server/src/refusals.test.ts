import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type OpenStore, StoreUnavailable } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { expect, test } from 'vitest'
import type { AuditEventRecord } from './records.ts'
import { type Records, serverKinds } from './index.ts'
import { Refusals } from './refusals.ts'

const WRONG = new OAuthError('invalid_client', 'no', { rule: 'CAUTH-05' })

function counted(): {
  readonly refusals: Refusals
  readonly lines: unknown[]
  readonly told: AuditEventRecord['detail'][]
  up: boolean
} {
  const store = openMemoryStore(serverKinds)
  const lines: unknown[] = []
  const told: AuditEventRecord['detail'][] = []
  const state = { up: true }
  const watched: OpenStore<Records> = {
    read: (kind, id) => store.read(kind, id),
    list: (kind, index, value, page) => store.list(kind, index, value, page),
    purge: (now) => store.purge(now),
    close: () => store.close(),
    commit(changes) {
      if (!state.up) return Promise.reject(new StoreUnavailable('away'))
      for (const change of changes) if (change.op === 'insert' && change.kind === 'audit_event') told.push(change.value.detail)
      return store.commit(changes)
    },
  }
  const line = (_event: string, fields?: unknown): void => void lines.push(fields)
  return Object.assign(state, { refusals: new Refusals(watched, { info: line, warn: line, error: line }), lines, told })
}

test('design §6 Audit events: a stranger who makes up clients neither mutes the log nor uses up the counters of others', async () => {
  const one = counted()
  for (let index = 0; index < 1000; index++) one.refusals.count(WRONG, 'token', `made-up-${index}`, '198.51.100.7')
  expect(one.lines.length).toBe(21)
  one.refusals.count(WRONG, 'token', 'web', '192.0.2.1')
  expect(one.lines.at(-1)).toMatchObject({ clientId: 'web', address: '192.0.2.0/24' })
  await one.refusals.flush(1)
  expect(one.told[0]).toMatchObject({
    'token invalid_client CAUTH-05 made-up-0 198.51.100.0/24': 1,
    'token invalid_client CAUTH-05 * 198.51.100.0/24': 980,
    'token invalid_client CAUTH-05 web 192.0.2.0/24': 1,
  })
})

test('design §6 Audit events: what could not be stored waits, and is stored with what came meanwhile', async () => {
  const one = counted()
  one.refusals.count(WRONG, 'token', 'web', '192.0.2.1')
  one.up = false
  await expect(one.refusals.flush(1)).rejects.toBeInstanceOf(StoreUnavailable)
  one.refusals.count(WRONG, 'token', 'web', '192.0.2.1')
  one.up = true
  await one.refusals.flush(2)
  expect(one.told).toEqual([{ 'token invalid_client CAUTH-05 web 192.0.2.0/24': 2 }])
})
