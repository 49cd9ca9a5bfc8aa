/** Scopes that the issuer's own userinfo endpoint understands (OpenID Connect Core §5.4), and `offline_access` (§11). */
export const OPENID_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']
