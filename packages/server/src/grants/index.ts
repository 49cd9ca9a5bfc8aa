import { authorizationCode } from './authorization-code.ts'
import type { RegisteredGrant } from './grant.ts'
import { refreshToken } from './refresh-token.ts'

/** Every grant type: a new one is a file and a line here. */
export const GRANTS: readonly RegisteredGrant[] = [authorizationCode, refreshToken]
