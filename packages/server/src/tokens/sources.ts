import type { Seconds } from '@holdfast/protocol/time'
import type { Lifetimes } from '../config/options.ts'
import type { Account } from '../interaction/accounts.ts'
import type { ServerReader } from '../records.ts'
import type { RefreshToken } from './refresh-token.ts'
import type { RefreshFamilyRecord } from '../records.ts'
import type { ResourceCatalog } from './resources.ts'

/** What `load` may look at: it reads and verifies, and cannot write. */
export interface Sources {
  readonly store: ServerReader
  readonly accounts: { find(sub: string): Promise<Account | undefined> }
  readonly refreshTokens: {
    verify(token: RefreshToken, family: RefreshFamilyRecord | undefined): 'genuine' | 'forged' | 'retired'
  }
}

/** The rules of this server that a decision follows. */
export interface Policy {
  readonly issuer: string
  readonly resources: ResourceCatalog
  readonly lifetimes: Lifetimes
  /** The id of the key that new refresh tokens are made under. */
  readonly refreshKeyId: string
}

export const DEFAULT_LIFETIMES: Lifetimes = {
  authorizationCode: 60,
  pushedRequest: 300,
  interaction: 1800,
  accessToken: 300,
  idToken: 300,
  refreshTokenGrace: 10,
  refreshTokenAbsolute: days(30),
  refreshTokenIdle: days(7),
  sessionAbsolute: 12 * 3600,
  sessionIdle: 2 * 3600,
}

function days(count: number): Seconds {
  return count * 24 * 60 * 60
}
