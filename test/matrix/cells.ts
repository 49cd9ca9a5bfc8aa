import type { KeyPair } from '@holdfast/proof/node'
import { type AuthMethod, type Client, GRANT_TYPES } from '@holdfast/server'
import { KEY } from '../../packages/server/src/test/application.ts'
import { client } from '../../packages/server/src/test/server.ts'
import { GRANT_ROWS } from './grants.ts'
import { METHOD_ROWS, type MethodRow } from './methods.ts'

/** What the tokens of a client are bound to, as it registered. */
export const BINDINGS = ['no binding', 'DPoP', 'certificate'] as const
export type Binding = (typeof BINDINGS)[number]

/** A client of the matrix: one for each method and binding, registered for every grant. */
export interface Column {
  readonly title: string
  readonly method: AuthMethod
  readonly row: MethodRow
  readonly binding: Binding
  readonly client: Client
  /** The key of its DPoP proofs. */
  readonly dpop: KeyPair | undefined
}

/** Of what a server says that it has, that of which nothing stands here: whoever adds a grant or a method adds its row. */
export function unknown(names: readonly string[], rows: Readonly<Record<string, unknown>>): readonly string[] {
  return names.filter((name) => !Object.hasOwn(rows, name))
}

export function columns(methods: readonly string[]): readonly Column[] {
  return methods.flatMap((method) =>
    (METHOD_ROWS[method as AuthMethod] ?? []).flatMap((row) => BINDINGS.map((binding) => column(method as AuthMethod, row, binding))),
  )
}

function column(method: AuthMethod, row: MethodRow, binding: Binding): Column {
  const title = `${row.title} × ${binding}`
  return {
    title,
    method,
    row,
    binding,
    dpop: binding === 'no binding' ? undefined : (row.instance ?? (binding === 'DPoP' ? KEY : undefined)),
    client: client({
      clientId: title.replaceAll(/[^a-z_]+/gi, '-'),
      tokenEndpointAuthMethod: method,
      grantTypes: GRANT_TYPES,
      scopes: ['openid', 'accounts:read', 'payments'],
      backchannel: { mode: 'poll', notificationEndpoint: undefined },
      dpopBoundAccessTokens: binding === 'DPoP',
      certificateBoundAccessTokens: binding === 'certificate',
      ...row.registered,
    }),
  }
}

/** Why a cell is empty, as its client hears it; undefined for a cell that works. */
export function refusal(grantType: string, { method, row, binding }: Column): string | undefined {
  // What proves the client is a DPoP proof, and a proof always binds.
  if (row.instance !== undefined && binding === 'no binding') return '401 invalid_client'
  return method === 'none' && (GRANT_ROWS[grantType]?.confidential ?? false) ? '400 unauthorized_client' : undefined
}

/** What a client hears that leaves out what its tokens must be bound to. */
export function unboundRefusal({ row, binding }: Column): string | undefined {
  if (binding === 'no binding') return undefined
  // The same proof, or the same certificate, proves the client too.
  const proves = binding === 'DPoP' ? row.instance : row.certificate
  return proves === undefined ? '400 invalid_request' : '401 invalid_client'
}
