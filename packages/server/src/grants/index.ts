import { authorizationCode } from './authorization-code.ts'
import { ciba } from './ciba.ts'
import { clientCredentials } from './client-credentials.ts'
import { deviceCode } from './device-code.ts'
import type { RegisteredGrant } from './grant.ts'
import { jwtBearer } from './jwt-bearer.ts'
import { refreshToken } from './refresh-token.ts'
import { tokenExchange } from './token-exchange.ts'

/** Every grant type: a new one is a file and a line here. */
export const GRANTS: readonly RegisteredGrant[] = [
  authorizationCode,
  refreshToken,
  clientCredentials,
  deviceCode,
  ciba,
  jwtBearer,
  tokenExchange,
]

/** `grant_type` of each built-in one: what `grant_types` of a client may name. */
export const GRANT_TYPES: readonly string[] = GRANTS.map((grant) => grant.type)
