/** Signing in and out: every client, and all that a relying party is asked. */
const SIGN_IN = {
  discovery: 'Metadata (RFC 8414, OIDC Discovery)',
  code: 'Code with PKCE, ID token',
  userinfo: 'Userinfo',
  refresh: 'Refresh',
}
const SESSION = {
  silent: 'Renewal without a question (prompt=none)',
  rp_logout: 'RP-initiated logout',
  backchannel_logout: 'Back-channel logout',
  frontchannel_logout: 'Front-channel logout',
  session: 'Session management (check_session_iframe)',
}

const REQUESTS = {
  ...SIGN_IN,
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
  ...SESSION,
}

/** What an MCP host does with the SDK, at `examples/mcp-server`: docs/standards/mcp.md. */
const MCP = {
  mcp_metadata: 'MCP-56 MCP-41: resource metadata by the challenge, by the path, at the root',
  mcp_issuer: 'MCP-02 MCP-03 MCP-04: issuer metadata at the next address when one has none',
  mcp_document: 'MCP-54 MCP-08: its document first; the person sees its domain and where she is sent',
  mcp_registration: 'MCP-54 MCP-57: else it registers, and as web where it was refused as native',
  mcp_resource: 'MCP-52 MCP-12 MCP-36: names the resource twice; the token is for no other one',
  mcp_scope: 'MCP-55 MCP-40: asks for the scopes of the metadata and gets no others',
  mcp_step_up: 'MCP-34 MCP-55: a tool that needs more: 403, a new consent with all scopes, the call goes on',
  mcp_refresh: 'MCP-13: a token that is taken no more is renewed, the refresh token with it',
  mcp_session: 'MCP-38: a session id lets nobody in',
  mcp_issuers: 'MCP-53: what one issuer gave is not shown to another',
  mcp_places: 'MCP-58: an authorization endpoint that is a script is not opened',
}

/** What every library is asked to do, by the name in its lines; a client that says nothing about one has failed it. */
export const LIBRARY = Object.keys(REQUESTS)

export const MCP_HOST = Object.keys(MCP)

export const FEATURES = { ...REQUESTS, ...MCP }

/** What is asked of a relying party: an application that signs people in, in a browser, by a library or a module. */
export const RELYING_PARTY = Object.keys({ ...SIGN_IN, ...SESSION })

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** Features that a server may not have, and how its metadata say that it has them. */
export const OFFERED = {
  exchange: (metadata) => metadata.grant_types_supported.includes(TOKEN_EXCHANGE),
  rp_logout: (metadata) => metadata.end_session_endpoint !== undefined,
  backchannel_logout: (metadata) => metadata.backchannel_logout_supported === true,
  frontchannel_logout: (metadata) => metadata.frontchannel_logout_supported === true,
  session: (metadata) => metadata.check_session_iframe !== undefined,
}
