import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Client } from '../config/client.ts'
import { isProtocolClaim, mayHaveClaim } from '../tokens/claims.ts'
import { type ClaimRequest, type ClaimsRequest, parseClaims } from './claims-request.ts'

/** The `claims` parameter. Without `openid` it is none of ours (OIDC-02). */
export function claimsOf(form: Form, client: Client, scopes: readonly string[]): ClaimsRequest | OAuthError | undefined {
  const sent = scopes.includes('openid') ? form.one('claims') : undefined
  const claims = typeof sent === 'string' ? parseClaims(sent) : sent
  return claims === undefined || claims instanceof OAuthError ? claims : narrowedClaims(claims, client)
}

/**
 * Of what a client asks for, what it may have: the person is asked for that, and never for more. What the protocol itself says,
 * such as `sub` and `acr`, stays as it was asked.
 */
function narrowedClaims({ userinfo, idToken }: ClaimsRequest, client: Client): ClaimsRequest {
  const allowed = (asked: Readonly<Record<string, ClaimRequest>>): Readonly<Record<string, ClaimRequest>> =>
    Object.fromEntries(Object.entries(asked).filter(([name]) => isProtocolClaim(name) || mayHaveClaim(client, name)))
  return { userinfo: allowed(userinfo), idToken: allowed(idToken) }
}
