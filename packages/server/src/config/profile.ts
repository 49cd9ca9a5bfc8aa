import type { Profile } from './client.ts'

/** Whether the FAPI 2.0 Security Profile holds for a client; the one place that knows which profiles include it. */
export function underFapi({ profile }: { readonly profile: Profile }): boolean {
  return profile === 'fapi2' || profile === 'fapi2-message-signing'
}

/** Whether FAPI 2.0 Message Signing holds too: requests and responses are signed. */
export function underMessageSigning({ profile }: { readonly profile: Profile }): boolean {
  return profile === 'fapi2-message-signing'
}
