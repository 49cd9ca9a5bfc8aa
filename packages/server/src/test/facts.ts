import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { DecideInput } from '../grants/grant.ts'
import type { Account, Client } from '../index.ts'
import type { GrantRecord } from '../records.ts'
import { DetailsCatalog } from '../tokens/authorization-details.ts'
import { ResourceCatalog } from '../tokens/resources.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import { DEFAULT_LIFETIMES } from '../config/lifetimes.ts'
import { ACCOUNTS_API, client, ISSUER } from './server.ts'

/** What a decision is told, as literals: no server, no store, no clock. */
export const NOW = 1_800_000_000

export const ADA: Account = { sub: 'u_ada', username: 'ada', displayName: 'Ada', claims: {}, disabled: false }

export const GRANT: GrantRecord = {
  clientId: 'web',
  subject: 'u_ada',
  sid: 'the session',
  scopes: ['openid', 'accounts:read'],
  resources: [],
  authorizationDetails: [],
  authTime: NOW - 60,
  acr: undefined,
  amr: ['pwd'],
  createdAt: NOW - 30,
}

/** For tests of `decide` only: a real one is made by `authenticateClient` alone. */
export function proven(over: Partial<Client> = {}): AuthenticatedClient {
  const one = client(over)
  return { client: one, method: one.tokenEndpointAuthMethod, instance: undefined, require: [], burn: [] } as unknown as AuthenticatedClient
}

export function holder(jkt: string): SenderConstraint {
  return {
    jkt,
    x5t: undefined,
    proof: {
      replayKey: 'used',
      replayUntil: NOW + 70,
      burn: { op: 'insert', kind: 'dpop_jti', id: 'used', value: {}, expiresAt: NOW + 70 },
    },
  }
}

/** Everything about a decision that is not the request or the facts. */
export function around(): Pick<DecideInput<unknown, unknown>, 'client' | 'binding' | 'policy' | 'ambient'> {
  return {
    client: proven(),
    binding: undefined,
    policy: {
      issuer: ISSUER,
      resources: new ResourceCatalog(ISSUER, [ACCOUNTS_API], 300),
      lifetimes: DEFAULT_LIFETIMES,
      details: new DetailsCatalog([]),
      refreshKeyId: 's1',
    },
    ambient: { now: NOW, secret: () => 'the salt', recordId: () => '0'.repeat(26) },
  }
}
