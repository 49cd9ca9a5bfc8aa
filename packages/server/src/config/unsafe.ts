import type { Client } from './client.ts'

/** What weakens, by the name an operator wrote: said at every start and by `holdfast check-config`. */
const UNSAFE: readonly { readonly option: string; readonly on: (client: Client) => boolean }[] = [
  { option: 'unsafe_legacy_assertion_audience', on: (client) => client.unsafeLegacyAssertionAudience },
  { option: 'unsafe_without_pkce', on: (client) => client.unsafeWithoutPkce },
]

/** The unsafe options that a client has on. */
export function unsafeOptionsOf(client: Client): readonly string[] {
  return UNSAFE.filter(({ on }) => on(client)).map(({ option }) => option)
}
