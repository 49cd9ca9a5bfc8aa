import { newRecordId } from '@holdfast/protocol/secret'
import type { Change, Kinds, OpenStore } from './index.ts'

/** Records in the manner of the product, so that the suite speaks of what is at stake. */
export type ContractRecords = {
  readonly grant: { readonly subject: string; readonly state: 'live' | 'revoked' }
  readonly token: { readonly grantId: string; readonly clientId?: string; readonly note?: string }
  readonly counter: { readonly count: number; readonly text?: string }
  readonly nonce: { readonly use: string }
}

export type ContractStore = OpenStore<ContractRecords>
export type ContractChange = Change<ContractRecords>

export const contractKinds: Kinds<ContractRecords> = {
  grant: { indexes: ['subject'], id: 'time-ordered', expires: false },
  token: { indexes: ['grantId', 'clientId'], id: 'time-ordered', expires: true },
  counter: { indexes: [], id: 'given', expires: false },
  nonce: { indexes: ['use'], id: 'given', expires: true },
}

/** Every test works under ids of its own, so that all share one store and none needs an order. */
export function newGrant(): { readonly id: string; readonly subject: string; readonly insert: ContractChange } {
  const id = newRecordId()
  const subject = `subject-of-${id}`
  return { id, subject, insert: { op: 'insert', kind: 'grant', id, value: { subject, state: 'live' } } }
}

export function insertCounter(id: string, count: number = 0): ContractChange {
  return { op: 'insert', kind: 'counter', id, value: { count } }
}

export function replaceCounter(id: string, expected: number, count: number): ContractChange {
  return { op: 'replace', kind: 'counter', id, expected, value: { count } }
}

export function insertToken(
  id: string,
  grantId: string,
  more: { readonly clientId?: string; readonly note?: string } = {},
): ContractChange {
  return { op: 'insert', kind: 'token', id, value: { grantId, ...more } }
}

export function conflictOf(kind: string, id: string): { readonly conflict: { readonly kind: string; readonly id: string } } {
  return { conflict: { kind, id } }
}
