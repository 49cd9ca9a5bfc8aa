import type { Lifetimes } from '../config/options.ts'
import type { Account } from '../interaction/accounts.ts'
import type { StoreReader } from '@holdfast/store'
import type { Records } from '../records.ts'
import type { RefreshToken } from './refresh-token.ts'
import type { RefreshFamilyRecord } from '../records.ts'
import type { DetailsCatalog } from './authorization-details.ts'
import type { ResourceCatalog } from './resources.ts'

/** What `load` may look at: it reads and verifies, and cannot write. */
export interface Sources<R extends Records = Records> {
  readonly store: StoreReader<R>
  readonly accounts: { find(sub: string): Promise<Account | undefined> }
  readonly refreshTokens: {
    verify(token: RefreshToken, family: RefreshFamilyRecord | undefined): 'genuine' | 'forged' | 'retired'
  }
}

/** The rules of this server that a decision follows. */
export interface Policy {
  readonly issuer: string
  readonly resources: ResourceCatalog
  readonly details: DetailsCatalog
  readonly lifetimes: Lifetimes
  /** The id of the key that new refresh tokens are made under. */
  readonly refreshKeyId: string
}
