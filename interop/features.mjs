/** What every client is asked to do, by the name in its lines; a client that says nothing about one has failed it. */
export const FEATURES = {
  discovery: 'Metadata (RFC 8414, OIDC Discovery)',
  code: 'Code with PKCE, ID token',
  userinfo: 'Userinfo',
  refresh: 'Refresh',
  api: 'API behind the guard, with `resource`',
  private_key_jwt: 'private_key_jwt (RFC 7523)',
  par: 'PAR (RFC 9126)',
  jar: 'JAR (RFC 9101)',
  jarm: 'JARM',
  dpop: 'DPoP with nonces at both ends (RFC 9449)',
  mtls: 'Mutual TLS, bound tokens (RFC 8705)',
  message_signing: 'FAPI 2.0 Message Signing, whole',
  client_credentials: 'Client credentials',
  device: 'Device (RFC 8628)',
  ciba: 'CIBA, poll',
  exchange: 'Token exchange (RFC 8693)',
  introspection: 'Introspection (RFC 7662)',
  revocation: 'Revocation (RFC 7009)',
  registration: 'Registration (RFC 7591)',
  resource_metadata: 'Resource metadata (RFC 9728)',
  cimd: 'Client ID metadata document',
  mcp: 'MCP tool call after all of it',
}

/** Features whose grant a server may not have: then there is nothing to run. */
export const GRANT_OF = { exchange: 'urn:ietf:params:oauth:grant-type:token-exchange' }
