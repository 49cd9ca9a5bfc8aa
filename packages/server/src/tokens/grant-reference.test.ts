import { newRecordId } from '@holdfast/protocol/secret'
import { expect, test } from 'vitest'
import { DerivedKeys } from '../keys/derived.ts'
import { API, ISSUER } from '../test/server.ts'
import { GrantReferences } from './grant-reference.ts'

const OLD = { id: 'old', value: new Uint8Array(32).fill(1) }
const NEW = { id: 'new', value: new Uint8Array(32).fill(2) }
const references = (...secrets: { id: string; value: Uint8Array }[]): GrantReferences => new GrantReferences(new DerivedKeys(secrets))

test('REV-06 a reference leads back to its grant, for its audience alone', () => {
  const ours = references(OLD)
  for (let index = 0; index < 200; index++) {
    const grantId = newRecordId()
    const made = ours.make(grantId, API)
    expect(ours.read(made, API)).toBe(grantId)
    expect(ours.read(made, ISSUER)).not.toBe(grantId)
    expect(made).not.toContain(grantId)
    expect(ours.make(grantId, ISSUER)).not.toBe(made)
  }
})

test('it is read under an older secret, and not under one that was retired or is another', () => {
  const grantId = newRecordId()
  const made = references(OLD).make(grantId, API)
  expect(references(NEW, OLD).read(made, API)).toBe(grantId)
  expect(references(NEW).read(made, API)).toBeUndefined()
  expect(references({ ...NEW, id: 'old' }).read(made, API)).not.toBe(grantId)
})

test.each(['', '.', 'old', 'old.', 'old.short', `old.${'A'.repeat(44)}`, 'nokey.AAAAAAAAAAAAAAAAAAAAAA'])(
  '%j is no reference of ours',
  (text) => {
    expect(references(OLD).read(text, API)).toBeUndefined()
  },
)
