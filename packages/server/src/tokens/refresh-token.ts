import { equalSecrets } from '@holdfast/protocol/secret'
import type { RefreshFamilyRecord } from '../records.ts'
import { type DerivedKeys, mac } from '../keys/derived.ts'

/** A refresh token taken apart; nothing is believed before `genuine`. */
export interface RefreshToken {
  readonly keyId: string
  readonly familyId: string
  readonly generation: number
  readonly mac: string
}

const FORM = /^([A-Za-z0-9_-]{1,32})\.([0-9a-hjkmnp-tv-z]{26})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})$/

/** key id . family id . generation . MAC (design §6): a rotation is one conditional replace, and nothing secret is stored. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const parts = FORM.exec(text)
  if (parts === null) return undefined
  return { keyId: parts[1] as string, familyId: parts[2] as string, generation: Number(parts[3]), mac: parts[4] as string }
}

export function formatRefreshToken(keys: DerivedKeys, familyId: string, generation: number, salt: string, keyId: string): string {
  const key = keys.find('refresh', keyId)
  if (key === undefined) throw new Error(`refresh key ${keyId} is not configured`)
  return `${keyId}.${familyId}.${generation}.${mac(key, text(familyId, generation, salt))}`
}

/**
 * Whether we made this token for this family: `retired` when its key is no longer configured, which is
 * refused but is no theft (design §6, Derived keys).
 */
export function genuine(keys: DerivedKeys, token: RefreshToken, family: RefreshFamilyRecord | undefined): 'genuine' | 'forged' | 'retired' {
  const key = keys.find('refresh', token.keyId)
  if (key === undefined) return 'retired'
  // The MAC is computed for an unknown family too: its absence must not show in the time.
  const expected = mac(key, text(token.familyId, token.generation, family?.salt ?? ''))
  return equalSecrets(expected, token.mac) && family !== undefined ? 'genuine' : 'forged'
}

function text(familyId: string, generation: number, salt: string): string {
  return `${familyId}.${generation}.${salt}`
}
