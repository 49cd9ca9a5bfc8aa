import type { Lifetimes } from '../config/options.ts'
import type { Accounts } from '../interaction/accounts.ts'
import type { StoreReader } from '@holdfast/store'
import type { Records } from '../records.ts'
import type { Standing } from './live-token.ts'
import type { ReadAccessToken } from './read-access-token.ts'
import type { RefreshToken } from './refresh-token.ts'
import type { RefreshFamilyRecord } from '../records.ts'
import type { DetailsCatalog } from './authorization-details.ts'
import type { ResourceCatalog } from './resources.ts'
import type { TrustedAssertions } from './trusted-assertions.ts'

/** An access token that was read and whose client, grant and person are there. */
export interface LiveToken extends Standing {
  readonly read: ReadAccessToken
}

/** What `load` may look at: it reads and verifies, and cannot write. */
export interface Sources<R extends Records = Records> {
  readonly store: StoreReader<R>
  readonly accounts: Pick<Accounts, 'find' | 'findByUsername'>
  readonly trustedAssertions: TrustedAssertions
  readonly accessTokens: {
    /** An access token of this server that has not expired, and what it stands on; undefined when it is none, or something of that is gone. */
    live(token: string): Promise<LiveToken | undefined>
  }
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
